/** Says at the foot of the page that the connection is cut, or gone for good. */

import { element } from "./element";

/** At most one element `.bearclf-lost`, which screen readers read out when its words change. */
export class Notice {
  // Looks like the page, wherever it stands.
  private readonly element = element("div", { className: "bearclf bearclf-lost", role: "alert" });

  say(words: string): void {
    this.element.replaceChildren(element("span", {}, words));
    document.body.append(this.element);
  }

  /** With a button that loads the page again, which is all that is left to do. */
  sayGone(words: string, offer: string): void {
    this.say(words);
    const button = element("button", { type: "button", className: "jupyter-button" }, offer);
    button.addEventListener("click", () => location.reload());
    this.element.append(button);
  }

  clear(): void {
    this.element.remove();
  }
}
