/**
 * Widgets that bring their own few lines of JavaScript, as anywidget has them. Its own front end can't be used: it
 * asks for browsers of 2024. What is here follows what it documents.
 */

import { DOMWidgetModel, DOMWidgetView, type WidgetModel } from "@jupyter-widgets/base";
import type { Dict } from "../kernel/messages";
import { newId } from "../shared/id";

type Cleanup = () => unknown;
type Handler = (...args: unknown[]) => unknown;

/** What a module exports, itself or as what its default function returns. */
interface Definition {
  initialize?(context: object): unknown;
  render?(context: object): unknown;
}

const PATIENCE = 3_000; // ms until a command counts as unanswered

function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text);
}

async function load(source: string): Promise<Definition> {
  const address = isAddress(source) ? source : URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const module = (await import(address)) as Definition & { default?: Definition | (() => Promise<Definition>) };
  if (!isAddress(source)) {
    URL.revokeObjectURL(address);
  }
  if (typeof module.default === "function") {
    return module.default();
  }
  return module.default ?? module;
}

/** One style sheet for all widgets of a class. */
function addStyle(css: string, id: string): void {
  if (!css || document.getElementById(id)) {
    return;
  }
  const style = isAddress(css)
    ? Object.assign(document.createElement("link"), { rel: "stylesheet", href: css })
    : Object.assign(document.createElement("style"), { textContent: css });
  style.id = id;
  document.head.append(style);
}

/** Ask the widget's Python for something; the answer comes with its buffers. */
function invoke(model: WidgetModel, name: string, msg?: unknown, options: Dict = {}): Promise<unknown> {
  const id = newId();
  return new Promise((resolve, reject) => {
    const onAnswer: Handler = (answer, buffers) => {
      if ((answer as Dict).id === id) {
        stop();
        resolve([(answer as Dict).response, buffers]);
      }
    };
    const giveUp = (): void => {
      stop();
      reject(new DOMException(`No answer to “${name}”`, "TimeoutError"));
    };
    const signal = options.signal as AbortSignal | undefined;
    const timer = signal ? 0 : window.setTimeout(giveUp, PATIENCE);
    const stop = (): void => {
      window.clearTimeout(timer);
      model.off("msg:custom", onAnswer);
      signal?.removeEventListener("abort", giveUp);
    };
    signal?.addEventListener("abort", giveUp);
    model.on("msg:custom", onAnswer);
    model.send({ id, kind: "anywidget-command", name, msg } as never, undefined, (options.buffers ?? []) as never);
  });
}

/** What a module gets to see of a model. Listeners belong to `owner`, with whom they go. */
function contextOf(model: AnyModel, owner: object, signal: AbortSignal): Dict {
  return {
    model: {
      get: model.get.bind(model),
      set: model.set.bind(model),
      save_changes: model.save_changes.bind(model),
      send: model.send.bind(model),
      on: (name: string, handler: Handler) => void model.on(name, handler, owner),
      off: (name?: string | null, handler?: Handler | null) => void model.off(name, handler, owner),
      widget_manager: model.widget_manager,
    },
    signal,
    experimental: { invoke: invoke.bind(null, model) },
  };
}

async function tidyUp(cleanup: unknown): Promise<void> {
  if (typeof cleanup === "function") {
    try {
      await (cleanup as Cleanup)();
    } catch (error) {
      console.warn("A widget could not tidy up:", error);
    }
  }
}

export class AnyModel extends DOMWidgetModel {
  /** Done when the module is there and its `initialize` has run. */
  definition!: Promise<Definition>;
  private ends!: AbortController;

  override initialize(attributes: never, options: never): void {
    super.initialize(attributes, options);
    this.ends = new AbortController(); // a field's own value would come later: the base's constructor calls this
    this.definition = this.begin();
    this.definition.catch((error: unknown) => console.error(error));
    this.once("destroy", () => this.ends.abort());
  }

  /** A message waits for `initialize`, without holding up what other widgets hear. */
  override _handle_comm_msg(message: never): Promise<void> {
    void this.definition
      .catch(() => undefined)
      .then(() => super._handle_comm_msg(message))
      .catch((error: unknown) => console.error(error));
    return Promise.resolve();
  }

  /** Values may be binary, which the base's copying through JSON would lose. */
  override serialize(state: Dict): never {
    const { serializers = {} } = this.constructor as typeof AnyModel;
    for (const [name, value] of Object.entries(state)) {
      const convert = serializers[name]?.serialize;
      state[name] = convert ? convert(value, this) : isModel(value) ? JSON.parse(JSON.stringify(value)) : value;
    }
    return state as never;
  }

  private async begin(): Promise<Definition> {
    addStyle(String(this.get("_css") ?? ""), String(this.get("_anywidget_id")));
    const definition = await load(String(this.get("_esm")));
    const cleanup = await definition.initialize?.(contextOf(this, this.ends, this.ends.signal));
    this.ends.signal.addEventListener("abort", () => void tidyUp(cleanup));
    return definition;
  }
}

function isModel(value: unknown): boolean {
  return typeof (value as { toJSON?: unknown } | null)?.toJSON === "function";
}

export class AnyView extends DOMWidgetView {
  private readonly ends = new AbortController();

  override async render(): Promise<void> {
    super.render();
    const model = this.model as AnyModel;
    const definition = await model.definition;
    const context = { ...contextOf(model, this, this.ends.signal), el: this.el };
    const cleanup = await definition.render?.(context);
    const end = (): void => {
      model.off(undefined, undefined, this);
      void tidyUp(cleanup);
    };
    if (this.ends.signal.aborted) {
      end();
    } else {
      this.ends.signal.addEventListener("abort", end);
    }
  }

  override remove(): void {
    this.ends.abort();
    super.remove();
  }
}
