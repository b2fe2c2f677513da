/* A confusion matrix whose cells are buttons; for many classes, a list of the most frequent mix-ups. */

const MOST_PAIRS = 8;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function render({ model, el }) {
  function inWords(row, column) {
    const classes = model.get("classes");
    const count = model.get("counts")[row][column];
    return row === column
      ? `${count} ${classes[row]} recognised`
      : `${count} ${classes[row]} taken for ${classes[column]}`;
  }

  function cell(row, column, ...children) {
    const words = inWords(row, column);
    if (!model.get("opens")) {
      return element("span", { className: "bearclf-cell", title: words }, ...children);
    }
    const button = element("button", { type: "button", className: "bearclf-cell", title: words }, ...children);
    button.setAttribute("aria-label", words);
    button.addEventListener("click", () => model.send({ kind: "cell", row, column }));
    return button;
  }

  function table(classes, counts) {
    const name = (text, scope) => element("th", { scope, title: text }, element("span", {}, text));
    const head = element("tr", {}, element("td"));
    head.append(...classes.map((one) => name(one, "col")));
    const caption = element("caption", {}, "A row for what the photos show, a column for each answer.");
    const made = element("table", { className: "bearclf-matrix" }, caption, element("thead", {}, head));
    const body = element("tbody");
    for (const [row, line] of counts.entries()) {
      const total = line.reduce((sum, count) => sum + count, 0) || 1;
      const shown = element("tr", {}, name(classes[row], "row"));
      for (const [column, count] of line.entries()) {
        const place = element("td", { className: row === column ? "bearclf-right" : "bearclf-wrong" });
        place.style.setProperty("--share", Math.sqrt(count / total)); // else a few photos would not show
        place.append(count ? cell(row, column, String(count)) : element("span", {}, "0"));
        shown.append(place);
      }
      body.append(shown);
    }
    made.append(body);
    // A wide matrix is scrolled in its own frame, with the keyboard too.
    return element("div", { className: "bearclf-matrix-frame", tabIndex: 0, role: "group", ariaLabel: "Matrix" }, made);
  }

  function list(classes, counts) {
    const pairs = counts
      .flatMap((line, row) => line.map((count, column) => ({ row, column, count })))
      .filter(({ row, column, count }) => row !== column && count > 0)
      .sort((one, other) => other.count - one.count);
    if (pairs.length === 0) {
      return element("p", {}, "No class is taken for another.");
    }
    const shown = pairs.slice(0, MOST_PAIRS).map(({ row, column }) => element("li", {}, cell(row, column, inWords(row, column))));
    const left = pairs.length - shown.length;
    const rest = left > 0 ? [element("li", {}, `and ${left} rarer ones`)] : [];
    return element("ul", { className: "bearclf-pairs" }, ...shown, ...rest);
  }

  const draw = () => {
    const classes = model.get("classes");
    const counts = model.get("counts");
    if (classes.length !== counts.length || classes.length === 0) {
      el.replaceChildren();
      return;
    }
    el.replaceChildren((classes.length > model.get("most_classes") ? list : table)(classes, counts));
  };
  model.on("change:classes", draw);
  model.on("change:counts", draw);
  draw();
  return () => {
    model.off("change:classes", draw);
    model.off("change:counts", draw);
  };
}

export default { render };
