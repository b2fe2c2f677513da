/**
 * What is on its way to the kernel, in order. A message is kept until the kernel has said that it works on it: what
 * was handed to a socket that then died may have been lost on the way, and nothing else can tell.
 */

import { encode } from "./frames";
import type { Message } from "./messages";

const TRIES = 3; // a message that cuts the line each time, being larger than the server takes, would block the rest

interface Parcel {
  id: string;
  frame: Uint8Array<ArrayBuffer>;
  tries: number;
}

export class Outbox {
  private waiting: Parcel[] = [];
  private underway = new Map<string, Parcel>();

  add(message: Message): void {
    this.waiting.push({ id: message.header.msg_id, frame: encode(message), tries: 0 });
  }

  /** Hand everything that waits to an open socket. */
  flush(socket: WebSocket): void {
    while (socket.readyState === WebSocket.OPEN && this.waiting.length > 0) {
      const parcel = this.waiting.shift()!;
      socket.send(parcel.frame);
      parcel.tries += 1;
      this.underway.set(parcel.id, parcel);
    }
  }

  /** The kernel speaks of a message, so it has it. */
  confirm(id: string): void {
    this.underway.delete(id);
  }

  /**
   * After a cut: what the kernel didn't speak of is sent again, before the rest. If it had come through after all, the
   * kernel drops the copy: Jupyter's guard against replayed messages knows it by its signature.
   */
  requeueUnconfirmed(): void {
    const lost = [...this.underway.values()];
    this.underway.clear();
    this.waiting.unshift(...lost.filter(({ tries }) => tries < TRIES));
    for (const { frame } of lost.filter(({ tries }) => tries >= TRIES)) {
      console.error(`A message of ${frame.byteLength} bytes does not reach the kernel.`);
    }
  }

  /** Bytes that were handed to a socket and not confirmed yet. */
  get bytesUnderway(): number {
    let sum = 0;
    for (const parcel of this.underway.values()) {
      sum += parcel.frame.byteLength;
    }
    return sum;
  }
}
