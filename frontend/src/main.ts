/** What the page does in a browser: the notebook's widgets come to life, and stay connected to their kernel. */

import "./page.css";
import { stopKernelOnLeaving } from "./farewell";
import { type Ending, Line } from "./kernel/line";
import { Notice } from "./notice";
import { mountCells } from "./outputs/mount";
import { announceConnection, cameWhole, type ConnectionState, type Page, reveal } from "./page";
import { Manager } from "./widgets/manager";

const notice = new Notice();

function gone(ending: Ending): void {
  announceConnection("gone");
  notice.sayGone(ending);
}

async function start(page: Page): Promise<void> {
  announceConnection("connecting");
  const whole = await cameWhole(page);
  if (!whole || page.kernelId === undefined) {
    announceConnection("gone"); // the first look says so, in its own words
    return;
  }
  const kernelUrl = new URL(`${page.baseUrl}api/kernels/${page.kernelId}`, location.href).href;
  let hasBeenLost = false;
  let loading = Promise.resolve();

  const onState = (state: ConnectionState, ending?: Ending): void => {
    if (state === "gone") {
      gone(ending ?? "ended");
      return;
    }
    announceConnection(state);
    if (state === "lost") {
      hasBeenLost = true;
      notice.sayLost();
    } else if (hasBeenLost) {
      notice.clear();
      loading = loading.then(() => manager.reload());
    }
  };
  const line = new Line(kernelUrl, page.sessionId, {
    onMessage: (message) => manager.handle(message),
    onState,
  });
  const manager = new Manager(line, page.sessionId);

  stopKernelOnLeaving(page.baseUrl, page.kernelId);
  line.adopt(page.socket, page.early);
  page.early = [];
  loading = loading.then(() => manager.load());
  await loading;
  await mountCells(manager);
  reveal();
}

void start(window.bearclfPage);
