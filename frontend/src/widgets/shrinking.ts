/** Photos are shrunk before they are sent, so that a phone's photo costs a second on a slow line. */

import { element } from "../shared/element";

/** Bytes of a file that is sent as it is: less gains nothing from being encoded again, nor from being decoded for that. */
export const SEND_AS_IS = 400_000;

const QUALITY = 0.92;

interface Decoded {
  image: ImageBitmap | VideoFrame;
  width: number;
  height: number;
}

/** The photo as a JPEG of at most `side` pixels, or the file itself where that is as well, or all there is. */
export async function shrunk(file: File, side: number): Promise<Blob> {
  if (file.size <= SEND_AS_IS) {
    return file;
  }
  let decoded: Decoded;
  try {
    decoded = await decode(file, side);
  } catch {
    return file; // the server will see
  }
  const scale = Math.min(1, side / Math.max(decoded.width, decoded.height));
  const width = Math.max(1, Math.round(decoded.width * scale));
  const height = Math.max(1, Math.round(decoded.height * scale));
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d") as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  context.fillStyle = "white"; // what is transparent would turn black in a JPEG
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(decoded.image, 0, 0, width, height);
  decoded.image.close();
  return (await asJpeg(canvas)) ?? file;
}

/** The photo upright, of some `side` pixels or more, if the browser can decode it: HEIC most can't. */
async function decode(file: File, side: number): Promise<Decoded> {
  if (canDecodeSmaller(file)) {
    try {
      const data = await file.arrayBuffer();
      const decoder = new ImageDecoder({ data, type: file.type, desiredWidth: side, desiredHeight: side });
      const { image } = await decoder.decode();
      decoder.close();
      return { image, width: image.displayWidth, height: image.displayHeight };
    } catch {
      // the other way may take what this one doesn't
    }
  }
  const image = await createImageBitmap(file);
  return { image, width: image.width, height: image.height };
}

/**
 * A JPEG can be decoded at a fraction of its size, in half the time. Browsers that don't tell how they turned it may not
 * have turned it.
 */
function canDecodeSmaller(file: File): boolean {
  return file.type === "image/jpeg" && "ImageDecoder" in window && "rotation" in VideoFrame.prototype;
}

/** One that isn't in the document is encoded at once; toBlob() of an element waits for the browser to be idle. */
function canvasOf(width: number, height: number): OffscreenCanvas | HTMLCanvasElement {
  return "OffscreenCanvas" in window ? new OffscreenCanvas(width, height) : element("canvas", { width, height });
}

function asJpeg(canvas: OffscreenCanvas | HTMLCanvasElement): Promise<Blob | null> {
  const type = "image/jpeg";
  return "convertToBlob" in canvas
    ? canvas.convertToBlob({ type, quality: QUALITY })
    : new Promise((done) => canvas.toBlob(done, type, QUALITY));
}
