/**
 * Inlined into the page's head, so that it runs before anything else is fetched. It opens the line to the kernel as
 * soon as it is told which, and keeps what a visitor does on the first look until the widgets are there.
 */

import { PROTOCOL } from "../kernel/messages";
import { element } from "../shared/element";
import { fileInput, type Take, takeDropped } from "../shared/files";
import type { Page } from "../shared/globals";
import { newId } from "../shared/id";

const root = document.documentElement;
let resolveFinished: () => void;
let isFinished = false;

const ends = new AbortController(); // once the widgets can be seen
const waiting: File[][] = []; // photos, as they were chosen together
let zone: Take | undefined; // of the first drop zone
let tab = 0;
let focused: string | undefined;

const page: Page = {
  baseUrl: root.dataset.baseUrl!,
  sessionId: newId(),
  early: [],
  finished: new Promise((done) => {
    resolveFinished = done;
  }),

  connect(kernelId) {
    const url = new URL(`${page.baseUrl}api/kernels/${kernelId}/channels`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("session_id", page.sessionId);
    page.kernelId = kernelId;
    page.socket = new WebSocket(url, [PROTOCOL]);
    page.socket.binaryType = "arraybuffer";
    page.socket.onmessage = ({ data }) => page.early.push(data);
  },

  finish() {
    isFinished = true;
    const awaited = [...document.querySelectorAll('link[media="print"]')]; // loaded ones say "all"
    const come = awaited.map(
      (link) =>
        new Promise((done) => {
          link.addEventListener("load", done);
          link.addEventListener("error", done);
        }),
    );
    void Promise.all(come).then(resolveFinished);
  },

  handOver(take) {
    if (!zone) {
      zone = take;
      waiting.splice(0).forEach(take);
    }
  },
};
window.bearclfPage = page;
window.voila_heartbeat = () => offerReload("This takes longer than usual. You can go on waiting, or reload the page. ");

/* What a visitor does before the widgets are there. */

function take(files: File[]): void {
  if (files.length === 0) {
    return;
  }
  if (zone) {
    zone(files); // a dialog that was opened on the first look
    return;
  }
  waiting.push(files);
  const number = waiting.flat().length;
  say(`${number === 1 ? "Your photo is" : `Your ${number} photos are`} answered as soon as the page is ready.`);
}

function say(sentence: string, ...more: Node[]): void {
  document.querySelector("#loading .bearclf-status")?.replaceChildren(element("p", {}, sentence, ...more));
}

function offerReload(sentence: string): void {
  const again = element("button", { className: "jupyter-button bearclf-quiet" }, "Reload the page");
  again.addEventListener("click", () => location.reload());
  say(sentence, again);
}

function openDialog(options: Partial<HTMLInputElement>): void {
  const input = fileInput((files) => {
    take(files);
    input.remove();
  }, options);
  document.body.append(input); // not into what is about to be replaced
  input.click();
}

function chooseTab(button: Element): void {
  const tabs = [...document.querySelectorAll('[data-early="tab"]')];
  tab = tabs.indexOf(button);
  for (const each of tabs) {
    each.setAttribute("aria-pressed", String(each === button));
  }
}

/** The button of the first look at which something happened. */
function earlyButton({ target }: Event): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("#loading [data-early]") : null;
}

document.addEventListener(
  "click",
  (event) => {
    const button = earlyButton(event);
    const kind = button?.dataset.early;
    if (kind === "choose") {
      openDialog({ multiple: true, accept: button!.closest<HTMLElement>("[data-accept]")!.dataset.accept! });
    } else if (kind === "camera") {
      openDialog({ accept: "image/*", capture: "environment" });
    } else if (kind === "tab") {
      chooseTab(button!);
    }
  },
  { signal: ends.signal },
);
takeDropped(take, () => document.querySelector("#loading .bearclf-chooser") !== null, ends.signal);

document.addEventListener("focusin", (event) => {
  focused = earlyButton(event)?.dataset.early;
});
document.addEventListener("bearclf:ready", () => {
  ends.abort();
  const tabs = document.querySelectorAll<HTMLElement>(".bearclf-tabs > .lm-TabBar .lm-TabBar-tab");
  if (tab > 0) {
    tabs[tab]?.focus();
    tabs[tab]?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  } else if (focused === "tab") {
    tabs[0]?.focus();
  } else if (focused) {
    document.querySelector<HTMLElement>(".bearclf-upload")?.focus();
  }
});

// The server stopped in the middle.
document.addEventListener("DOMContentLoaded", () => {
  if (!isFinished) {
    offerReload("The server stopped before the page was ready. Please reload the page in a moment. ");
  }
});
