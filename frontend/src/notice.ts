/** Says at the foot of the page that the connection is cut, or gone for good. */

import type { Ending } from "./kernel/line";

const LOST =
  "The connection to the server is lost. This page tries to get it back by itself; " +
  "what you do meanwhile is kept and sent then.";

const ENDINGS: Record<Ending, string> = {
  ended:
    "The program behind this page has ended, so nothing new can be answered. " +
    "What is shown stays here to be read until you start afresh.",
  refused:
    "The server no longer lets this page in, perhaps because you are logged out. " +
    "What is shown stays here to be read until you start afresh.",
};

/** At most one element `.bearclf-lost`, which screen readers read out when its words change. */
export class Notice {
  private readonly element = document.createElement("div");

  constructor() {
    this.element.className = "bearclf bearclf-lost"; // looks like the page, wherever it stands
    this.element.setAttribute("role", "alert");
  }

  sayLost(): void {
    this.say(LOST);
  }

  sayGone(ending: Ending): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "jupyter-button";
    button.textContent = "Start afresh";
    button.addEventListener("click", () => location.reload());
    this.say(ENDINGS[ending], button);
  }

  clear(): void {
    this.element.remove();
  }

  private say(words: string, ...more: Node[]): void {
    const sentence = document.createElement("span");
    sentence.textContent = words;
    this.element.replaceChildren(sentence, ...more);
    document.body.append(this.element);
  }
}
