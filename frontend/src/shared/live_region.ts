import type { AnyModel } from "@anywidget/types";
import { element } from "./element";

/** Shows `announcement` to screen readers alone, which read it out whenever it changes, until `signal` is aborted. */
export function liveRegion(model: AnyModel<{ announcement: string }>, signal: AbortSignal): HTMLElement {
  // What changes is read out in a region that was there before the change: it is empty until then.
  const region = element("p", { className: "bearclf-spoken", "aria-live": "polite" });
  const speak = (): void => {
    region.textContent = model.get("announcement");
  };
  model.on("change:announcement", speak);
  signal.addEventListener("abort", () => model.off("change:announcement", speak));
  return region;
}
