/**
 * The line to a kernel: one websocket after the other, under one session, so that Jupyter Server keeps what the
 * kernel says while there is none, and says it to the next.
 *
 * `connecting` → `open` ⇄ `lost` → `gone`. Messages may be sent at any time; each arrives once.
 */

import type { ConnectionState } from "../shared/connection";
import { Attempts } from "./attempts";
import { decode, encode } from "./frames";
import { Heartbeat } from "./heartbeat";
import { isDeath, type Message, newMessage, PROTOCOL } from "./messages";
import { Outbox } from "./outbox";
import { askServer } from "./server";

const PATIENCE = 10_000; // ms until an attempt to reconnect counts as failed
const LAST_CHANCE = 1_000; // ms for an answer over a socket that was silent, before another replaces it

/** Why nothing can be answered any more. */
export type Ending = "ended" | "refused";

export interface Listener {
  onMessage(message: Message): void;
  onState(state: ConnectionState, ending?: Ending): void;
}

export class Line {
  private state: ConnectionState = "connecting";
  private socket: WebSocket | undefined;
  /** The one before, which may have something to say yet. */
  private oldSocket: WebSocket | undefined;
  private readonly outbox = new Outbox();
  private readonly heartbeat: Heartbeat;
  private readonly attempts = new Attempts(() => void this.attempt());
  private latestAttempt = 0;

  /** `kernelUrl` is the kernel's address in the server's API, over HTTP. */
  constructor(
    private readonly kernelUrl: string,
    private readonly session: string,
    private readonly listener: Listener,
  ) {
    this.heartbeat = new Heartbeat({
      ask: () => this.ask(),
      bufferedAmount: () => this.socket?.bufferedAmount ?? 0,
      bytesUnderway: () => this.outbox.bytesUnderway,
      onSilence: () => this.lose(),
    });
  }

  /** Use the socket that the page opened, and what came over it until now. */
  adopt(socket: WebSocket | undefined, early: readonly unknown[]): void {
    if (!socket || socket.readyState > WebSocket.OPEN) {
      this.lose();
      return;
    }
    this.listen(socket);
    for (const frame of early) {
      this.receive(frame);
    }
    if (socket.readyState === WebSocket.OPEN) {
      this.opened(socket);
    }
  }

  send(message: Message): void {
    if (this.state !== "gone") {
      this.outbox.add(message);
      this.flush();
    }
  }

  /** Give up for good. */
  end(ending: Ending): void {
    this.heartbeat.stop();
    this.attempts.stop();
    this.change("gone", ending);
  }

  private change(state: ConnectionState, ending?: Ending): void {
    if (this.state !== "gone" && this.state !== state) {
      this.state = state;
      this.listener.onState(state, ending);
    }
  }

  private flush(): void {
    if (this.state === "open") {
      this.outbox.flush(this.socket!);
    }
  }

  private listen(socket: WebSocket): void {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.opened(socket);
    socket.onmessage = ({ data }) => this.receive(data, socket);
    socket.onclose = () => {
      if (socket === this.socket) {
        this.lose();
      }
    };
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) {
      return;
    }
    this.oldSocket?.close();
    this.outbox.requeueUnconfirmed();
    this.backToLife();
  }

  private backToLife(): void {
    this.attempts.stop();
    this.heartbeat.start();
    this.change("open");
    this.flush();
  }

  private receive(frame: unknown, socket = this.socket): void {
    const message = decode(frame as ArrayBuffer);
    const answered = message.parent_header.msg_id;
    this.heartbeat.heard();
    this.attempts.succeeded();
    if (answered) {
      this.outbox.confirm(answered);
    }
    if (isDeath(message)) {
      this.end("ended");
      return;
    }
    if (this.state === "lost" && socket === this.socket) {
      this.backToLife(); // the line was slow, not dead, and nothing was lost
    }
    this.listener.onMessage(message);
  }

  /** A question that the kernel answers even while it is busy, past everything that waits; false if nobody hears it. */
  private ask(): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) {
      return false;
    }
    this.socket.send(encode(newMessage(this.session, "control", "kernel_info_request", {})));
    return true;
  }

  /** The line is cut, or silent for too long. A silent socket is listened to until another one is opened. */
  private lose(): void {
    if (this.state === "gone") {
      return;
    }
    this.heartbeat.stop();
    this.change("lost");
    this.attempts.soon();
  }

  private async attempt(): Promise<void> {
    this.latestAttempt += 1;
    const mine = this.latestAttempt;
    const status = await askServer(this.kernelUrl, PATIENCE);
    if (mine !== this.latestAttempt || this.state !== "lost") {
      return; // a later one began, or the silent socket came back to life
    }
    if (status === 404) {
      this.end("ended");
    } else if (status === 401 || status === 403) {
      this.end("refused");
    } else if (status === 200) {
      if (!(await this.isAliveAfterAll()) && mine === this.latestAttempt) {
        this.reopen();
      }
    } else {
      this.attempts.soon();
    }
  }

  /** The server is there again: perhaps the silent socket is, too, and then nothing on it is lost. */
  private async isAliveAfterAll(): Promise<boolean> {
    if (this.ask()) {
      await new Promise((resolve) => setTimeout(resolve, LAST_CHANCE));
    }
    return this.state !== "lost";
  }

  private reopen(): void {
    this.oldSocket?.close();
    this.oldSocket = this.socket;
    const address = `${this.kernelUrl.replace(/^http/, "ws")}/channels?session_id=${this.session}`;
    const socket = new WebSocket(address, PROTOCOL);
    const timer = window.setTimeout(() => socket.close(), PATIENCE); // which is heard of as any other cut
    socket.addEventListener("open", () => window.clearTimeout(timer));
    this.listen(socket);
  }
}
