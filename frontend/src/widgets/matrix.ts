/** A confusion matrix whose cells are buttons; for many classes, a list of the most frequent mix-ups. */

import type { Render } from "@anywidget/types";
import { element } from "../shared/element";

const MOST_PAIRS = 8;

/** The traits of `bearclf.ui.clean.matrix.ConfusionMatrix`. */
interface ConfusionMatrix {
  classes: string[];
  /** Photos: a row for what they show, a column for each answer. */
  counts: number[][];
  most_classes: number;
  opens: boolean;
}

const render: Render<ConfusionMatrix> = ({ model, el }) => {
  function inWords(row: number, column: number, count: number): string {
    const classes = model.get("classes");
    return row === column
      ? `${count} ${classes[row]} recognised`
      : `${count} ${classes[row]} taken for ${classes[column]}`;
  }

  function cell(row: number, column: number, count: number, shown: string): HTMLElement {
    const title = inWords(row, column, count);
    if (!model.get("opens")) {
      return element("span", { className: "bearclf-cell", title }, shown);
    }
    const button = element("button", { type: "button", className: "bearclf-cell", title, "aria-label": title }, shown);
    button.addEventListener("click", () => model.send({ kind: "cell", row, column }));
    return button;
  }

  function place(row: number, column: number, count: number, total: number): HTMLElement {
    const shown = count ? cell(row, column, count, String(count)) : element("span", {}, "0");
    const td = element("td", { className: row === column ? "bearclf-right" : "bearclf-wrong" }, shown);
    td.style.setProperty("--share", String(Math.sqrt(count / total))); // else a few photos would not show
    return td;
  }

  function table(classes: string[], counts: number[][]): HTMLElement {
    const name = (text: string, scope: string): HTMLElement =>
      element("th", { scope, title: text }, element("span", {}, text));
    const head = element("tr", {}, element("td"), ...classes.map((each) => name(each, "col")));
    const rows = counts.map((line, row) => {
      const total = line.reduce((sum, count) => sum + count, 0) || 1;
      return element("tr", {}, name(classes[row]!, "row"), ...line.map((count, at) => place(row, at, count, total)));
    });
    const matrix = element(
      "table",
      { className: "bearclf-matrix" },
      element("caption", {}, "A row for what the photos show, a column for each answer."),
      element("thead", {}, head),
      element("tbody", {}, ...rows),
    );
    // A wide matrix is scrolled in its own frame, with the keyboard too.
    return element(
      "div",
      { className: "bearclf-matrix-frame", tabIndex: 0, role: "group", "aria-label": "Matrix" },
      matrix,
    );
  }

  function list(counts: number[][]): HTMLElement {
    const pairs = counts
      .flatMap((line, row) => line.map((count, column) => ({ row, column, count })))
      .filter(({ row, column, count }) => row !== column && count > 0)
      .sort((pair, other) => other.count - pair.count);
    if (pairs.length === 0) {
      return element("p", {}, "No class is taken for another.");
    }
    const most = pairs.slice(0, MOST_PAIRS);
    const items = most.map(({ row, column, count }) =>
      element("li", {}, cell(row, column, count, inWords(row, column, count))),
    );
    const rarer = pairs.length - most.length;
    const rest = rarer > 0 ? [element("li", {}, `and ${rarer} rarer ones`)] : [];
    return element("ul", { className: "bearclf-pairs" }, ...items, ...rest);
  }

  const draw = (): void => {
    const classes = model.get("classes");
    const counts = model.get("counts");
    if (classes.length !== counts.length || classes.length === 0) {
      el.replaceChildren();
      return;
    }
    el.replaceChildren(classes.length > model.get("most_classes") ? list(counts) : table(classes, counts));
  };
  model.on("change:classes", draw);
  model.on("change:counts", draw);
  draw();
  return () => {
    model.off("change:classes", draw);
    model.off("change:counts", draw);
  };
};

export default { render };
