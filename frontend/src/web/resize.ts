/**
 * Resizes as Pillow does, to the very same bytes: in training, every photo came this way. First along rows, then along
 * columns, with 8 bits a channel between the two.
 */

/** A photo that is read some rows at a time, so that a phone never has all of a large one in two places. */
export interface Rows {
  width: number;
  height: number;
  /** Numbers from one pixel to the next, of which the first three are red, green and blue. */
  stride: number;
  read(top: number, count: number): Uint8Array | Uint8ClampedArray;
}

export interface Filter {
  support: number;
  weight(distance: number): number;
}

export const BILINEAR: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

export const BICUBIC: Filter = {
  support: 2,
  weight(distance) {
    const x = Math.abs(distance);
    if (x < 1) {
      return (1.5 * x - 2.5) * x * x + 1;
    }
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

const BITS = 22; // after the binary point of a weight
const HALF = 2 ** (BITS - 1);
const ROWS_AT_ONCE = 64;

/** What each new pixel along one side is made of: `weights[i]` of the pixels from `starts[i]` on. */
interface Mix {
  starts: number[];
  weights: Int32Array[];
}

function mix(from: number, to: number, { support, weight }: Filter): Mix {
  const scale = from / to;
  const spread = Math.max(1, scale);
  const reach = support * spread;
  const starts: number[] = [];
  const weights: Int32Array[] = [];
  for (let i = 0; i < to; i += 1) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const exact = Array.from({ length: end - start }, (_, k) => weight((start + k - centre + 0.5) / spread));
    const sum = exact.reduce((one, other) => one + other, 0);
    starts.push(start);
    weights.push(Int32Array.from(exact, (one) => Math.trunc((one / sum) * 2 ** BITS + (one < 0 ? -0.5 : 0.5))));
  }
  return { starts, weights };
}

const byte = (sum: number): number => Math.min(255, Math.max(0, (sum + HALF) >> BITS));

/** `photo` at `width` x `height`: its red, green and blue, row by row. */
export function resized(photo: Rows, width: number, height: number, filter: Filter): Rows {
  const narrow = new Uint8Array(photo.height * width * 3);
  const across = mix(photo.width, width, filter);
  for (let top = 0; top < photo.height; top += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, photo.height - top);
    alongRows(photo.read(top, count), photo, count, across, narrow.subarray(top * width * 3));
  }
  const small = new Uint8Array(height * width * 3);
  alongColumns(narrow, width * 3, mix(photo.height, height, filter), small);
  return inMemory(small, width, height);
}

function inMemory(pixels: Uint8Array, width: number, height: number): Rows {
  const read = (top: number, count: number): Uint8Array => pixels.subarray(top * width * 3, (top + count) * width * 3);
  return { width, height, stride: 3, read };
}

function alongRows(
  pixels: Uint8Array | Uint8ClampedArray,
  { width, stride }: Rows,
  count: number,
  { starts, weights }: Mix,
  to: Uint8Array,
): void {
  let out = 0;
  for (let y = 0; y < count; y += 1) {
    const row = y * width * stride;
    for (let x = 0; x < starts.length; x += 1) {
      const some = weights[x]!;
      let at = row + starts[x]! * stride;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let k = 0; k < some.length; k += 1, at += stride) {
        const weight = some[k]!;
        red += pixels[at]! * weight;
        green += pixels[at + 1]! * weight;
        blue += pixels[at + 2]! * weight;
      }
      to[out] = byte(red);
      to[out + 1] = byte(green);
      to[out + 2] = byte(blue);
      out += 3;
    }
  }
}

/** `rowLength` is in numbers. */
function alongColumns(pixels: Uint8Array, rowLength: number, { starts, weights }: Mix, to: Uint8Array): void {
  const sums = new Float64Array(rowLength);
  for (let y = 0; y < starts.length; y += 1) {
    sums.fill(0);
    for (const [k, weight] of weights[y]!.entries()) {
      const row = (starts[y]! + k) * rowLength;
      for (let x = 0; x < rowLength; x += 1) {
        sums[x]! += pixels[row + x]! * weight;
      }
    }
    const out = y * rowLength;
    for (let x = 0; x < rowLength; x += 1) {
      to[out + x] = byte(sums[x]!);
    }
  }
}
