/** Messages of Jupyter's protocol, as far as widgets need it. */

import { newId } from "../shared/id";

/** How they are framed on a websocket, by the name that the server knows; see `frames.ts`. */
export const PROTOCOL = "v1.kernel.websocket.jupyter.org";

export type Channel = "shell" | "control" | "iopub" | "stdin";
export type Dict = Record<string, unknown>;
export type Buffers = readonly (ArrayBuffer | ArrayBufferView)[];

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export interface Message {
  channel: Channel;
  header: Header;
  parent_header: Partial<Header>;
  metadata: Dict;
  content: Dict;
  buffers: Buffers;
}

/** A message that is about to leave. */
export function newMessage(
  session: string,
  channel: Channel,
  type: string,
  content: Dict,
  metadata: Dict = {},
  buffers: Buffers = [],
): Message {
  const header = {
    msg_id: newId(),
    msg_type: type,
    session,
    username: "",
    date: new Date().toISOString(),
    version: "5.3",
  };
  return { channel, header, parent_header: {}, metadata, content, buffers };
}

/** Whether the kernel is gone: one that is started again in its place knows nothing of this page. */
export function isDeath({ channel, header, content }: Message): boolean {
  const state = content.execution_state;
  return channel === "iopub" && header.msg_type === "status" && (state === "dead" || state === "restarting");
}
