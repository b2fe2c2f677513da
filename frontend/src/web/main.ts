/** The page that needs no server: photos in, answers out, all in this browser. */

import { element } from "../shared/element";
import { fileInput, takeDropped } from "../shared/files";
import type { FromWorker, Model, ToWorker } from "./messages";
import { keptOnDevice } from "./offline";
import { type Photo, Photos } from "./photos";
import { BROKEN, REFUSALS, TOO_MUCH } from "./wording";

const MEGABYTE = 1_000_000;
const FEW = 3; // so many photos need no count of how many are done

// The smallest module with an instruction for several numbers at once, which the network's runtime is full of.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

const part = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const [status, problem, spoken, actions] = ["status", "problem", "spoken", "actions"].map((id) => part(id)) as [
  HTMLElement,
  HTMLElement,
  HTMLElement,
  HTMLElement,
];
const photos = new Photos(part("answers"));

let model: Model;
let worker: Worker | undefined;
let state: "starting" | "ready" | "broken" = "starting";
let isKept = false;

function isNewEnough(): boolean {
  return (
    typeof WebAssembly === "object" &&
    WebAssembly.validate(SIMD) &&
    ["DecompressionStream", "OffscreenCanvas", "createImageBitmap", "Worker"].every((name) => name in window)
  );
}

/* What is going on. */

function sayStatus(sentence: string, value?: number, max?: number): void {
  const bar = max === undefined ? [] : [element("progress", { "aria-hidden": "true", max, value: value ?? 0 })];
  status.replaceChildren(element("p", {}, sentence, ...bar));
}

function showStatus(): void {
  const waiting = photos.waiting.length;
  actions.hidden = photos.count === 0;
  spoken.textContent = photos.announcement;
  if (state !== "ready") {
    return;
  }
  if (waiting > 0 && photos.count > FEW) {
    sayStatus(`${photos.count - waiting} of ${photos.count} photos answered`, photos.count - waiting, photos.count);
  } else {
    sayStatus(isKept ? "Ready, also without a connection." : "Ready.");
  }
}

function sayProblem(sentence: string): void {
  problem.replaceChildren(...(sentence ? [element("p", { role: "alert" }, sentence)] : []));
}

function isBroken(sentence: string): void {
  state = "broken";
  status.replaceChildren();
  const again = element("button", { type: "button", className: "jupyter-button bearclf-quiet" }, "Load again");
  again.addEventListener("click", () => location.reload());
  problem.replaceChildren(element("p", { role: "alert" }, sentence), again);
  for (const photo of photos.waiting) {
    photo.refuse("There is nobody to answer.");
  }
}

/* Photos. */

function take(files: File[]): void {
  if (files.length === 0 || state === "broken") {
    return;
  }
  if (model && files.length > model.max_photos) {
    sayProblem(TOO_MUCH(model));
    return;
  }
  sayProblem("");
  const batch = photos.add(files);
  if (state === "ready") {
    batch.forEach(send);
  }
  showStatus();
}

function send({ id, file }: Photo): void {
  tell({ kind: "look", id, file });
}

function tell(message: ToWorker): void {
  worker?.postMessage(message);
}

function onMessage({ data }: MessageEvent<FromWorker>): void {
  if (data.kind === "ready") {
    state = "ready";
    document.documentElement.dataset.state = "ready";
    for (const photo of photos.waiting) {
      send(photo);
    }
  } else if (data.kind === "broken") {
    isBroken(BROKEN[data.reason]);
  } else if (data.kind === "picture") {
    photos.get(data.id)?.show(data.picture);
  } else if (data.kind === "answer") {
    photos.get(data.id)?.answer(data.answer, model);
  } else {
    photos.get(data.id)?.refuse(REFUSALS[data.reason](model));
  }
  showStatus();
}

/** The worker ended, which a photo too large for the device can bring about: the others get another one. */
function onEnd(): void {
  const [first] = photos.waiting;
  if (state === "starting" || !first) {
    isBroken(BROKEN.loading);
    return;
  }
  first.refuse(BROKEN.lost);
  start();
}

function start(): void {
  worker?.terminate();
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", onMessage);
  worker.addEventListener("error", onEnd);
  state = "starting";
  tell({ kind: "load", model });
}

function listen(): void {
  const dialog = fileInput(take, { accept: "image/*,.heic,.heif,.avif", multiple: true });
  const camera = fileInput(take, { accept: "image/*", capture: "environment" });
  document.body.append(dialog, camera);
  part("choose").addEventListener("click", () => dialog.click());
  part("camera").addEventListener("click", () => camera.click());
  part("start-over").addEventListener("click", () => {
    photos.clear();
    sayProblem("");
    showStatus();
    part("choose").focus();
  });
  takeDropped(take, () => true, new AbortController().signal);
}

async function open(): Promise<void> {
  listen();
  if (!isNewEnough()) {
    isBroken(BROKEN.too_old);
    return;
  }
  try {
    isKept = await keptOnDevice((arrived, total) => {
      const [some, all] = [arrived, total].map((bytes) => (bytes / MEGABYTE).toFixed(0));
      sayStatus(`Getting ready, this once: ${some} of ${all} MB`, arrived, total);
    });
    sayStatus("Getting ready…");
    const response = await fetch("model.json");
    model = (await response.json()) as Model;
    start();
  } catch (error) {
    console.warn(error);
    isBroken(BROKEN.loading);
  }
}

void open();
