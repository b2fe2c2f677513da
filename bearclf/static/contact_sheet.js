/* What the contact sheet needs of the browser: keys, the photos' names for screen readers, the way back to the
   top of a new page, and word of which photos are on the screen. */

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

function render({ model, el }) {
  const ends = new AbortController();
  const { signal } = ends;
  // Screen readers read out what changes in a live region that was there before the change.
  const spoken = document.createElement("p");
  spoken.className = "bearclf-spoken";
  spoken.setAttribute("aria-live", "polite");
  el.append(spoken);
  let current = 0;

  const sheet = () => el.closest(".bearclf-contact-sheet")?.querySelector(".bearclf-sheet");
  const cards = () => [...(sheet()?.children ?? [])].slice(0, model.get("names").length);

  /** One card at a time is on the way of the Tab key; its choice comes after it. */
  function dress() {
    if (signal.aborted) {
      return;
    }
    const names = model.get("names");
    if (cards().length < names.length) {
      requestAnimationFrame(dress); // the cards' own views are still being made
      return;
    }
    current = Math.max(0, Math.min(current, names.length - 1));
    for (const [number, card] of cards().entries()) {
      card.setAttribute("role", "group");
      card.setAttribute("aria-label", names[number]);
      card.tabIndex = number === current ? 0 : -1;
    }
  }

  function neighbour(key) {
    const all = cards();
    const perRow = all.filter((card) => card.offsetTop === all[0].offsetTop).length;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow };
    if (key in steps) {
      return all[current + steps[key]];
    }
    return key === "Home" ? all[0] : all.at(-1);
  }

  function choose(card, index) {
    const select = card.querySelector("select");
    if (select && index < select.options.length && index !== select.selectedIndex) {
      select.selectedIndex = index;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  const onKey = (event) => {
    const card = event.target.closest?.(".bearclf-shot");
    if (!card || !sheet()?.contains(card) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const choice = model.get("shortcuts")[current]?.[event.key.toLowerCase()];
    if (choice !== undefined) {
      choose(card, choice);
    } else if (ARROWS.includes(event.key) && event.target === card) {
      neighbour(event.key)?.focus(); // within a list of choices the arrows are the list's
    } else {
      return;
    }
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey, { signal });
  const onFocus = (event) => {
    const number = cards().indexOf(event.target.closest?.(".bearclf-shot"));
    if (number >= 0 && number !== current) {
      current = number;
      dress();
    }
  };
  document.addEventListener("focusin", onFocus, { signal });

  const onNames = () => dress();
  const onFilled = () => model.send({ kind: "shown", filled: model.get("filled") });
  const onPage = () => {
    current = 0;
    dress();
    const whole = el.closest(".bearclf-contact-sheet");
    if (whole && whole.getBoundingClientRect().top < 0) {
      whole.scrollIntoView({ block: "start" });
    }
  };
  const onAnnouncement = () => (spoken.textContent = model.get("announcement"));
  const listeners = { names: onNames, filled: onFilled, page: onPage, announcement: onAnnouncement };
  for (const [name, listener] of Object.entries(listeners)) {
    model.on(`change:${name}`, listener);
  }
  dress();
  onFilled(); // what came before this view was there

  return () => {
    ends.abort();
    for (const [name, listener] of Object.entries(listeners)) {
      model.off(`change:${name}`, listener);
    }
  };
}

export default { render };
