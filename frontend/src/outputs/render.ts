/** An output becomes something to look at: a widget's view, a picture, HTML or plain text. */

import { MessageLoop } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import DOMPurify from "dompurify";
import type { Manager } from "../manager/manager";
import { element } from "../shared/element";
import { joined, type Output, plain } from "./output";

const VIEW = "application/vnd.jupyter.widget-view+json";
const GONE = "This part of the page is gone: the program behind it has closed it.";

/** `trusted` output is the notebook's own, which came with the page; other HTML is sanitised. */
export function render(output: Output, manager: Manager, trusted: boolean): Widget {
  switch (output.output_type) {
    case "stream":
      return text(joined(output.text), output.name === "stderr" ? "output-error" : "output-text");
    case "error":
      return text(errorText(output), "output-error");
    default:
      return display(output, manager, trusted);
  }
}

/** New words in a stream's element, which stays. */
export function renew(widget: Widget, output: Output): void {
  widget.node.textContent = plain(joined(output.text));
}

function display({ data = {}, metadata = {} }: Output, manager: Manager, trusted: boolean): Widget {
  const view = data[VIEW] as { model_id: string } | undefined;
  if (view) {
    return viewOf(view.model_id, manager);
  }
  if (data["text/html"] !== undefined) {
    const html = joined(data["text/html"]);
    const innerHTML = trusted ? html : DOMPurify.sanitize(html, { ADD_ATTR: ["target"] });
    return new Widget({ node: element("div", { className: "output-html", innerHTML }) });
  }
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"]) {
    if (data[type] !== undefined) {
      return picture(`data:${type};base64,${joined(data[type]).replace(/\s/g, "")}`, data, metadata[type]);
    }
  }
  if (data["image/svg+xml"] !== undefined) {
    const svg = encodeURIComponent(joined(data["image/svg+xml"]));
    return picture(`data:image/svg+xml,${svg}`, data, metadata["image/svg+xml"]);
  }
  return text(joined(data["text/plain"]), "output-text");
}

function viewOf(modelId: string, manager: Manager): Widget {
  const panel = new Panel();
  panel.addClass("output-widget");
  if (!manager.has_model(modelId)) {
    panel.addClass("output-gone");
    panel.node.textContent = GONE;
    return panel;
  }
  void manager
    .get_model(modelId)
    .then((model) => manager.create_view(model as never))
    .then(({ luminoWidget }: { luminoWidget: Widget }) => {
      if (panel.isDisposed) {
        luminoWidget.dispose();
      } else {
        panel.addWidget(luminoWidget);
        MessageLoop.postMessage(luminoWidget, Widget.ResizeMessage.UnknownSize);
      }
    });
  return panel;
}

function picture(address: string, data: Output["data"], size: unknown): Widget {
  const alt = joined(data?.["text/plain"]).replace(/[<>]/g, "") || "Picture";
  const image = element("img", { src: address, alt });
  const { width, height } = (size ?? {}) as { width?: number; height?: number };
  if (width) {
    image.width = width;
  }
  if (height) {
    image.height = height;
  }
  return new Widget({ node: element("div", { className: "output-picture" }, image) });
}

function text(words: string, className: string): Widget {
  return new Widget({ node: element("pre", { className }, plain(words)) });
}

function errorText({ ename = "", evalue = "", traceback = [] }: Output): string {
  return traceback.length > 0 ? traceback.join("\n") : `${ename}: ${evalue}`;
}
