/** An answer to a photo as a card, or a row of a table: the picture beside what is said of it. */

import { element } from "./element";

export interface Bar {
  name: string;
  /** Between 0 and 1. */
  share: number;
  percent: string;
}

/** What a card says. */
export interface Said {
  /** Of the photo's file. */
  name: string;
  /** "waiting", "answered" or "refused". */
  status: string;
  /** How sure the answer is; empty where there is none. */
  verdict: string;
  headline: string;
  detail: string;
  hint: string;
  bars: Bar[];
}

export class AnswerCard {
  readonly element: HTMLElement;
  private readonly frame = element("div", { className: "bearclf-picture" });
  private readonly words = element("div", { className: "bearclf-words" });
  private readonly more = element("button", {
    type: "button",
    className: "jupyter-button bearclf-quiet bearclf-more",
  });
  private isOpen = false; // in a table, a row's bars and what is below are hidden until somebody wants them
  private kinds: string[] = [];

  /** With `below` under picture and words. */
  constructor(...below: HTMLElement[]) {
    this.element = element("article", { tabIndex: -1 }, this.frame, this.words, this.more, ...below);
    this.more.addEventListener("click", () => {
      this.isOpen = !this.isOpen;
      this.drawMore();
    });
    this.drawMore();
  }

  showPicture(picture: HTMLElement): void {
    this.frame.replaceChildren(picture);
  }

  say({ name, status, verdict, headline, detail, hint, bars }: Said): void {
    this.kinds = ["photo-answer", status, verdict].filter(Boolean);
    this.drawKinds();
    this.words.replaceChildren(
      element("p", { className: "bearclf-answer" }, headline),
      ...(detail ? [element("p", { className: "bearclf-detail" }, detail)] : []),
      ...(bars.length > 0 ? [element("ul", { className: "bearclf-bars" }, ...bars.map(drawBar))] : []),
      ...(hint ? [element("p", { className: "bearclf-detail bearclf-hint" }, hint)] : []),
      element("p", { className: "bearclf-name", title: name }, name),
    );
  }

  private drawMore(): void {
    this.more.textContent = this.isOpen ? "Less" : "More";
    this.more.setAttribute("aria-expanded", String(this.isOpen));
    this.drawKinds();
  }

  private drawKinds(): void {
    const kinds = this.isOpen ? [...this.kinds, "open"] : this.kinds;
    this.element.className = kinds.map((kind) => `bearclf-${kind}`).join(" ");
  }
}

function drawBar({ name, share, percent }: Bar): HTMLElement {
  const filled = element("b");
  filled.style.width = `${100 * share}%`;
  const line = element("i", { "aria-hidden": "true" }, filled);
  return element("li", {}, element("span", {}, name), line, element("span", {}, percent));
}
