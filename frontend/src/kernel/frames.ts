/**
 * A message as the bytes of `v1.kernel.websocket.jupyter.org`: how many offsets follow, the offsets (64 bits each,
 * little endian), then the channel's name, four JSON texts and any number of binary buffers. Each part lies between
 * two offsets.
 */

import type { Channel, Dict, Header, Message } from "./messages";

const WORD = 8;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function bytesOf(part: ArrayBuffer | ArrayBufferView): Uint8Array {
  // A view may be of a part of its buffer.
  return ArrayBuffer.isView(part)
    ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    : new Uint8Array(part);
}

/** The bytes of a message, to be sent in one frame. */
export function encode(message: Message): Uint8Array<ArrayBuffer> {
  const { channel, header, parent_header, metadata, content, buffers } = message;
  const texts = [header, parent_header, metadata, content].map((part) => encoder.encode(JSON.stringify(part)));
  const parts = [encoder.encode(channel), ...texts, ...buffers.map(bytesOf)];
  const offsets = [WORD * (parts.length + 2)];
  for (const part of parts) {
    offsets.push(offsets[offsets.length - 1]! + part.byteLength);
  }
  const frame = new Uint8Array(offsets[offsets.length - 1]!);
  const words = new DataView(frame.buffer);
  [offsets.length, ...offsets].forEach((word, at) => words.setBigUint64(WORD * at, BigInt(word), true));
  parts.forEach((part, at) => frame.set(part, offsets[at]!));
  return frame;
}

/** The message in a frame. Its buffers are copies: what keeps one of them doesn't keep the whole frame. */
export function decode(frame: ArrayBuffer): Message {
  const words = new DataView(frame);
  const count = Number(words.getBigUint64(0, true));
  const offsets = Array.from({ length: count }, (_, at) => Number(words.getBigUint64(WORD * (at + 1), true)));
  const text = (at: number): string => {
    const start = offsets[at]!;
    return decoder.decode(new Uint8Array(frame, start, offsets[at + 1]! - start));
  };
  return {
    channel: text(0) as Channel,
    header: JSON.parse(text(1)) as Header,
    parent_header: JSON.parse(text(2)) as Partial<Header>,
    metadata: JSON.parse(text(3)) as Dict,
    content: JSON.parse(text(4)) as Dict,
    buffers: offsets.slice(5, -1).map((start, at) => new DataView(frame.slice(start, offsets[at + 6]!))),
  };
}
