/** When to try to reconnect: at once, then less and less often, and at once again when there is reason to hope. */

const PAUSES = [0, 500, 1_000, 2_000, 4_000]; // ms before each attempt; the last one repeats

export class Attempts {
  private attemptsMade = 0;
  private timer = 0;
  private areWanted = false;

  constructor(private readonly attempt: () => void) {
    const hurry = (): void => {
      if (this.areWanted && !document.hidden) {
        this.attemptsMade = 0;
        this.soon();
      }
    };
    window.addEventListener("online", hurry);
    window.addEventListener("pageshow", hurry);
    document.addEventListener("visibilitychange", hurry);
  }

  soon(): void {
    this.areWanted = true;
    window.clearTimeout(this.timer);
    const pause = PAUSES[Math.min(this.attemptsMade, PAUSES.length - 1)]!;
    this.attemptsMade += 1;
    this.timer = window.setTimeout(this.attempt, pause);
  }

  stop(): void {
    this.areWanted = false;
    window.clearTimeout(this.timer);
  }

  /** Only what is heard counts: a line may be opened and cut at once, over and over. */
  succeeded(): void {
    this.attemptsMade = 0;
  }
}
