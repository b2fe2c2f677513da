/** Answers in words: what `bearclf.ui.identify.wording` says, for a page without Python. */

import type { Answer, Model, Refusal } from "./messages";

/** From this probability on a class is named without reserve. */
const SURE = 0.9;

/** From this one on a class is called probable; below, the two most probable are named together. */
const PROBABLE = 0.6;

export interface Verdict {
  kind: "sure" | "probable" | "unsure" | "doubtful" | "none";
  headline: string;
  detail: string;
  hint: string;
}

export function verdict({ probabilities, familiarity }: Answer, model: Model): Verdict {
  const { classes, names, noun } = model;
  const order = ordered(probabilities);
  const [first, second] = order.map((index) => withArticle(names[classes[index]!]!));
  const [share, next] = order.map((index) => probabilities[index]!);
  if (familiarity < model.none_below) {
    return {
      kind: "none",
      headline: "None of these",
      detail: `This doesn't look like ${noun ? `any ${noun}` : "anything"} I know.`,
      hint: `Try another photo, closer or brighter. If it had to be one of these, I'd say ${first}.`,
    };
  }
  if (!(familiarity >= model.known_from)) {
    return {
      kind: "doubtful",
      headline: `Perhaps ${first}`,
      detail: "It isn't quite like the photos that I learned from.",
      hint: "Closer or brighter, I may tell better.",
    };
  }
  if (share! >= SURE) {
    const name = names[classes[order[0]!]!]!;
    const headline = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    return { kind: "sure", headline, detail: `Sure: ${percent(share!)}`, hint: "" };
  }
  if (share! >= PROBABLE) {
    const detail = `${percent(share!)}; it could be ${second}`;
    return { kind: "probable", headline: `Probably ${first}`, detail, hint: "" };
  }
  return {
    kind: "unsure",
    headline: `I can't tell ${first} from ${second} here`,
    detail: `${percent(share!)} for the one, ${percent(next!)} for the other`,
    hint: "",
  };
}

/** The classes' indices, most probable first. */
export function ordered(probabilities: number[]): number[] {
  return [...probabilities.keys()].sort((one, other) => probabilities[other]! - probabilities[one]!);
}

/** Whole per cents; nothing is ever told as certain or impossible. */
export function percent(share: number): string {
  if (share > 0.995) {
    return "> 99 %";
  }
  return share < 0.005 ? "< 1 %" : `${(100 * share).toFixed(0)} %`;
}

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}

/** Why there is no answer, in a sentence. */
export const REFUSALS: Record<Refusal, (model: Model) => string> = {
  no_photo: () => "This file isn't a photo that I can open. Please choose a JPEG, PNG or WebP.",
  heic: () => "This browser can't open photos of this kind (HEIC or AVIF). Please choose a JPEG, PNG or WebP.",
  damaged: () => "This photo is damaged or was cut short, so I can't look at it. Please try the original file.",
  too_large: (model) =>
    `This file is larger than ${model.max_photo_bytes / 2 ** 20} MB. Please choose a smaller version.`,
  too_many_pixels: (model) =>
    `This picture has more than ${model.max_photo_pixels / 1e6} megapixels. Please choose a smaller version.`,
  unreadable: () => "Your browser couldn't read this file. Please choose it again.",
};

export const TOO_MUCH = (model: Model): string =>
  `That is too much at once: at most ${model.max_photos} photos. Please choose fewer.`;

export const BROKEN = {
  loading:
    "This page didn't come whole, so it can't answer. Please check the connection of this device, and load the page again.",
  scrambled:
    "This browser scrambles what a page reads of a picture, to protect you from being recognised. So I can't see your " +
    "photos. Please allow this page to read pictures (“canvas”), or use another browser.",
  too_old:
    "This browser is too old for this page, which does all the work itself. Please bring it up to date, or use a " +
    "current Firefox, Chrome, Edge or Safari.",
  lost: "This photo was too much for this device. Please choose a smaller version.",
};
