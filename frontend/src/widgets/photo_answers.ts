/**
 * Draws the answers to photos: each is a model without a view of its own, which says what to show of its photo and
 * hears what was pressed.
 */

import type { Render } from "@anywidget/types";
import { AnswerCard, type Said } from "../shared/answer_card";
import { type Drawn, type DrawnModel, drawnList } from "../shared/drawn_list";
import { element } from "../shared/element";

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
interface PhotoAnswer extends Said {
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

  const why = element("div", { className: "bearclf-why" });
  const acts = element("div", { className: "bearclf-acts" });
  const card = new AnswerCard(why, acts);

  function drawPicture(): void {
    forget("picture");
    card.showPicture(picture(model.get("picture"), model.get("picture_text"), "picture"));
  }

  function drawAnswer(): void {
    const [name, status, verdict] = [model.get("name"), model.get("status"), model.get("verdict")];
    const [headline, detail, hint] = [model.get("headline"), model.get("detail"), model.get("hint")];
    card.say({ name, status, verdict, headline, detail, hint, bars: model.get("bars") });
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
      (acts.querySelector<HTMLElement>("button:enabled, input") ?? card.element).focus();
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
  model.on("change", redraw);
  for (const draw of [drawPicture, drawAnswer, drawWhy, drawActs]) {
    draw();
  }

  return {
    element: card.element,
    end() {
      model.off("change", redraw);
      forget("picture");
      forget("why");
      card.element.remove();
    },
  };
}

const render: Render<{ items: string[] }> = ({ model, el }) => drawnList(model, el, photoAnswer);

export default { render };
