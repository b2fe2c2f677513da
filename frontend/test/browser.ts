/** As much of a browser as the line to the kernel asks for, with a clock that tests turn by hand. */

import { afterEach, beforeEach, vi } from "vitest";
import { decode, encode } from "../src/kernel/frames";
import { type Channel, type Dict, type Message, newMessage } from "../src/kernel/messages";

export const SESSION = "of-the-page";

/** Fake timers, and a `window` and a `document` of their own, for each test of a file. */
export function fakeBrowser(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    const timers = {
      setTimeout: (act: () => void, pause?: number) => setTimeout(act, pause),
      clearTimeout: (timer: never) => clearTimeout(timer),
      setInterval: (act: () => void, pause?: number) => setInterval(act, pause),
      clearInterval: (timer: never) => clearInterval(timer),
    };
    vi.stubGlobal("window", Object.assign(new EventTarget(), timers));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.all = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

export function setHidden(hidden: boolean): void {
  Object.assign(document, { hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** A websocket whose other end is the test. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  static all: FakeSocket[] = [];

  readyState = FakeSocket.CONNECTING;
  bufferedAmount = 0;
  binaryType = "blob";
  readonly sent: Message[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: () => void = () => undefined;
  private readonly openListeners: (() => void)[] = [];

  constructor(
    readonly url = "",
    readonly protocol = "",
  ) {
    FakeSocket.all.push(this);
  }

  static get latest(): FakeSocket {
    return FakeSocket.all[FakeSocket.all.length - 1]!;
  }

  addEventListener(_: "open", listener: () => void): void {
    this.openListeners.push(listener);
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.sent.push(decode(frame.buffer));
  }

  close(): void {
    if (this.readyState !== FakeSocket.CLOSED) {
      this.readyState = FakeSocket.CLOSED;
      this.onclose();
    }
  }

  /** The server takes it. */
  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
    for (const listener of this.openListeners) {
      listener();
    }
  }

  /** The kernel says something, about `parent` if that is given. */
  hear(type: string, content: Dict = {}, parent?: Message, channel: Channel = "iopub"): void {
    const message = newMessage("of-the-kernel", channel, type, content);
    this.onmessage({ data: encode({ ...message, parent_header: parent?.header ?? {} }).buffer });
  }

  /** What was sent besides questions whether the kernel lives. */
  get said(): string[] {
    return this.sent.filter(({ channel }) => channel === "shell").map(({ content }) => String(content.said));
  }

  get questions(): number {
    return this.sent.filter(({ channel }) => channel === "control").length;
  }
}

/** A message of the page's to the kernel. */
export function saying(words: string): Message {
  return newMessage(SESSION, "shell", "comm_msg", { said: words });
}
