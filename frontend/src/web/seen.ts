/** From a file to what the network sees of it, as bearclf's own decoder and fastai's transforms do it. */

import { BICUBIC, BILINEAR, type Rows, resized } from "./resize";

/** How a photo becomes pixels, as the exported network has it. */
export interface Resize {
  /** Whatever the photo's shape; or its middle; or all of it with black edges. */
  way: "squish" | "crop" | "pad";
  /** Width and height to which that is resized. */
  size: [number, number];
  /** Width and height of the middle of that, which is seen. */
  middle: [number, number];
}

const PAPER = "white"; // behind what is transparent

/** The photo upright, in sRGB. It has to be closed. Throws if the browser can't decode it. */
export function decoded(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file, { imageOrientation: "from-image" });
}

/** A decoded photo whose pixels are read as they are needed. */
export function rowsOf(photo: ImageBitmap): Rows {
  const { width, height } = photo;
  let canvas = new OffscreenCanvas(width, 1);
  const read = (top: number, count: number): Uint8ClampedArray => {
    if (canvas.height !== count) {
      canvas = new OffscreenCanvas(width, count);
    }
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.fillStyle = PAPER;
    context.fillRect(0, 0, width, count);
    context.drawImage(photo, 0, top, width, count, 0, 0, width, count);
    return context.getImageData(0, 0, width, count).data;
  };
  return { width, height, stride: 4, read };
}

/** What the network sees: red, green and blue one after the other, (3, height, width). */
export function seen(photo: Rows, { way, size, middle }: Resize, workingSide: number): Uint8Array {
  const [width, height] = size;
  const small = resized(part(working(photo, workingSide), size, way), width, height, BILINEAR).read(0, height);
  const [across, down] = middle;
  const left = Math.floor((width - across) / 2);
  const top = Math.floor((height - down) / 2);
  const planes = new Uint8Array(3 * across * down);
  for (let y = 0; y < down; y += 1) {
    for (let x = 0; x < across; x += 1) {
      const from = 3 * ((top + y) * width + left + x);
      for (let channel = 0; channel < 3; channel += 1) {
        planes[(channel * down + y) * across + x] = small[from + channel]!;
      }
    }
  }
  return planes;
}

/** At most `side` pixels on the longer side, as photos are before anything else is made of them. */
function working(photo: Rows, side: number): Rows {
  const scale = side / Math.max(photo.width, photo.height);
  const fitted = (length: number): number => Math.max(1, roundedToEven(length * scale));
  return scale < 1 ? resized(photo, fitted(photo.width), fitted(photo.height), BICUBIC) : photo;
}

/** What a resizing to `size` takes of a photo, with the same rounding as fastai's. */
function part(photo: Rows, size: [number, number], way: Resize["way"]): Rows {
  if (way === "squish") {
    return photo;
  }
  const scales = [photo.width / size[0], photo.height / size[1]];
  const scale = way === "pad" ? Math.max(...scales) : Math.min(...scales);
  const [width, height] = size.map((side) => Math.trunc(scale * side)) as [number, number];
  const left = Math.trunc((photo.width - width) / 2);
  const above = Math.trunc((photo.height - height) / 2);
  const [from, to] = [Math.max(0, left), Math.min(photo.width, left + width)];
  const read = (top: number, count: number): Uint8Array => {
    const pixels = new Uint8Array(count * width * 3); // black
    for (let y = 0; y < count; y += 1) {
      const row = above + top + y;
      if (row < 0 || row >= photo.height) {
        continue;
      }
      const whole = photo.read(row, 1);
      for (let x = from; x < to; x += 1) {
        const at = 3 * (y * width + x - left);
        for (let channel = 0; channel < 3; channel += 1) {
          pixels[at + channel] = whole[x * photo.stride + channel]!;
        }
      }
    }
    return pixels;
  };
  return { width, height, stride: 3, read };
}

/** As Python rounds: 0.5 to the even neighbour. */
function roundedToEven(number: number): number {
  const below = Math.floor(number);
  return number - below === 0.5 ? below + (below % 2) : Math.round(number);
}

/** A small JPEG to show, at most `side` pixels on its longer side. */
export function thumbnail(photo: ImageBitmap, side: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(photo.width, photo.height));
  const [width, height] = [photo.width, photo.height].map((length) => Math.max(1, Math.round(length * scale)));
  const canvas = new OffscreenCanvas(width!, height!);
  const context = canvas.getContext("2d")!;
  context.fillStyle = PAPER;
  context.fillRect(0, 0, width!, height!);
  context.imageSmoothingQuality = "high";
  context.drawImage(photo, 0, 0, width!, height!);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
}

/** Whether pixels can be read as they are: some browsers scramble them, so that nobody can be told by them. */
export function readsTrue(): boolean {
  const context = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "rgb(200 100 50)";
  context.fillRect(0, 0, 8, 8);
  const { data } = context.getImageData(0, 0, 8, 8);
  // Some change a pixel here and there by one, which does no harm.
  return data.every((value, index) => Math.abs(value - [200, 100, 50, 255][index % 4]!) <= 2);
}
