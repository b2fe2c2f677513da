/** Finds out that a line is dead although nobody closed it: a cable that was pulled, a proxy that fell asleep. */

const TICK = 1_000; // ms
const BEAT = 4_000; // ms between questions
export const SILENCE = 10_000; // ms without any sign of life, until the line counts as lost
const SLOWEST = 50; // bytes a millisecond, of a line that is slow and not dead
const SLEPT = 5 * TICK; // ms between two ticks, after which the machine must have slept

export interface Patient {
  /** Ask the kernel something that it answers even while it is busy. */
  ask(): void;
  /** Bytes that the browser could not hand on yet. */
  bufferedAmount(): number;
  /** Bytes that left and that the kernel hasn't confirmed. */
  bytesUnderway(): number;
  onSilence(): void;
}

/** Shorter silences, in ms, for a line that can be had again. */
const EARLY = {
  onWaking: 5_000, // when the question was the first after a sleep
  offline: 900, // when the browser itself says that it is offline
};

export class Heartbeat {
  private lastHeard = Date.now();
  private lastAsked = 0;
  private lastTick = Date.now();
  private buffered = 0;
  private silence: number = SILENCE;
  private timer: number | undefined;

  constructor(
    private readonly patient: Patient,
    private readonly early = EARLY,
  ) {
    document.addEventListener("visibilitychange", () => this.wake());
    window.addEventListener("offline", () => {
      this.wake(early.offline); // a server on this very machine is still there: ask before anything is said
    });
  }

  start(): void {
    this.stop();
    this.wake();
    this.timer = window.setInterval(() => this.tick(), TICK);
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Something came over the line. */
  heard(): void {
    this.lastHeard = Date.now();
    this.silence = SILENCE;
  }

  /** After a time in which nothing could be noticed: ask first, and judge by the answer. */
  private wake(silence = this.early.onWaking): void {
    this.heard();
    this.silence = silence;
    this.lastTick = Date.now();
    if (this.timer !== undefined) {
      this.askNow();
    }
  }

  private askNow(): void {
    this.lastAsked = Date.now();
    this.patient.ask();
  }

  private tick(): void {
    const now = Date.now();
    const slept = now - this.lastTick > SLEPT;
    this.lastTick = now;
    if (document.hidden) {
      return; // a hidden page's timers are slowed down: nothing can be judged by them
    }
    if (slept) {
      this.wake();
      return;
    }
    const buffered = this.patient.bufferedAmount();
    if (buffered < this.buffered) {
      this.heard(); // a large photo goes out over a slow line, and holds up the answers
    }
    this.buffered = buffered;
    // What the browser handed on may still be in the machine's own buffers.
    const patience = this.silence + this.patient.bytesUnderway() / SLOWEST;
    if (now - this.lastHeard > patience) {
      this.patient.onSilence();
    } else if (now - this.lastAsked >= BEAT) {
      this.askNow();
    }
  }
}
