/** One output of a cell, as notebooks keep it. */

import type { Dict } from "../kernel/messages";

export interface Output {
  output_type: string;
  /** Of a stream: "stdout" or "stderr". */
  name?: string;
  text?: string | string[];
  /** Of a display: contents by their media type. */
  data?: Dict;
  metadata?: Dict;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/** Text may be kept as a list of lines. */
export function joined(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text ?? "");
}

/** As a terminal shows it: after a carriage return, a line is written anew. */
export function overwritten(text: string): string {
  return text.replace(/\r+\n/g, "\n").replace(/[^\n]*\r(?=[^\n])/g, ""); // a return at the very end counts when more text comes
}

/** Without the codes that colour text in a terminal. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such codes begin with one
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r$/gm, "");
}
