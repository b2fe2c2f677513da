/**
 * On Voilà's stock template, and in JupyterLab: fetches the page's style, and says when the connection is lost. Our own
 * template brings both, so that nothing is to be done there.
 */

import type { Render } from "@anywidget/types";
import { Heartbeat, SILENCE } from "../kernel/heartbeat";
import { announceConnection } from "../shared/connection";
import { element } from "../shared/element";
import "../shared/globals";
import { Notice } from "../shared/notice";

const GONE = "The connection to the server is lost, so nothing can be answered any more. ";

/** JupyterLab takes a letter that no text field takes for a command: X cuts the cell, and the page with it. */
function keepFromNotebook(event: Event): void {
  const { ctrlKey, metaKey } = event as KeyboardEvent;
  if (!ctrlKey && !metaKey) {
    event.stopPropagation();
  }
}

const render: Render = ({ model, el }) => {
  if (window.bearclfPage) {
    return undefined;
  }
  const style = element("style");
  el.append(style);
  model.on("msg:custom", (message: { kind: string; css: string }) => {
    heartbeat.heard();
    if (message.kind === "style") {
      style.textContent = message.css;
      el.closest(".bearclf")?.addEventListener("keydown", keepFromNotebook);
    }
  });
  model.send({ kind: "style" });

  const sayGone = (): void => {
    heartbeat.stop();
    announceConnection("gone");
    new Notice().sayGone(GONE, "Reload the page");
  };
  const heartbeat = new Heartbeat(
    {
      ask() {
        try {
          model.send({ kind: "ping" });
        } catch {
          sayGone();
        }
      },
      bufferedAmount: () => 0,
      bytesUnderway: () => window.bearclfUnderway ?? 0,
      onSilence: sayGone,
    },
    // What is lost here stays so: nothing is said early.
    { onWaking: SILENCE, offline: SILENCE },
  );
  heartbeat.start();
  return () => heartbeat.stop();
};

export default { render };
