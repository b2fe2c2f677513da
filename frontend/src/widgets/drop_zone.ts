/** Takes photos by drag and drop, by paste, from the phone's camera, and in place of the upload button's own dialog. */

import type { Render } from "@anywidget/types";
import { element } from "../shared/element";
import { fileInput, takeDropped } from "../shared/files";
import "../shared/globals";
import { liveRegion } from "../shared/live_region";
import { type DropZone, Sending } from "./sending";

const ZIP = ".zip,application/zip";

const render: Render<DropZone> = ({ model, el }) => {
  const ends = new AbortController();
  const { signal } = ends;
  const sending = new Sending(model, signal);
  const take = (files: File[]): void => sending.take(files);
  const chooser = (): Element | null => el.closest(".bearclf-chooser");
  const isSeen = (): boolean => (chooser()?.getClientRects().length ?? 0) > 0;

  const dialog = fileInput(take, { accept: model.get("accept"), multiple: true });
  const camera = fileInput(take, { accept: "image/*", capture: "environment" });
  const archiveDialog = fileInput(take, { accept: ZIP });
  const className = "jupyter-button bearclf-quiet bearclf-camera"; // hidden without a camera
  const button = element("button", { className }, "Take a photo");
  button.addEventListener("click", () => camera.click());
  el.classList.add("bearclf-drop-zone");
  el.append(dialog, camera, archiveDialog, liveRegion(model, signal), button);

  // The upload button's own dialog would send all files in one message, as large as they are.
  const dialogs: [string, HTMLInputElement][] = [
    [".bearclf-upload, .bearclf-choose", dialog],
    [".bearclf-choose-archive", archiveDialog],
  ];
  const onClick = (event: Event): void => {
    const target = event.target instanceof Element ? event.target : null;
    const [, opened] = dialogs.find(([buttons]) => target?.closest(buttons)) ?? [];
    if (opened && chooser()?.contains(target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      opened.click();
    }
  };
  document.addEventListener("click", onClick, { capture: true, signal });
  takeDropped(take, isSeen, signal);

  window.bearclfPage?.handOver(take);

  return () => ends.abort();
};

export default { render };
