/** Puts what the notebook's cells show in the place of the data that the server wrote into the page. */

import { MessageLoop } from "@lumino/messaging";
import { Widget } from "@lumino/widgets";
import type { Manager } from "../manager/manager";
import type { Output } from "./output";
import { render } from "./render";

/** Done when all is in its place, also views within views. */
export async function mountCells(manager: Manager): Promise<void> {
  const mounted: Widget[] = [];
  for (const script of document.querySelectorAll<HTMLScriptElement>("script.cell-output")) {
    const widget = render(JSON.parse(script.textContent ?? "") as Output, manager, true);
    Widget.attach(widget, script.parentElement!, script);
    script.remove();
    mounted.push(widget);
  }
  await manager.viewsAreMade();
  window.addEventListener("resize", () => resized(mounted));
}

/** Some views lay themselves out anew when their size changes. */
function resized(widgets: Widget[]): void {
  widgets.forEach((widget) => MessageLoop.postMessage(widget, Widget.ResizeMessage.UnknownSize));
}
