import { describe, expect, it } from "vitest";
import { decode, encode } from "../src/kernel/frames";
import { newMessage } from "../src/kernel/messages";

const words = (frame: ArrayBuffer, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Number(new DataView(frame).getBigUint64(8 * at, true)));

describe("a frame", () => {
  it("says how many offsets follow, and where each part begins and the last one ends", () => {
    const message = { ...newMessage("s", "shell", "t", {}), header: {} as never };
    const frame = encode({ ...message, buffers: [new Uint8Array([7, 8, 9])] }).buffer;
    // "shell", then {} four times, then three bytes
    expect(words(frame, 8)).toEqual([7, 64, 69, 71, 73, 75, 77, 80]);
    expect(frame.byteLength).toBe(80);
    expect([...new Uint8Array(frame, 77)]).toEqual([7, 8, 9]);
  });

  it("comes back as it was, with other letters than English ones", () => {
    const message = newMessage("session", "shell", "comm_msg", { said: "Bär 🐻" }, { kept: [1, null] });
    expect(decode(encode(message).buffer)).toEqual({ ...message, buffers: [] });
  });

  it("carries as much of a buffer as a view shows of it", () => {
    const whole = new Uint8Array([1, 2, 3, 4, 5]);
    const buffers = [whole.subarray(1, 4), new DataView(whole.buffer, 4), new ArrayBuffer(0), whole.buffer];
    const { buffers: come } = decode(encode(newMessage("s", "shell", "t", {}, {}, buffers)).buffer);
    const bytes = (come as DataView[]).map((view) => [
      ...new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    ]);
    expect(bytes).toEqual([[2, 3, 4], [5], [], [1, 2, 3, 4, 5]]);
  });

  it("is not kept in memory by one of its buffers", () => {
    const frame = encode(newMessage("s", "shell", "t", {}, {}, [new Uint8Array(3)])).buffer;
    const [buffer] = decode(frame).buffers as DataView[];
    expect(buffer!.buffer.byteLength).toBe(3);
  });
});
