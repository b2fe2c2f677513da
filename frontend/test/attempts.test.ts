import { describe, expect, it, vi } from "vitest";
import { Attempts } from "../src/kernel/attempts";
import { fakeBrowser, setHidden } from "./browser";

fakeBrowser();

/** Attempts that all fail, and when each was made, in ms, to a tenth of a second. */
function failing(): { attempts: Attempts; made: number[] } {
  const start = Date.now();
  const made: number[] = [];
  const attempts: Attempts = new Attempts(() => {
    made.push(Math.round((Date.now() - start) / 100) * 100);
    attempts.soon();
  });
  return { attempts, made };
}

describe("attempts to reconnect", () => {
  it("are made at once, then less and less often", () => {
    const { attempts, made } = failing();
    attempts.soon();
    vi.advanceTimersByTime(16_000);
    expect(made).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500]);
  });

  it("end when they are not wanted any more", () => {
    const { attempts, made } = failing();
    attempts.soon();
    vi.advanceTimersByTime(600);
    attempts.stop();
    window.dispatchEvent(new Event("online"));
    vi.advanceTimersByTime(60_000);
    expect(made).toEqual([0, 500]);
  });

  it.each([
    ["the network is there again", () => window.dispatchEvent(new Event("online"))],
    ["the page is shown again", () => window.dispatchEvent(new Event("pageshow"))],
    ["somebody looks at the page", () => setHidden(false)],
  ])("are made at once when %s", (_, happens) => {
    const { attempts, made } = failing();
    attempts.soon();
    vi.advanceTimersByTime(8_000);
    made.length = 0;
    happens();
    vi.advanceTimersByTime(600);
    expect(made).toEqual([8_000, 8_500]);
  });

  it("are not hurried while nobody looks", () => {
    const { attempts, made } = failing();
    attempts.soon();
    vi.advanceTimersByTime(8_000);
    made.length = 0;
    setHidden(true);
    vi.advanceTimersByTime(100);
    expect(made).toEqual([]);
  });

  it("begin anew only after something was heard", () => {
    const { attempts, made } = failing();
    attempts.soon();
    vi.advanceTimersByTime(8_000);
    attempts.succeeded();
    made.length = 0;
    vi.advanceTimersByTime(4_100);
    expect(made).toEqual([11_500, 11_500, 12_000]); // the one that was due, then as at first
  });
});
