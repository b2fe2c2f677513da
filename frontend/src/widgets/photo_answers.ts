/**
 * Draws the answers to photos: each is a model without a view of its own, which says what to show of its photo and
 * hears what was pressed.
 */

import type { Render } from "@anywidget/types";
import { type Drawn, type DrawnModel, drawnList } from "../shared/drawn_list";
import { element } from "../shared/element";

interface Bar {
  name: string;
  /** Between 0 and 1. */
  share: number;
  percent: string;
}

interface Reason {
  /** A picture, whose description is `text`. */
  jpeg?: DataView;
  text: string;
}

interface Act {
  kind: "button" | "box" | "text";
  text: string;
  disabled?: boolean;
  checked?: boolean;
}

/** The traits of `bearclf.ui.identify.photo_answers.PhotoAnswer`. */
interface PhotoAnswer {
  name: string;
  status: string;
  verdict: string;
  headline: string;
  detail: string;
  hint: string;
  bars: Bar[];
  picture: DataView | null;
  picture_text: string;
  why: Reason[];
  acts: Act[];
  turn: number;
}

/** Draws one answer, from now on until `end` is called. */
function photoAnswer(model: DrawnModel<PhotoAnswer>): Drawn {
  const addresses = { picture: [] as string[], why: [] as string[] }; // of the pictures that are shown, by where
  type Place = keyof typeof addresses;

  function picture(jpeg: DataView | null, alt: string, place: Place): HTMLElement {
    if (!jpeg?.byteLength) {
      return element("span", { className: "bearclf-frame" });
    }
    const src = URL.createObjectURL(new Blob([jpeg as BlobPart], { type: "image/jpeg" }));
    addresses[place].push(src);
    return element("img", { className: "bearclf-frame", src, alt });
  }
  const forget = (place: Place): void =>
    addresses[place].splice(0).forEach((address) => {
      URL.revokeObjectURL(address);
    });

  const frame = element("div", { className: "bearclf-picture" });
  const words = element("div", { className: "bearclf-words" });
  const more = element("button", { type: "button", className: "jupyter-button bearclf-quiet bearclf-more" });
  const why = element("div", { className: "bearclf-why" });
  const acts = element("div", { className: "bearclf-acts" });
  const article = element("article", { tabIndex: -1 }, frame, words, more, why, acts);
  let isOpen = false; // in a table, a row's bars and acts are hidden until somebody wants them

  function drawPicture(): void {
    forget("picture");
    frame.replaceChildren(picture(model.get("picture"), model.get("picture_text"), "picture"));
  }

  function bar({ name, share, percent }: Bar): HTMLElement {
    const filled = element("b");
    filled.style.width = `${100 * share}%`;
    const line = element("i", { "aria-hidden": "true" }, filled);
    return element("li", {}, element("span", {}, name), line, element("span", {}, percent));
  }

  function drawAnswer(): void {
    const kinds = ["photo-answer", model.get("status"), model.get("verdict")].filter(Boolean);
    article.className = [...kinds.map((kind) => `bearclf-${kind}`), ...(isOpen ? ["bearclf-open"] : [])].join(" ");
    const detail = model.get("detail");
    const hint = model.get("hint");
    const bars = model.get("bars").map(bar);
    words.replaceChildren(
      element("p", { className: "bearclf-answer" }, model.get("headline")),
      ...(detail ? [element("p", { className: "bearclf-detail" }, detail)] : []),
      ...(bars.length > 0 ? [element("ul", { className: "bearclf-bars" }, ...bars)] : []),
      ...(hint ? [element("p", { className: "bearclf-detail bearclf-hint" }, hint)] : []),
      element("p", { className: "bearclf-name", title: model.get("name") }, model.get("name")),
    );
  }

  function drawMore(): void {
    more.textContent = isOpen ? "Less" : "More";
    more.setAttribute("aria-expanded", String(isOpen));
    article.classList.toggle("bearclf-open", isOpen);
  }

  function drawWhy(): void {
    forget("why");
    const reasons = model.get("why");
    why.replaceChildren(
      ...reasons.map(({ jpeg, text }) => (jpeg ? picture(jpeg, text, "why") : element("span", {}, text))),
    );
  }

  function act({ kind, text, disabled, checked }: Act, index: number): HTMLElement {
    const say = (content: object): void => model.send({ kind: "act", turn: model.get("turn"), index, ...content });
    if (kind === "button") {
      const className = "jupyter-button bearclf-quiet";
      const button = element("button", { type: "button", className, disabled: disabled ?? false }, text);
      button.addEventListener("click", () => say({}));
      return button;
    }
    if (kind === "box") {
      const box = element("input", { type: "checkbox", checked: checked ?? false });
      box.addEventListener("change", () => say({ checked: box.checked }));
      return element("label", { className: "bearclf-give" }, box, text);
    }
    return element("span", {}, text);
  }

  function drawActs(): void {
    const hadFocus = acts.contains(document.activeElement);
    acts.replaceChildren(...model.get("acts").map(act));
    if (hadFocus) {
      // The keyboard goes on where it was, and a screen reader reads what came of it.
      (acts.querySelector<HTMLElement>("button:enabled, input") ?? article).focus();
    }
  }

  const drawings = {
    picture: drawPicture,
    status: drawAnswer,
    bars: drawAnswer,
    why: drawWhy,
    turn: drawActs,
  };
  const redraw = (): void => {
    const changed = Object.entries(drawings).filter(([name]) => model.hasChanged(name));
    for (const draw of new Set(changed.map(([, drawing]) => drawing))) {
      draw();
    }
  };
  more.addEventListener("click", () => {
    isOpen = !isOpen;
    drawMore();
  });
  model.on("change", redraw);
  for (const draw of [drawPicture, drawAnswer, drawMore, drawWhy, drawActs]) {
    draw();
  }

  return {
    element: article,
    end() {
      model.off("change", redraw);
      forget("picture");
      forget("why");
      article.remove();
    },
  };
}

const render: Render<{ items: string[] }> = ({ model, el }) => drawnList(model, el, photoAnswer);

export default { render };
