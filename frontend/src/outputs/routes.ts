/** Which output goes where: a message belongs to whoever claimed the message that caused it. */

import type { Dict, Message } from "../kernel/messages";

export interface Receiver {
  receive(type: string, content: Dict): void;
  /** What was displayed under a name is to be replaced, wherever it stands. */
  update(content: Dict): void;
}

export class Routes {
  private readonly claims = new Map<string, Receiver[]>();
  private readonly receivers = new Set<Receiver>();

  add(receiver: Receiver): void {
    this.receivers.add(receiver);
  }

  remove(receiver: Receiver): void {
    this.receivers.delete(receiver);
  }

  claim(messageId: string, receiver: Receiver): void {
    this.claims.set(messageId, [...(this.claims.get(messageId) ?? []), receiver]);
  }

  release(messageId: string, receiver: Receiver): void {
    const others = (this.claims.get(messageId) ?? []).filter((other) => other !== receiver);
    if (others.length > 0) {
      this.claims.set(messageId, others);
    } else {
      this.claims.delete(messageId);
    }
  }

  /** To the receiver that claimed last, as the innermost `with` of the kernel's code. */
  deliver(message: Message): void {
    const { header, parent_header: parent, content } = message;
    if (header.msg_type === "update_display_data") {
      this.receivers.forEach((receiver) => receiver.update(content));
      return;
    }
    const receiver = this.claims.get(parent.msg_id ?? "")?.at(-1);
    if (receiver) {
      receiver.receive(header.msg_type, content);
    } else if (header.msg_type === "error") {
      console.warn(`${String(content.ename)}: ${String(content.evalue)}`); // of a callback: nowhere to show it
    }
  }
}
