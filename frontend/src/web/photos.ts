/** The photos on the page and their answers, newest batch first. */

import { AnswerCard } from "../shared/answer_card";
import { element } from "../shared/element";
import type { Answer, Model } from "./messages";
import { ordered, percent, verdict } from "./wording";

/** From this many photos on, they are shown as a table. */
const MANY = 9;

const NOTHING_YET = { status: "waiting", verdict: "", headline: "Looking…", detail: "", hint: "", bars: [] };

export class Photo {
  readonly card = new AnswerCard();
  /** What a screen reader reads out; empty until there is an answer, or none can be had. */
  headline = "";
  private address = "";

  constructor(
    readonly id: number,
    readonly file: File,
  ) {
    this.card.showPicture(element("span", { className: "bearclf-frame" }));
    this.card.say({ ...NOTHING_YET, name: file.name });
  }

  show(picture: Blob): void {
    this.address = URL.createObjectURL(picture);
    const alt = `Your photo ${this.file.name}`;
    this.card.showPicture(element("img", { className: "bearclf-frame", src: this.address, alt }));
  }

  answer(answer: Answer, model: Model): void {
    const { kind, headline, detail, hint } = verdict(answer, model);
    const bars = ordered(answer.probabilities).map((index) => ({
      name: model.classes[index]!.replaceAll("_", " "),
      share: answer.probabilities[index]!,
      percent: percent(answer.probabilities[index]!),
    }));
    this.headline = headline;
    // However pale, a long bar would look like a sure answer beside “None of these”.
    const shown = kind === "none" ? [] : bars;
    const name = this.file.name;
    this.card.say({ name, status: "answered", verdict: kind, headline, detail, hint, bars: shown });
    // For whoever compares the answers with others.
    this.card.element.dataset.answer = JSON.stringify(answer);
  }

  refuse(detail: string): void {
    this.headline = "I can't look at this one";
    const name = this.file.name;
    this.card.say({ ...NOTHING_YET, name, status: "refused", headline: this.headline, detail });
  }

  forget(): void {
    URL.revokeObjectURL(this.address);
  }
}

export class Photos {
  private all: Photo[] = [];
  private number = 0;

  constructor(private readonly place: HTMLElement) {}

  add(files: File[]): Photo[] {
    const batch = files.map((file) => {
      this.number += 1;
      return new Photo(this.number, file);
    });
    this.all = [...batch, ...this.all];
    this.place.prepend(...batch.map((photo) => photo.card.element));
    this.place.classList.toggle("bearclf-many", this.all.length >= MANY);
    return batch;
  }

  /** Undefined for one that was forgotten meanwhile. */
  get(id: number): Photo | undefined {
    return this.all.find((photo) => photo.id === id);
  }

  get waiting(): Photo[] {
    return this.all.filter((photo) => !photo.headline);
  }

  get count(): number {
    return this.all.length;
  }

  /** What a screen reader reads out when all photos are answered; empty before. */
  get announcement(): string {
    if (this.all.length === 0 || this.waiting.length > 0) {
      return "";
    }
    return this.all.length === 1 ? `${this.all[0]!.headline}.` : `${this.all.length} photos are answered.`;
  }

  clear(): void {
    for (const photo of this.all) {
      photo.forget();
    }
    this.all = [];
    this.place.replaceChildren();
    this.place.classList.remove("bearclf-many");
  }
}
