import { beforeEach, describe, expect, it, vi } from "vitest";
import { Line } from "../src/kernel/line";
import { type Message, PROTOCOL } from "../src/kernel/messages";
import { FakeSocket, fakeBrowser, SESSION, saying } from "./browser";

fakeBrowser();

/** What the server answers when it is asked for the kernel, over HTTP; 0 if it can't be reached. */
let status = 200;

beforeEach(() => {
  status = 200;
  vi.stubGlobal("fetch", async () => {
    if (status === 0) {
      throw new TypeError("Failed to fetch");
    }
    return { status };
  });
});

function lineOver(socket: FakeSocket | undefined, early: readonly unknown[] = []) {
  const states: string[] = [];
  const heard: string[] = [];
  const line = new Line("http://here/api/kernels/k", SESSION, {
    onMessage: ({ header }) => heard.push(header.msg_type),
    onState: (state, ending) => states.push(ending ? `${state}: ${ending}` : state),
  });
  line.adopt(socket as WebSocket | undefined, early);
  return { line, states, heard };
}

/** A line that is open. */
function open() {
  const socket = new FakeSocket();
  const made = lineOver(socket);
  socket.open();
  return { socket, ...made };
}

const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000 * count);

describe("the line", () => {
  it("takes over the page's socket, and what came over it meanwhile", () => {
    const before = new FakeSocket();
    const early: unknown[] = [];
    before.onmessage = ({ data }) => early.push(data);
    before.open();
    before.hear("comm_open");
    const { heard, states } = lineOver(before, early);
    before.hear("comm_msg");
    expect(heard).toEqual(["comm_open", "comm_msg"]);
    expect(states).toEqual(["open"]);
  });

  it("keeps what is said until it is open", () => {
    const socket = new FakeSocket();
    const { line } = lineOver(socket);
    line.send(saying("early"));
    expect(socket.said).toEqual([]);
    socket.open();
    expect(socket.said).toEqual(["early"]);
  });

  it("is opened anew under the same session when it is cut, and loses nothing", async () => {
    const { socket, line, states } = open();
    const [one, two] = [saying("one"), saying("two")];
    line.send(one);
    line.send(two);
    socket.hear("status", { execution_state: "busy" }, one);
    socket.close();
    line.send(saying("meanwhile"));
    await seconds(1);
    const next = FakeSocket.latest;
    expect(next).not.toBe(socket);
    expect(next.url).toBe(`ws://here/api/kernels/k/channels?session_id=${SESSION}`);
    expect(next.protocol).toBe(PROTOCOL);
    next.open();
    expect(next.said).toEqual(["two", "meanwhile"]);
    expect(states).toEqual(["open", "lost", "open"]);
  });

  it("tries until the server is there again", async () => {
    const { socket, states } = open();
    status = 0;
    socket.close();
    await seconds(30);
    expect(FakeSocket.all).toHaveLength(1);
    status = 200;
    await seconds(5);
    FakeSocket.latest.open();
    expect(states).toEqual(["open", "lost", "open"]);
  });

  it("tries again when an attempt hangs", async () => {
    const { socket, states } = open();
    socket.close();
    await seconds(1);
    const hanging = FakeSocket.latest;
    await seconds(12);
    expect(hanging.readyState).toBe(FakeSocket.CLOSED);
    expect(FakeSocket.latest).not.toBe(hanging);
    FakeSocket.latest.open();
    expect(states).toEqual(["open", "lost", "open"]);
  });

  it.each([
    [404, "gone: ended"],
    [401, "gone: refused"],
    [403, "gone: refused"],
  ])("is gone for good when the server answers %i", async (answer, ending) => {
    const { socket, line, states } = open();
    status = answer;
    socket.close();
    await seconds(1);
    expect(states).toEqual(["open", "lost", ending]);
    status = 200;
    line.send(saying("in vain"));
    await seconds(60);
    expect(FakeSocket.all).toEqual([socket]);
  });

  it.each(["dead", "restarting"])("is gone when the kernel is %s", async (state) => {
    const { socket, states } = open();
    socket.hear("status", { execution_state: state });
    socket.close();
    await seconds(60);
    expect(states).toEqual(["open", "gone: ended"]);
    expect(FakeSocket.all).toEqual([socket]);
  });

  it("goes on over a socket that was slow, not dead", async () => {
    const { socket, line, states, heard } = open();
    status = 0;
    await seconds(12);
    expect(states).toEqual(["open", "lost"]);
    socket.hear("comm_msg");
    expect(states).toEqual(["open", "lost", "open"]);
    line.send(saying("on"));
    expect(socket.said).toEqual(["on"]);
    expect(heard).toEqual(["comm_msg"]);
    expect(FakeSocket.all).toEqual([socket]);
  });

  it("asks a silent socket once more before it opens another", async () => {
    const { socket, states } = open();
    socket.hear("status", { execution_state: "idle" });
    const asked = socket.questions;
    await seconds(11.5);
    expect(states).toEqual(["open", "lost"]);
    expect(socket.questions).toBeGreaterThan(asked + 1);
    expect(FakeSocket.all).toEqual([socket]);
    await seconds(1);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.latest.open();
    expect(socket.readyState).toBe(FakeSocket.CLOSED);
    expect(states).toEqual(["open", "lost", "open"]);
  });

  it("stays open as long as the kernel answers", async () => {
    const { socket, states } = open();
    const answer = socket.send.bind(socket);
    socket.send = (frame) => {
      answer(frame);
      socket.hear("kernel_info_reply", {}, socket.sent.at(-1) as Message, "control");
    };
    await seconds(120);
    expect(states).toEqual(["open"]);
  });

  it("begins lost when the page's socket was closed before", async () => {
    const socket = new FakeSocket();
    socket.close();
    const { states } = lineOver(socket);
    await seconds(1);
    FakeSocket.latest.open();
    expect(states).toEqual(["lost", "open"]);
  });
});
