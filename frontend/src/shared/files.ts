/** Files that a visitor chooses, drops or pastes. */

import { element } from "./element";

export type Take = (files: File[]) => void;

/** A hidden input, whose `click()` opens the browser's dialog. */
export function fileInput(take: Take, options: Partial<HTMLInputElement>): HTMLInputElement {
  const input = element("input", { type: "file", hidden: true, ...options });
  input.addEventListener("change", () => {
    take([...(input.files ?? [])]);
    input.value = ""; // else the same file again would be no change
  });
  return input;
}

/** Have `take` called with what is dropped or pasted anywhere while it `isWanted`, until `signal` is aborted. */
export function takeDropped(take: Take, isWanted: () => boolean, signal: AbortSignal): void {
  const over = (is: boolean): void => void document.documentElement.classList.toggle("bearclf-dragging", is);
  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  const onDrag = (event: DragEvent): void => {
    if (carriesFiles(event)) {
      event.preventDefault(); // else the browser would open the photo instead of the page
      if (isWanted()) {
        over(true);
      }
    }
  };
  document.addEventListener("dragenter", onDrag, { signal });
  document.addEventListener("dragover", onDrag, { signal });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? over(false), { signal });
  document.addEventListener(
    "drop",
    (event) => {
      over(false);
      if (carriesFiles(event)) {
        event.preventDefault();
        if (isWanted()) {
          take([...event.dataTransfer!.files]);
        }
      }
    },
    { signal },
  );
  document.addEventListener(
    "paste",
    (event) => {
      if (isWanted()) {
        take([...(event.clipboardData?.files ?? [])]);
      }
    },
    { signal },
  );
}
