/* Draws the cards of photos: each is a model without a view of its own, which says what is on its card and hears
   what was pressed. */

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** One card, from now on until `end` is called. */
function photoCard(model) {
  const addresses = { picture: [], why: [] }; // of the pictures that are shown, by where

  function picture(jpeg, text, place) {
    if (!jpeg?.byteLength) {
      return element("span", { className: "bearclf-frame" });
    }
    const src = URL.createObjectURL(new Blob([jpeg], { type: "image/jpeg" }));
    addresses[place].push(src);
    return element("img", { className: "bearclf-frame", src, alt: text });
  }
  const forget = (place) => addresses[place].splice(0).forEach((address) => URL.revokeObjectURL(address));

  const frame = element("div", { className: "bearclf-picture" });
  const words = element("div", { className: "bearclf-words" });
  const more = element("button", { type: "button", className: "jupyter-button bearclf-quiet bearclf-more" });
  const why = element("div", { className: "bearclf-why" });
  const acts = element("div", { className: "bearclf-acts" });
  const card = element("article", { tabIndex: -1 }, frame, words, more, why, acts);
  let isOpen = false; // in a table, a row's bars and acts are hidden until somebody wants them

  function drawPicture() {
    forget("picture");
    frame.replaceChildren(picture(model.get("picture"), model.get("picture_text"), "picture"));
  }

  function bar({ name, share, said }) {
    const filled = element("b");
    filled.style.width = `${100 * share}%`;
    const line = element("i", {}, filled);
    line.setAttribute("aria-hidden", "true");
    return element("li", {}, element("span", {}, name), line, element("span", {}, said));
  }

  function drawAnswer() {
    const kinds = ["card", model.get("status"), model.get("verdict")].filter(Boolean);
    card.className = [...kinds.map((kind) => `bearclf-${kind}`), ...(isOpen ? ["bearclf-open"] : [])].join(" ");
    const said = model.get("detail") ? [element("p", { className: "bearclf-detail" }, model.get("detail"))] : [];
    const bars = model.get("bars").map(bar);
    words.replaceChildren(
      element("p", { className: "bearclf-answer" }, model.get("headline")),
      ...said,
      ...(bars.length > 0 ? [element("ul", { className: "bearclf-bars" }, ...bars)] : []),
      element("p", { className: "bearclf-name", title: model.get("name") }, model.get("name")),
    );
  }

  function drawMore() {
    more.textContent = isOpen ? "Less" : "More";
    more.setAttribute("aria-expanded", String(isOpen));
    card.classList.toggle("bearclf-open", isOpen);
  }

  function drawWhy() {
    forget("why");
    why.replaceChildren(
      ...model.get("why").map(({ jpeg, text }) => (jpeg ? picture(jpeg, text, "why") : element("span", {}, text))),
    );
  }

  function act({ kind, text, disabled, checked }, index) {
    const say = (content) => model.send({ kind: "act", turn: model.get("turn"), index, ...content });
    if (kind === "button") {
      const button = element("button", { type: "button", className: "jupyter-button bearclf-quiet", disabled }, text);
      button.addEventListener("click", () => say());
      return button;
    }
    if (kind === "box") {
      const box = element("input", { type: "checkbox", checked });
      box.addEventListener("change", () => say({ checked: box.checked }));
      return element("label", { className: "bearclf-give" }, box, text);
    }
    return element("span", {}, text);
  }

  function drawActs() {
    const hadFocus = acts.contains(document.activeElement);
    acts.replaceChildren(...model.get("acts").map(act));
    if (hadFocus) {
      // The keyboard goes on where it was, and a screen reader reads what came of it.
      (acts.querySelector("button:enabled, input") ?? card).focus();
    }
  }

  const drawn = {
    picture: drawPicture,
    status: drawAnswer,
    bars: drawAnswer,
    why: drawWhy,
    turn: drawActs,
  };
  const redraw = () => {
    const changed = Object.keys(drawn).filter((name) => model.hasChanged(name));
    new Set(changed.map((name) => drawn[name])).forEach((draw) => draw());
  };
  more.addEventListener("click", () => {
    isOpen = !isOpen;
    drawMore();
  });
  model.on("change", redraw);
  [drawPicture, drawAnswer, drawMore, drawWhy, drawActs].forEach((draw) => draw());

  return {
    card,
    end() {
      model.off("change", redraw);
      forget("picture");
      forget("why");
      card.remove();
    },
  };
}

function render({ model, el }) {
  const shown = new Map(); // by what the list calls a card's model
  let drawing = Promise.resolve();
  let isGone = false;

  async function draw() {
    const names = model.get("cards");
    const models = await Promise.all(
      names.map((name) => shown.get(name) ?? model.widget_manager.get_model(name.replace("IPY_MODEL_", ""))),
    );
    if (isGone) {
      return;
    }
    for (const [name, one] of shown) {
      if (!names.includes(name)) {
        one.end();
        shown.delete(name);
      }
    }
    for (const [index, name] of names.entries()) {
      if (!shown.has(name)) {
        shown.set(name, photoCard(models[index]));
      }
      const { card } = shown.get(name);
      if (el.children[index] !== card) {
        el.insertBefore(card, el.children[index] ?? null);
      }
    }
  }

  // One after the other; of a list whose models went again before they came, the next one is waited for.
  const drawNext = () => (drawing = drawing.then(draw).catch((error) => console.warn(error)));
  model.on("change:cards", drawNext);
  drawNext();

  return () => {
    isGone = true;
    model.off("change:cards", drawNext);
    shown.forEach((one) => one.end());
  };
}

export default { render };
