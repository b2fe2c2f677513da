/**
 * Photos on their way to the kernel: each in a message of its own, so that no number of photos is too much for the
 * connection. A zip goes in slices.
 */

import type { AnyModel } from "@anywidget/types";
import { isGone } from "../shared/connection";
import { SEND_AS_IS, shrunk } from "./shrinking";

const IN_FLIGHT = 2; // messages on their way at once: one is prepared while another travels
const PHOTO_NAME = /\.(jpe?g|jpe|jfif|png|webp|hei[cf]|avif|gif|bmp|tiff?)$/i;

/** The traits of `bearclf.ui.drop_zone.DropZone`. */
export interface DropZone {
  accept: string;
  side: number;
  max_bytes: number;
  max_batch: number;
  max_batch_bytes: number;
  max_archive_bytes: number;
  slice_bytes: number;
  announcement: string;
}

function looksLikePhoto(file: File): boolean {
  return file.type.startsWith("image/") || PHOTO_NAME.test(file.name);
}

/** Sends what one drop zone takes, in the order in which it was taken. */
export class Sending {
  private batches = 0;
  private unsentBatches = 0;
  private announcing: Promise<number> = Promise.resolve(0);
  private sending: Promise<void> = Promise.resolve();
  /** Bytes of each message that the kernel hasn't confirmed, oldest first. */
  private readonly inFlight: number[] = [];
  private landed = (): void => undefined;

  /** Until `signal` is aborted. */
  constructor(
    private readonly model: AnyModel<DropZone>,
    signal: AbortSignal,
  ) {
    const onMessage = ({ kind }: { kind: string }): void => {
      if (kind === "got") {
        this.count(-(this.inFlight.shift() ?? 0));
        this.landed();
      }
    };
    model.on("msg:custom", onMessage);
    signal.addEventListener("abort", () => model.off("msg:custom", onMessage));
  }

  take(chosen: File[]): void {
    if (chosen.length === 0 || isGone()) {
      return; // a cancelled dialog, or nobody to send to
    }
    const isArchive = (file: File): boolean => this.model.get("max_archive_bytes") > 0 && /\.zip$/i.test(file.name);
    for (const archive of chosen.filter(isArchive)) {
      this.sending = this.sending.then(() => this.sendArchive(archive)).catch(() => undefined);
    }
    const files = chosen.filter((file) => !isArchive(file));
    if (files.length > 0) {
      this.takePhotos(files);
    }
  }

  private takePhotos(files: File[]): void {
    const { model } = this;
    const total = files.reduce((sum, file) => sum + Math.min(file.size, model.get("max_bytes")), 0);
    if (total > model.get("max_batch_bytes") || files.length > model.get("max_batch")) {
      model.send({ kind: "too_much" });
      return;
    }
    this.batches += 1;
    const batch = this.batches;
    const names = files.map((file) => file.name);
    const [first] = files;
    // The first photo comes along, if that makes nobody wait.
    const along = this.unsentBatches === 0 && first && looksLikePhoto(first) && first.size <= SEND_AS_IS ? first : null;
    this.unsentBatches += 1;
    const announced = this.announcing.then(async () => {
      const contents = along
        ? await along.arrayBuffer().then(
            (content) => [content],
            () => [],
          )
        : [];
      for (const content of contents) {
        this.leaves(content);
      }
      model.send({ kind: "batch", batch, names }, undefined, contents);
      return contents.length;
    });
    this.announcing = announced;
    this.sending = this.sending.then(async () => {
      for (let index = await announced; index < files.length; index += 1) {
        await this.sendPhoto(batch, index, files[index]!);
      }
      this.unsentBatches -= 1;
    });
  }

  private async sendPhoto(batch: number, index: number, file: File): Promise<void> {
    const { model } = this;
    const refuse = (reason: string): void => model.send({ kind: "refused", batch, index, reason });
    if (file.size > model.get("max_bytes")) {
      refuse("too_large");
      return;
    }
    if (!looksLikePhoto(file)) {
      refuse("no_photo");
      return;
    }
    let content: ArrayBuffer;
    try {
      content = await (await shrunk(file, model.get("side"))).arrayBuffer();
    } catch {
      refuse("unreadable");
      return;
    }
    await this.turn();
    this.leaves(content);
    model.send({ kind: "photo", batch, index }, undefined, [content]);
  }

  private async sendArchive(file: File): Promise<void> {
    const { model } = this;
    model.send({ kind: "archive", size: file.size });
    if (file.size > model.get("max_archive_bytes")) {
      return; // the answer to its size says so
    }
    const step = model.get("slice_bytes");
    for (let start = 0; start < file.size && !isGone(); start += step) {
      const content = await file.slice(start, start + step).arrayBuffer();
      await this.turn();
      this.leaves(content);
      model.send({ kind: "slice", start }, undefined, [content]);
    }
  }

  private async turn(): Promise<void> {
    while (this.inFlight.length >= IN_FLIGHT) {
      await new Promise<void>((done) => {
        this.landed = done;
      });
    }
  }

  private leaves(content: ArrayBuffer): void {
    this.inFlight.push(content.byteLength);
    this.count(content.byteLength);
  }

  private count(bytes: number): void {
    window.bearclfUnderway = (window.bearclfUnderway ?? 0) + bytes;
  }
}
