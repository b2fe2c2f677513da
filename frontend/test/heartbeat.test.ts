import { describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../src/kernel/heartbeat";
import { fakeBrowser, setHidden } from "./browser";

fakeBrowser();

function beating(early?: { onWaking: number; offline: number }) {
  const patient = { ask: vi.fn(), buffered: 0, underway: 0, onSilence: vi.fn() };
  const heartbeat = new Heartbeat(
    {
      ask: patient.ask,
      bufferedAmount: () => patient.buffered,
      bytesUnderway: () => patient.underway,
      onSilence: () => {
        patient.onSilence();
        heartbeat.stop();
      },
    },
    early,
  );
  heartbeat.start();
  return { patient, heartbeat };
}

describe("the heartbeat", () => {
  it("asks within a second and then each four, and says nothing while answers come", () => {
    const { patient, heartbeat } = beating();
    patient.ask.mockImplementation(() => heartbeat.heard());
    vi.advanceTimersByTime(60_000);
    expect(patient.ask).toHaveBeenCalledTimes(15);
    expect(patient.onSilence).not.toHaveBeenCalled();
  });

  it("finds a line dead after ten seconds of silence", () => {
    const { patient, heartbeat } = beating();
    heartbeat.heard();
    vi.advanceTimersByTime(10_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(patient.onSilence).toHaveBeenCalledOnce();
  });

  it("finds nothing after it was stopped", () => {
    const { patient, heartbeat } = beating();
    heartbeat.stop();
    setHidden(false);
    vi.advanceTimersByTime(60_000);
    expect(patient.ask).not.toHaveBeenCalled();
    expect(patient.onSilence).not.toHaveBeenCalled();
  });

  it("waits while a large photo leaves over a slow line", () => {
    const { patient, heartbeat } = beating();
    heartbeat.heard();
    patient.buffered = 5_000_000;
    for (let second = 0; second < 50; second += 1) {
      patient.buffered -= 50_000;
      vi.advanceTimersByTime(1_000);
    }
    expect(patient.onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(11_000); // nothing leaves any more
    expect(patient.onSilence).toHaveBeenCalledOnce();
  });

  it("waits longer for what is on its way and not confirmed", () => {
    const { patient, heartbeat } = beating();
    heartbeat.heard();
    patient.underway = 500_000; // ten seconds at the slowest
    vi.advanceTimersByTime(20_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(patient.onSilence).toHaveBeenCalledOnce();
  });

  it("judges nothing by a hidden page's timers, and asks when somebody looks again", () => {
    const { patient } = beating();
    setHidden(true);
    vi.advanceTimersByTime(600_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    patient.ask.mockClear();
    setHidden(false);
    expect(patient.ask).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(patient.onSilence).toHaveBeenCalledOnce();
  });

  it("asks first when the machine slept", () => {
    const { patient, heartbeat } = beating();
    heartbeat.heard();
    patient.ask.mockClear();
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    expect(patient.ask).toHaveBeenCalledOnce();
    heartbeat.heard();
    vi.advanceTimersByTime(9_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
  });

  it.each([
    ["believes a browser that is offline and gets no answer", undefined, 1_000],
    ["is as patient as ever where a line can't be had again", { onWaking: 10_000, offline: 10_000 }, 11_000],
  ])("%s", (_, early, silence) => {
    const { patient, heartbeat } = beating(early);
    heartbeat.heard();
    window.dispatchEvent(new Event("offline"));
    vi.advanceTimersByTime(silence - 1_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(patient.onSilence).toHaveBeenCalledOnce();
  });

  it("goes on with a server on this very machine, which answers although the browser is offline", () => {
    const { patient, heartbeat } = beating();
    patient.ask.mockImplementation(() => heartbeat.heard());
    window.dispatchEvent(new Event("offline"));
    vi.advanceTimersByTime(60_000);
    expect(patient.onSilence).not.toHaveBeenCalled();
  });
});
