/** What the page and its worker, which does the work, say to each other. */

import type { Resize } from "./seen";

/** `model.json`, which the export writes: what is known of the model. */
export interface Model {
  /** In the order of the network's outputs. */
  classes: string[];
  /** What a class is called in a sentence. */
  names: Record<string, string>;
  /** What all classes are, such as "bear", or empty. */
  noun: string;
  none_below: number;
  known_from: number;
  resize: Resize;
  working_side: number;
  max_photo_bytes: number;
  max_photo_pixels: number;
  max_photos: number;
  /** Names of files beside the page. */
  network: string;
  runtime: string;
}

export type ToWorker = { kind: "load"; model: Model } | { kind: "look"; id: number; file: File };

export interface Answer {
  /** Of each class, 0 to 1, in the order of the model's classes. */
  probabilities: number[];
  familiarity: number;
}

/** Why there is no answer to a photo. */
export type Refusal = "no_photo" | "heic" | "damaged" | "too_large" | "too_many_pixels" | "unreadable";

export type FromWorker =
  | { kind: "ready" }
  | { kind: "broken"; reason: "loading" | "scrambled" }
  | { kind: "picture"; id: number; picture: Blob }
  | { kind: "answer"; id: number; answer: Answer; ms: number }
  | { kind: "refused"; id: number; reason: Refusal };
