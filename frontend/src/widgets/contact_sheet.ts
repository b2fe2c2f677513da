/**
 * What the contact sheet needs of the browser: keys, the photos' names for screen readers, the way back to the top of
 * a new page, and word of which photos are on the screen.
 */

import type { Render } from "@anywidget/types";
import { liveRegion } from "../shared/live_region";

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

/** The traits of `bearclf.ui.clean.contact_sheet.SheetInBrowser`. */
interface SheetInBrowser {
  /** How each photo on the page is called. */
  names: string[];
  /** For each photo, which key makes which choice. */
  shortcuts: Record<string, number>[];
  page: number;
  /** How often the slots got other photos. */
  filled: number;
  /** Whether other photos, or more about these, are on their way. */
  busy: boolean;
  announcement: string;
}

const render: Render<SheetInBrowser> = ({ model, el }) => {
  const ends = new AbortController();
  const { signal } = ends;
  el.append(liveRegion(model, signal));
  let current = 0;

  const sheet = (): Element | null => el.closest(".bearclf-contact-sheet")?.querySelector(".bearclf-sheet") ?? null;
  const slots = (): HTMLElement[] =>
    ([...(sheet()?.children ?? [])] as HTMLElement[]).slice(0, model.get("names").length);
  const slotAt = ({ target }: Event): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>(".bearclf-slot") : null;

  /** One slot at a time is on the way of the Tab key; its choice comes after it. */
  function dress(): void {
    if (signal.aborted) {
      return;
    }
    const names = model.get("names");
    if (slots().length < names.length) {
      requestAnimationFrame(dress); // the slots' own views are still being made
      return;
    }
    sheet()?.setAttribute("aria-busy", String(model.get("busy")));
    current = Math.max(0, Math.min(current, names.length - 1));
    for (const [number, slot] of slots().entries()) {
      slot.setAttribute("role", "group");
      slot.setAttribute("aria-label", names[number]!);
      slot.tabIndex = number === current ? 0 : -1;
    }
  }

  function neighbour(key: string): HTMLElement | undefined {
    const all = slots();
    const perRow = all.filter((slot) => slot.offsetTop === all[0]!.offsetTop).length;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow, ArrowDown: perRow };
    const step = steps[key];
    if (step !== undefined) {
      return all[current + step];
    }
    return key === "Home" ? all[0] : all.at(-1);
  }

  function choose(slot: Element, index: number): void {
    const select = slot.querySelector("select");
    if (select && index < select.options.length && index !== select.selectedIndex) {
      select.selectedIndex = index;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  const onKey = (event: KeyboardEvent): void => {
    const slot = slotAt(event);
    if (!slot || !sheet()?.contains(slot) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const choice = model.get("shortcuts")[current]?.[event.key.toLowerCase()];
    if (choice !== undefined) {
      choose(slot, choice);
    } else if (ARROWS.includes(event.key) && event.target === slot) {
      neighbour(event.key)?.focus(); // within a list of choices the arrows are the list's
    } else {
      return;
    }
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey, { signal, capture: true }); // the stock page lets no key up to here
  const onFocus = (event: FocusEvent): void => {
    const slot = slotAt(event);
    const number = slot ? slots().indexOf(slot) : -1;
    if (number >= 0 && number !== current) {
      current = number;
      dress();
    }
  };
  document.addEventListener("focusin", onFocus, { signal });

  const onFilled = (): void => model.send({ kind: "shown", filled: model.get("filled") });
  const onPage = (): void => {
    current = 0;
    dress();
    const whole = el.closest(".bearclf-contact-sheet");
    if (whole && whole.getBoundingClientRect().top < 0) {
      whole.scrollIntoView({ block: "start" });
    }
  };
  model.on("change:names", dress);
  model.on("change:busy", dress);
  model.on("change:filled", onFilled);
  model.on("change:page", onPage);
  dress();
  onFilled(); // what came before this view was there

  return () => {
    ends.abort();
    model.off("change:names", dress);
    model.off("change:busy", dress);
    model.off("change:filled", onFilled);
    model.off("change:page", onPage);
  };
};

export default { render };
