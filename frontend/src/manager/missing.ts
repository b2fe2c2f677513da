/** Stands in for a widget whose library isn't in this page. */

import { DOMWidgetModel, DOMWidgetView } from "@jupyter-widgets/base";

/** Keeps what the kernel says and shows nothing. */
export class MissingModel extends DOMWidgetModel {}

/** Says which library is missing. */
export class MissingView extends DOMWidgetView {
  override render(): void {
    super.render();
    const library = String(this.model.get("_view_module"));
    this.el.classList.add("output-gone");
    this.el.textContent = `This part can’t be shown: it needs “${library}”, which this page doesn’t have.`;
  }
}
