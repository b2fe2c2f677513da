/** Runs beside the page, which stays usable meanwhile: decodes photos, and asks the network, one after another. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import type { FromWorker, Model, Refusal, ToWorker } from "./messages";
import { decoded, readsTrue, rowsOf, seen, thumbnail } from "./seen";

const THUMBNAIL_SIDE = 264; // sharp at 132 CSS pixels on a phone's screen

const say = (message: FromWorker): void => postMessage(message);

let model: Model;
let session: InferenceSession;
let working: Promise<void> = Promise.resolve();

async function load(described: Model): Promise<void> {
  model = described;
  const [runtime, network] = await Promise.all([fetched(model.runtime), fetched(model.network)]);
  env.wasm.numThreads = 1; // more need headers that a plain server doesn't send
  env.wasm.wasmBinary = runtime;
  session = await InferenceSession.create(network, { executionProviders: ["wasm"] });
  await ask(new Uint8Array(3 * model.resize.middle[0] * model.resize.middle[1])); // the first takes longer
}

/** A file beside the page, unpacked, whether or not the server has done so. */
async function fetched(name: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) {
    throw new Error(`${name}: ${response.status}`);
  }
  const content = await response.blob();
  const [first, second] = new Uint8Array(await content.slice(0, 2).arrayBuffer());
  const isPacked = first === 0x1f && second === 0x8b;
  const stream = isPacked ? content.stream().pipeThrough(new DecompressionStream("gzip")) : content.stream();
  return new Response(stream).arrayBuffer();
}

async function ask(pixels: Uint8Array): Promise<{ probabilities: number[]; familiarity: number }> {
  const [width, height] = model.resize.middle;
  const { probabilities, familiarity } = await session.run({
    pixels: new Tensor("uint8", pixels, [1, 3, height, width]),
  });
  return {
    probabilities: [...(probabilities!.data as Float32Array)],
    familiarity: (familiarity!.data as Float32Array)[0]!,
  };
}

async function look(id: number, file: File): Promise<void> {
  const started = performance.now();
  if (file.size > model.max_photo_bytes) {
    say({ kind: "refused", id, reason: "too_large" });
    return;
  }
  let start: Uint8Array;
  try {
    start = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  } catch {
    say({ kind: "refused", id, reason: "unreadable" });
    return;
  }
  let photo: ImageBitmap;
  try {
    photo = await decoded(file);
  } catch {
    say({ kind: "refused", id, reason: whyNot(start) });
    return;
  }
  try {
    if (photo.width * photo.height > model.max_photo_pixels) {
      say({ kind: "refused", id, reason: "too_many_pixels" });
      return;
    }
    say({ kind: "picture", id, picture: await thumbnail(photo, THUMBNAIL_SIDE) });
    const answer = await ask(seen(rowsOf(photo), model.resize, model.working_side));
    say({ kind: "answer", id, answer, ms: performance.now() - started });
  } finally {
    photo.close();
  }
}

/** Why the browser could not decode a file that begins like this. */
function whyNot(start: Uint8Array): Refusal {
  const text = String.fromCharCode(...start);
  if (text.slice(4, 8) === "ftyp") {
    return "heic";
  }
  return /^(\xff\xd8\xff|\x89PNG|GIF8|RIFF|BM)/.test(text) ? "damaged" : "no_photo";
}

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === "load") {
    if (!readsTrue()) {
      say({ kind: "broken", reason: "scrambled" });
      return;
    }
    working = load(data.model).then(
      () => say({ kind: "ready" }),
      (error: unknown) => {
        console.warn(error);
        say({ kind: "broken", reason: "loading" });
      },
    );
  } else {
    const { id, file } = data;
    working = working
      .then(() => look(id, file))
      .catch((error: unknown) => {
        console.warn(error);
        say({ kind: "refused", id, reason: "damaged" });
      });
  }
});
