/** Messages of Jupyter's protocol, as far as widgets need it. */

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

/** 32 hexadecimal digits: names that nobody else gives. */
export function newId(): string {
  // crypto.randomUUID is missing on a page that comes over plain HTTP from another machine.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
