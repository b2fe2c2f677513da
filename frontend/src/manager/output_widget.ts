/** ipywidgets' Output: shows what the kernel prints and displays while the widget is open to it. */

import {
  DOMWidgetModel,
  DOMWidgetView,
  isEqual,
  JupyterLuminoPanelWidget,
  type WidgetModel,
} from "@jupyter-widgets/base";
import type { Panel, Widget } from "@lumino/widgets";
import type { Dict } from "../kernel/messages";
import { joined, type Output, overwritten } from "../outputs/output";
import { render, renew } from "../outputs/render";
import type { Receiver } from "../outputs/routes";
import type { Manager } from "./manager";

export class OutputModel extends DOMWidgetModel implements Receiver {
  /** The trait's value, where an output stays the same object as long as it doesn't change. */
  shown!: readonly Output[];
  /** What was displayed under a name, to be replaced by it. Notebooks don't keep these names. */
  private names!: WeakMap<Output, string>;
  private clearBeforeNext = false;

  override defaults(): ReturnType<DOMWidgetModel["defaults"]> {
    return {
      ...super.defaults(),
      _model_name: "OutputModel",
      _view_name: "OutputView",
      _model_module: "@jupyter-widgets/output",
      _view_module: "@jupyter-widgets/output",
      msg_id: "",
      outputs: [],
    } as never;
  }

  override initialize(attributes: never, options: never): void {
    super.initialize(attributes, options);
    this.names = new WeakMap();
    this.adopt();
    this.on("change:outputs", () => this.adopt());
    const { routes } = this.widget_manager as Manager;
    routes.add(this);
    const claim = (): void => {
      const [before, now] = [this.previous("msg_id") as string, this.get("msg_id") as string];
      if (before) {
        routes.release(before, this);
      }
      if (now) {
        routes.claim(now, this);
      }
    };
    this.on("change:msg_id", claim);
    if (this.get("msg_id")) {
      routes.claim(this.get("msg_id") as string, this);
    }
    this.once("destroy", () => {
      routes.remove(this);
      routes.release(this.get("msg_id") as string, this);
    });
  }

  receive(type: string, content: Dict): void {
    if (type === "clear_output") {
      if (content.wait) {
        this.clearBeforeNext = true;
      } else {
        this.replace([]);
      }
      return;
    }
    const outputs = this.clearBeforeNext ? [] : [...this.shown];
    const last = outputs.at(-1);
    if (type === "stream" && last?.output_type === "stream" && last.name === content.name) {
      outputs.pop();
      content = { ...content, text: joined(last.text) + joined(content.text) };
    }
    outputs.push(this.named(type, content));
    this.replace(outputs);
  }

  update(content: Dict): void {
    const name = nameOf(content);
    if (this.shown.some((output) => this.names.get(output) === name)) {
      this.replace(
        this.shown.map((output) =>
          this.names.get(output) === name ? this.named(output.output_type, content) : output,
        ),
      );
    }
  }

  private named(type: string, { transient, ...content }: Dict): Output {
    const output: Output = { output_type: type, ...content };
    if (type === "stream") {
      output.text = overwritten(joined(output.text));
    }
    const name = nameOf({ transient });
    if (name) {
      this.names.set(output, name);
    }
    return output;
  }

  /** The kernel is told: its code may read what is shown, and after a cut the page asks it. */
  private replace(outputs: Output[]): void {
    this.clearBeforeNext = false;
    this.set("outputs", outputs);
    this.save_changes();
  }

  private adopt(): void {
    const outputs = this.get("outputs") as Output[];
    this.shown = outputs.map((output, at) => (isEqual(output, this.shown?.[at]) ? this.shown[at]! : output));
  }
}

function nameOf(content: Dict): string | undefined {
  return (content.transient as { display_id?: string } | undefined)?.display_id;
}

export class OutputView extends DOMWidgetView {
  private shown: { output: Output; widget: Widget }[] = [];

  // A panel, so that views within it are told when they come into the page.
  override _createElement(): HTMLElement {
    this.luminoWidget = new JupyterLuminoPanelWidget({ view: this }) as never;
    return this.luminoWidget.node;
  }

  override _setElement(): void {
    this.el = this.luminoWidget.node;
  }

  override initialize(parameters: never): void {
    super.initialize(parameters);
    this.listenTo(this.model as WidgetModel, "change:outputs", () => this.show());
  }

  override render(): void {
    super.render();
    this.el.classList.add("jupyter-widgets", "jupyter-widget-output", "widget-output");
    this.show();
  }

  /** Only what changed is made anew: a view within keeps its place and what was typed into it. */
  private show(): void {
    const panel = this.luminoWidget as unknown as Panel;
    const outputs = (this.model as OutputModel).shown;
    outputs.forEach((output, at) => {
      const before = this.shown[at];
      if (before?.output === output) {
        return;
      }
      if (before && isContinued(before.output, output)) {
        renew(before.widget, output);
        before.output = output;
        return;
      }
      const widget = render(output, this.model.widget_manager as Manager, false);
      before?.widget.dispose();
      panel.insertWidget(at, widget);
      this.shown[at] = { output, widget };
    });
    this.shown.splice(outputs.length).forEach(({ widget }) => widget.dispose());
  }
}

function isContinued(before: Output, now: Output): boolean {
  return now.output_type === "stream" && before.output_type === "stream" && now.name === before.name;
}
