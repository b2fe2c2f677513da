import { describe, expect, it, vi } from "vitest";
import { Outbox } from "../src/kernel/outbox";
import { FakeSocket, fakeBrowser, saying } from "./browser";

fakeBrowser();

function openSocket(): FakeSocket & WebSocket {
  const socket = new FakeSocket();
  socket.open();
  return socket as never;
}

describe("the outbox", () => {
  it("keeps what is said while there is no line, in order", () => {
    const outbox = new Outbox();
    outbox.add(saying("one"));
    outbox.add(saying("two"));
    outbox.flush(new FakeSocket() as never); // not open yet
    expect(FakeSocket.latest.said).toEqual([]);
    const socket = openSocket();
    outbox.flush(socket);
    outbox.flush(socket);
    expect(socket.said).toEqual(["one", "two"]);
  });

  it("sends again what the kernel didn't speak of, before the rest", () => {
    const outbox = new Outbox();
    const [one, two, three] = [saying("one"), saying("two"), saying("three")];
    outbox.add(one);
    outbox.add(two);
    outbox.flush(openSocket());
    outbox.confirm(one.header.msg_id);
    outbox.add(three);
    outbox.requeueUnconfirmed();
    const next = openSocket();
    outbox.flush(next);
    expect(next.said).toEqual(["two", "three"]);
  });

  it("gives up a message that cuts the line each time", () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const outbox = new Outbox();
    outbox.add(saying("too large"));
    for (const sent of [1, 1, 1, 0]) {
      const socket = openSocket();
      outbox.flush(socket);
      outbox.requeueUnconfirmed();
      expect(socket.said).toHaveLength(sent);
    }
    expect(complaint).toHaveBeenCalledOnce();
    outbox.add(saying("the next"));
    const socket = openSocket();
    outbox.flush(socket);
    expect(socket.said).toEqual(["the next"]);
  });

  it("counts the bytes that left and are not confirmed", () => {
    const outbox = new Outbox();
    const message = saying("one");
    outbox.add(message);
    expect(outbox.bytesUnderway).toBe(0);
    outbox.flush(openSocket());
    expect(outbox.bytesUnderway).toBeGreaterThan(100);
    outbox.confirm(message.header.msg_id);
    expect(outbox.bytesUnderway).toBe(0);
  });
});
