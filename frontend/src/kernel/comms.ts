/** Comms: the threads of a line, one for each widget's model. */

import type { ICallbacks, IClassicComm } from "@jupyter-widgets/base";
import type { Line } from "./line";
import { type Buffers, type Dict, type Message, newMessage } from "./messages";

type Handler = (message: Message) => unknown;
type Opened = (comm: Comm, message: Message) => unknown;

/** One thread, in the form that the widgets' base expects. */
export class Comm implements IClassicComm {
  onMessage: Handler = () => undefined;
  onClose: Handler = () => undefined;

  constructor(
    private readonly comms: Comms,
    readonly comm_id: string,
    readonly target_name: string,
  ) {}

  open(data: unknown, callbacks?: ICallbacks, metadata?: unknown, buffers?: Buffers): string {
    return this.say("comm_open", { target_name: this.target_name, data }, callbacks, metadata, buffers);
  }

  send(data: unknown, callbacks?: ICallbacks, metadata?: unknown, buffers?: Buffers): string {
    return this.say("comm_msg", { data }, callbacks, metadata, buffers);
  }

  close(data: unknown = {}, callbacks?: ICallbacks, metadata?: unknown, buffers?: Buffers): string {
    this.comms.forget(this);
    return this.say("comm_close", { data }, callbacks, metadata, buffers);
  }

  on_msg(callback: (message: never) => void): void {
    this.onMessage = callback as Handler;
  }

  on_close(callback: (message: never) => void): void {
    this.onClose = callback as Handler;
  }

  private say(type: string, content: Dict, callbacks?: ICallbacks, metadata?: unknown, buffers?: Buffers): string {
    return this.comms.send(type, { comm_id: this.comm_id, ...content }, callbacks, metadata as Dict, buffers);
  }
}

/** Who hears of which message: the comm that it names, and the callbacks of the message that it answers. */
export class Comms {
  private readonly comms = new Map<string, Comm>();
  private readonly callbacks = new Map<string, ICallbacks>();
  private turn: Promise<unknown> = Promise.resolve();

  /** `onOpened` is told of comms that the kernel opens, `onOutput` of what is printed or displayed. */
  constructor(
    private readonly line: Line,
    private readonly session: string,
    private readonly onOpened: Opened,
    private readonly onOutput: Handler,
  ) {}

  create(target: string, id: string): Comm {
    const comm = new Comm(this, id, target);
    this.comms.set(id, comm);
    return comm;
  }

  forget(comm: Comm): void {
    this.comms.delete(comm.comm_id);
  }

  /** The id of the message that is sent, now or when the line is there again. */
  send(type: string, content: Dict, callbacks?: ICallbacks, metadata?: Dict, buffers?: Buffers): string {
    const message = newMessage(this.session, "shell", type, content, metadata, buffers);
    const id = message.header.msg_id;
    if (callbacks) {
      this.callbacks.set(id, callbacks);
    }
    this.line.send(message);
    return id;
  }

  /** Messages are handled one after the other: what one sets, such as where output goes, counts for the next. */
  handle(message: Message): void {
    this.turn = this.turn.then(() => this.dispatch(message)).catch((error: unknown) => console.error(error));
  }

  /**
   * After a cut: the kernel's word that a message is done may be lost, and a model waits for it before it sends the
   * next. So all of them are told that it is.
   */
  finishPending(): void {
    while (this.callbacks.size > 0) {
      const waiting = [...this.callbacks.values()];
      this.callbacks.clear();
      for (const { iopub } of waiting) {
        iopub?.status?.({ content: { execution_state: "idle" } } as never); // which may send, and wait again
      }
    }
  }

  private dispatch(message: Message): unknown {
    const { channel, header, parent_header: parent, content } = message;
    const callbacks = this.callbacks.get(parent.msg_id ?? "");
    if (channel === "shell") {
      return callbacks?.shell?.reply?.(message as never);
    }
    if (channel !== "iopub") {
      return undefined;
    }
    const comm = this.comms.get(String(content.comm_id));
    switch (header.msg_type) {
      case "comm_open":
        return this.onOpened(this.create(String(content.target_name), String(content.comm_id)), message);
      case "comm_msg":
        return comm?.onMessage(message);
      case "comm_close":
        if (comm) {
          this.forget(comm);
        }
        return comm?.onClose(message);
      case "status":
        if (content.execution_state === "idle") {
          this.callbacks.delete(parent.msg_id ?? "");
        }
        return callbacks?.iopub?.status?.(message as never);
      default:
        return this.onOutput(message);
    }
  }
}
