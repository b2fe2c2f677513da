/** What the page does in a browser: the notebook's widgets come to life, and stay connected to their kernel. */

import "../../styles/page.css";
import { type Ending, Line } from "../kernel/line";
import { Manager } from "../manager/manager";
import { mountCells } from "../outputs/mount";
import { announceConnection, type ConnectionState } from "../shared/connection";
import type { Page } from "../shared/globals";
import { Notice } from "../shared/notice";
import { cameWhole, reveal } from "./document";
import { stopKernelOnClose } from "./stop_on_close";

const LOST =
  "The connection to the server is lost. This page tries to get it back by itself; " +
  "what you do meanwhile is kept and sent then.";

const ENDINGS: Record<Ending, string> = {
  ended:
    "The program behind this page has ended, so nothing new can be answered. " +
    "What is shown stays here to be read until you start afresh.",
  refused:
    "The server no longer lets this page in, perhaps because you are logged out. " +
    "What is shown stays here to be read until you start afresh.",
};

const notice = new Notice();

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
    announceConnection(state);
    if (state === "gone") {
      notice.sayGone(ENDINGS[ending ?? "ended"], "Start afresh");
    } else if (state === "lost") {
      hasBeenLost = true;
      notice.say(LOST);
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

  stopKernelOnClose(page.baseUrl, page.kernelId);
  line.adopt(page.socket, page.early);
  page.early = [];
  loading = loading.then(() => manager.load());
  await loading;
  await mountCells(manager);
  reveal();
}

void start(window.bearclfPage!);
