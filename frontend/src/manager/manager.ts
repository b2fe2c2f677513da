/** Makes models and views, and keeps the models like the kernel's. */

import type { IClassicComm, WidgetModel, WidgetView } from "@jupyter-widgets/base";
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import { Comms } from "../kernel/comms";
import type { Line } from "../kernel/line";
import type { Dict, Message } from "../kernel/messages";
import { Routes } from "../outputs/routes";
import * as anywidget from "./anywidget";
import { MissingModel, MissingView } from "./missing";
import * as output from "./output_widget";
import { bringUpToDate, type KernelState, requestStates } from "./states";

type ModelClass = typeof WidgetModel;
type ViewClass = typeof WidgetView;

const LIBRARIES: Record<string, object> = {
  "@jupyter-widgets/base": base,
  "@jupyter-widgets/controls": controls,
  "@jupyter-widgets/output": output,
  anywidget,
};

export class Manager extends ManagerBase {
  /** Which output goes where. */
  readonly routes = new Routes();
  private readonly comms: Comms;
  private readonly models = new Map<string, WidgetModel>();
  private viewsBeingMade = 0;
  private whenViewsAreMade: (() => void)[] = [];
  private loaded = false;

  constructor(line: Line, session: string) {
    super();
    this.comms = new Comms(
      line,
      session,
      (comm, message) => this.opened(comm, message),
      (message) => this.routes.deliver(message),
    );
  }

  /** A message of the kernel's. */
  handle(message: Message): void {
    this.comms.handle(message);
  }

  /** Make all models that the kernel has. */
  async load(): Promise<void> {
    await requestStates(this.comms, (states) => this.take(states));
  }

  /** After a cut: models catch up with what changed meanwhile. */
  async reload(): Promise<void> {
    this.comms.finishPending();
    const before = new Map([...this.models].map(([id, model]) => [id, { ...model.attributes } as Dict]));
    await requestStates(this.comms, (states) => this.take(states, before));
  }

  /** Done when no view is being made any more, nor any view within it. */
  async viewsAreMade(): Promise<void> {
    do {
      await new Promise<void>((resolve) => {
        if (this.viewsBeingMade === 0) {
          resolve();
        } else {
          this.whenViewsAreMade.push(resolve);
        }
      });
      await new Promise((resolve) => setTimeout(resolve)); // who waited for a view may now begin with another
    } while (this.viewsBeingMade > 0);
  }

  // The two signatures are the base's own: one for views with an element, one for any.
  override async create_view(model: WidgetModel, options?: unknown): Promise<never> {
    this.viewsBeingMade += 1;
    try {
      return (await super.create_view(model, options)) as never;
    } finally {
      this.viewsBeingMade -= 1;
      if (this.viewsBeingMade === 0) {
        this.whenViewsAreMade.splice(0).forEach((resolve) => resolve());
      }
    }
  }

  override register_model(id: string, promise: Promise<WidgetModel>): void {
    super.register_model(id, promise);
    promise.then(
      (model) => {
        this.models.set(id, model);
        model.once("comm:close", () => this.models.delete(id));
      },
      () => undefined, // whoever asked for the model hears of it
    );
  }

  protected override loadModelClass(name: string, library: string): Promise<ModelClass> {
    return Promise.resolve((find(library, name) ?? MissingModel) as ModelClass);
  }

  protected override loadViewClass(name: string, library: string): Promise<ViewClass> {
    return Promise.resolve((find(library, name) ?? MissingView) as ViewClass);
  }

  protected loadClass(name: string, library: string): Promise<ModelClass | ViewClass> {
    return Promise.reject(new Error(`${library} has no ${name}`)); // never called: see the two above
  }

  protected async _create_comm(target: string, id: string): Promise<IClassicComm> {
    return this.comms.create(target, id);
  }

  protected async _get_comm_info(): Promise<object> {
    return {};
  }

  private async opened(comm: IClassicComm, message: Message): Promise<void> {
    if (comm.target_name !== this.comm_target_name) {
      comm.close();
    } else if (this.loaded) {
      await this.handle_comm_open(comm, message as never);
    } // else it comes with all others
  }

  private async take(states: Map<string, KernelState>, before?: Map<string, Dict>): Promise<void> {
    this.loaded = true;
    for (const [id, model] of this.models) {
      if (!states.has(id)) {
        model._handle_comm_closed({} as never);
      }
    }
    await Promise.all(
      [...states].map(([id, state]) =>
        this.takeOne(id, state, before?.get(id)).catch((error: unknown) => console.error(error)),
      ),
    );
  }

  private async takeOne(id: string, state: KernelState, before?: Dict): Promise<void> {
    if (this.has_model(id)) {
      const model = await this.get_model(id);
      await bringUpToDate(model, state.state, before ?? { ...model.attributes });
    } else {
      // Nothing is awaited before: models that refer to each other are all registered at once.
      const comm = this.comms.create(this.comm_target_name, id);
      const { model_name, model_module, model_module_version } = state;
      await this.new_model({ model_name, model_module, model_module_version, model_id: id, comm }, state.state);
    }
  }
}

function find(library: string, name: string): unknown {
  return (LIBRARIES[library] as Dict | undefined)?.[name];
}
