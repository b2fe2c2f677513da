/** All models at once, as the kernel has them: when the page opens, and again after a cut. */

import { put_buffers, type WidgetModel } from "@jupyter-widgets/base";
import type { Comms } from "../kernel/comms";
import type { Dict, Message } from "../kernel/messages";
import { newId } from "../shared/id";

const TARGET = "jupyter.widget.control";
const PATIENCE = 4_000; // ms until the kernel is asked again, twice as long each time: an answer may have been missed

/** One model's state, as the kernel tells it. */
export interface KernelState {
  model_name: string;
  model_module: string;
  model_module_version: string;
  state: Dict;
}

/** Ask for the states of all models, and have `take` called with them, in turn with the kernel's other messages. */
export function requestStates(comms: Comms, take: (states: Map<string, KernelState>) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const comm = comms.create(TARGET, newId());
    let patience = PATIENCE;
    let timer = 0;
    comm.onMessage = (message) => {
      window.clearTimeout(timer);
      comm.onMessage = () => undefined;
      comm.close();
      const taken = take(statesIn(message));
      taken.then(resolve, reject);
      return taken;
    };
    const ask = (): void => {
      comm.send({ method: "request_states" });
      timer = window.setTimeout(ask, patience);
      patience *= 2;
    };
    comm.open({}, undefined, { version: "1.0.0" });
    ask();
  });
}

function statesIn(message: Message): Map<string, KernelState> {
  const data = message.content.data as {
    states: Record<string, KernelState>;
    buffer_paths: [string, ...(string | number)[]][];
  };
  // A path begins with the model's id.
  put_buffers(data.states as never, data.buffer_paths, message.buffers as DataView[]);
  return new Map(Object.entries(data.states));
}

/**
 * Bring a model to the kernel's state, after what is already under way to it. What changed here since `before`, its
 * attributes when the state was asked for, stays: the kernel hears of it next.
 */
export async function bringUpToDate(model: WidgetModel, state: Dict, before: Dict): Promise<void> {
  const type = model.constructor as typeof WidgetModel;
  const values: Dict = await type._deserialize_state(state as never, model.widget_manager);
  model.state_change = model.state_change.then(() => {
    const unchanged = Object.entries(values).filter(([name]) => model.get(name) === before[name]);
    model.set_state(Object.fromEntries(unchanged));
  });
  await model.state_change;
}
