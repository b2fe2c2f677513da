/** Lists of models without views of their own, which one widget draws. */

import type { AnyModel } from "@anywidget/types";

/** As the page's own widgets' manager, JupyterLab's and Voilà's make them: Backbone's. */
export type DrawnModel<Traits extends object> = AnyModel<Traits> & { hasChanged(name: string): boolean };

/** What is drawn of one model, until `end` is called. */
export interface Drawn {
  element: HTMLElement;
  end(): void;
}

/** Draws `items` of `model` into `el`, in their order, each by `draw`; returns what ends it. */
export function drawnList<Traits extends object>(
  model: AnyModel<{ items: string[] }>,
  el: HTMLElement,
  draw: (item: DrawnModel<Traits>) => Drawn,
): () => void {
  const shown = new Map<string, Drawn>(); // by what the list calls a model
  let drawing = Promise.resolve();
  let isGone = false;

  async function drawAll(): Promise<void> {
    const names = model.get("items");
    const come = names
      .filter((name) => !shown.has(name))
      .map(async (name) => [name, await model.widget_manager.get_model(name.replace("IPY_MODEL_", ""))] as const);
    const models = new Map(await Promise.all(come));
    if (isGone) {
      return;
    }
    for (const [name, drawn] of shown) {
      if (!names.includes(name)) {
        drawn.end();
        shown.delete(name);
      }
    }
    for (const [name, item] of models) {
      shown.set(name, draw(item as DrawnModel<Traits>));
    }
    for (const [index, name] of names.entries()) {
      const { element } = shown.get(name)!;
      if (el.children[index] !== element) {
        el.insertBefore(element, el.children[index] ?? null);
      }
    }
  }

  // One after the other; of a list whose models went again before they came, the next one is waited for.
  const drawNext = (): void => {
    drawing = drawing.then(drawAll).catch((error: unknown) => console.warn(error));
  };
  model.on("change:items", drawNext);
  drawNext();

  return () => {
    isGone = true;
    model.off("change:items", drawNext);
    for (const drawn of shown.values()) {
      drawn.end();
    }
  };
}
