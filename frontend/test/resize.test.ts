import { describe, expect, it } from "vitest";
import { BICUBIC, BILINEAR, type Rows, resized } from "../src/web/resize";
import { type Resize, seen } from "../src/web/seen";

// What Pillow 13 makes of noise, with `resize(to, filter)`.
const CASES = [
  {
    filter: BILINEAR,
    from: [7, 5],
    to: [3, 4],
    pixels: [
      248, 194, 190, 207, 147, 26, 237, 21, 245, 211, 239, 45, 5, 157, 159, 60, 54, 236, 109, 46, 199, 82, 32, 205, 36,
      7, 134, 222, 57, 146, 8, 149, 14, 15, 22, 10, 144, 208, 24, 24, 7, 41, 11, 85, 59, 104, 225, 110, 226, 201, 8,
      159, 26, 27, 163, 122, 33, 41, 201, 67, 70, 166, 228, 40, 50, 179, 0, 177, 137, 63, 13, 188, 255, 64, 94, 8, 8,
      156, 25, 29, 157, 146, 190, 115, 219, 135, 39, 100, 237, 127, 72, 227, 168, 21, 73, 132, 16, 153, 140, 107, 80,
      163, 61, 110, 47,
    ],
    expected: [
      194, 110, 139, 138, 137, 110, 68, 79, 161, 94, 87, 124, 110, 101, 43, 75, 128, 65, 57, 127, 124, 141, 72, 93, 70,
      120, 132, 110, 173, 119, 62, 114, 142, 70, 100, 123,
    ],
  },
  {
    filter: BICUBIC,
    from: [7, 5],
    to: [3, 2],
    pixels: [
      97, 110, 56, 150, 74, 193, 62, 44, 238, 239, 226, 188, 14, 205, 185, 193, 73, 238, 205, 244, 160, 110, 68, 201,
      79, 104, 193, 72, 88, 197, 234, 81, 148, 48, 7, 166, 149, 40, 126, 166, 40, 54, 59, 178, 13, 153, 135, 222, 59,
      191, 239, 74, 193, 154, 82, 240, 115, 167, 97, 0, 185, 210, 176, 19, 76, 177, 52, 249, 109, 94, 162, 241, 197, 5,
      100, 76, 50, 247, 166, 35, 250, 98, 97, 80, 103, 193, 8, 11, 61, 45, 71, 228, 29, 90, 164, 169, 9, 61, 205, 149,
      231, 18, 163, 62, 14,
    ],
    expected: [101, 103, 174, 120, 126, 183, 152, 109, 135, 63, 161, 110, 95, 126, 163, 132, 105, 113],
  },
  {
    filter: BILINEAR,
    from: [3, 2],
    to: [5, 4],
    pixels: [115, 81, 186, 48, 107, 123, 245, 197, 52, 123, 119, 121, 134, 193, 196, 7, 127, 86],
    expected: [
      115, 81, 186, 88, 91, 161, 48, 107, 123, 166, 161, 80, 245, 197, 52, 117, 91, 170, 98, 106, 159, 70, 129, 141,
      139, 159, 93, 186, 180, 61, 121, 110, 137, 117, 135, 154, 113, 172, 178, 85, 155, 118, 67, 145, 78, 123, 119, 121,
      127, 149, 151, 134, 193, 196, 58, 153, 130, 7, 127, 86,
    ],
  },
];

function rows(width: number, height: number, pixels: number[], stride = 3): Rows {
  const row = width * stride;
  return { width, height, stride, read: (top, count) => Uint8Array.from(pixels.slice(top * row, (top + count) * row)) };
}

/** With a fourth number for each pixel, as a canvas has it. */
function withAlpha(pixels: number[]): number[] {
  return pixels.flatMap((value, index) => (index % 3 === 2 ? [value, 255] : [value]));
}

describe("a photo that is resized", () => {
  it.each(CASES)("has the bytes that Pillow makes of it ($from to $to)", ({ filter, from, to, pixels, expected }) => {
    for (const photo of [rows(from[0]!, from[1]!, pixels), rows(from[0]!, from[1]!, withAlpha(pixels), 4)]) {
      expect([...resized(photo, to[0]!, to[1]!, filter).read(0, to[1]!)]).toEqual(expected);
    }
  });

  it("is read some rows at a time", () => {
    const counts: number[] = [];
    const read = (_: number, count: number): Uint8Array => {
      counts.push(count);
      return new Uint8Array(count * 30);
    };
    resized({ width: 10, height: 200, stride: 3, read }, 5, 5, BILINEAR);
    expect(counts).toEqual([64, 64, 64, 8]);
  });
});

describe("what the network sees", () => {
  const squish = (size: [number, number], middle: [number, number]): Resize => ({ way: "squish", size, middle });

  it("is the middle, one colour after the other", () => {
    const photo = rows(
      4,
      2,
      Array.from({ length: 24 }, (_, index) => index),
    );
    expect([...seen(photo, squish([4, 2], [2, 1]), 1024)]).toEqual([3, 6, 4, 7, 5, 8]);
  });

  it("was at most the working side first", () => {
    const photo = rows(5, 3, new Array(45).fill(7));
    expect([...seen(photo, squish([2, 2], [2, 2]), 4)]).toEqual(new Array(12).fill(7));
  });

  // What fastai's Resize makes of noise, 7 x 4, at 3 x 3.
  const noise = [
    168, 229, 184, 171, 238, 171, 20, 206, 245, 153, 204, 5, 37, 53, 213, 206, 192, 173, 6, 120, 63, 96, 236, 131, 118,
    4, 87, 161, 124, 71, 42, 73, 237, 16, 194, 250, 10, 103, 206, 13, 143, 2, 38, 71, 133, 118, 36, 98, 196, 35, 57,
    146, 50, 179, 145, 104, 206, 53, 141, 33, 181, 39, 151, 11, 180, 138, 66, 0, 165, 98, 123, 12, 144, 184, 24, 38,
    129, 1, 202, 255, 85, 54, 228, 48,
  ];
  const ways: [Resize["way"], number[]][] = [
    [
      "crop",
      [
        127, 91, 58, 136, 137, 85, 95, 136, 92, 172, 173, 116, 38, 71, 123, 37, 121, 128, 160, 134, 179, 84, 136, 222,
        109, 48, 65,
      ],
    ],
    [
      "pad",
      [
        85, 57, 45, 92, 108, 84, 11, 23, 24, 122, 97, 88, 81, 98, 132, 19, 32, 47, 103, 96, 91, 105, 118, 101, 26, 6,
        12,
      ],
    ],
  ];
  it.each(ways)("is what fastai takes of it, by %s", (way, expected) => {
    expect([...seen(rows(7, 4, noise), { way, size: [3, 3], middle: [3, 3] }, 1024)]).toEqual(expected);
  });
});
