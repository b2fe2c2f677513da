/** What becomes of the document that the template wrote. */

import type { Page } from "../shared/globals";

/** The first look gives way to what is mounted, in one step. */
export function reveal(): void {
  document.getElementById("loading")?.remove();
  const cells = document.getElementById("rendered_cells");
  if (cells) {
    cells.hidden = false;
    cells.style.removeProperty("display");
  }
  document.documentElement.dataset.page = "ready";
  document.dispatchEvent(new Event("bearclf:ready"));
}

/**
 * Done when the page came whole; `false` if it broke off before its last line, as it does when the server stops
 * while it is being sent.
 */
export function cameWhole(page: Page): Promise<boolean> {
  const brokeOff = new Promise<boolean>((resolve) => {
    const check = (): void => {
      if (document.readyState === "complete") {
        setTimeout(resolve, 0, false); // `finished` first, if it is done in the same moment
      }
    };
    document.addEventListener("readystatechange", check);
    check();
  });
  return Promise.race([page.finished.then(() => true), brokeOff]);
}
