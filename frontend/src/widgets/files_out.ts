/** Saves a file that comes as a message: a link in the page would have to carry all of it, for each photo's view. */

import type { Render } from "@anywidget/types";
import { element } from "../shared/element";

const render: Render = ({ model }) => {
  const onMessage = (message: { kind: string; name: string }, buffers: DataView[]): void => {
    if (message.kind !== "file") {
      return;
    }
    const file = new Blob(buffers as BlobPart[], { type: "application/octet-stream" });
    const href = URL.createObjectURL(file);
    element("a", { href, download: message.name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser may still be reading
  };
  model.on("msg:custom", onMessage);
  return () => model.off("msg:custom", onMessage);
};

export default { render };
