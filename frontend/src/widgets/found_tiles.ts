/** Draws photos that were found elsewhere, each with a box to tick, its creator and its licence. */

import type { Render } from "@anywidget/types";
import { type Drawn, type DrawnModel, drawnList } from "../shared/drawn_list";
import { element } from "../shared/element";
import { liveRegion } from "../shared/live_region";

/** The traits of `bearclf.ui.clean.find_photos.FoundTile`. */
interface FoundTile {
  title: string;
  /** Creator and licence. */
  credit: string[];
  /** All of it, for who can't see the photo. */
  spoken: string;
  /** Where its creator shows it, or nothing. */
  link: string;
  note: string;
  picture: DataView;
  ticked: boolean;
}

/** Draws one photo, until `end` is called. */
function foundTile(model: DrawnModel<FoundTile>): Drawn {
  const spoken = model.get("spoken");
  const src = URL.createObjectURL(new Blob([model.get("picture") as BlobPart], { type: "image/jpeg" }));
  const box = element("input", { type: "checkbox", "aria-label": spoken });
  const note = model.get("note");
  const picture = element(
    "label",
    { title: spoken },
    element("img", { className: "bearclf-slot-frame", src, alt: "" }),
    box,
    ...(note ? [element("span", { className: "bearclf-found-note" }, note)] : []),
  );
  const link = model.get("link");
  const parts = model.get("credit").flatMap((part) => [element("span", {}, part), " "]);
  const credit = /^https?:/i.test(link)
    ? [element("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, ...parts)]
    : parts;
  const words = element("p", { className: "bearclf-credit", title: spoken }, ...credit);
  const title = element("p", { "aria-hidden": "true" }, model.get("title") || "\u00a0");
  const tile = element("li", { className: "bearclf-found" }, picture, title, words);

  const show = (): void => {
    box.checked = model.get("ticked");
    tile.classList.toggle("bearclf-unticked", !box.checked);
  };
  box.addEventListener("change", () => {
    model.set("ticked", box.checked);
    model.save_changes();
  });
  model.on("change:ticked", show);
  show();

  return {
    element: tile,
    end() {
      model.off("change:ticked", show);
      URL.revokeObjectURL(src);
      tile.remove();
    },
  };
}

const render: Render<{ items: string[]; announcement: string }> = ({ model, el }) => {
  const ends = new AbortController();
  const list = element("ul", { className: "bearclf-sheet" });
  el.append(list, liveRegion(model, ends.signal));
  const end = drawnList(model, list, foundTile);
  return () => {
    ends.abort();
    end();
  };
};

export default { render };
