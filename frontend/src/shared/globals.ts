/** What scripts that are built apart, and the template, tell each other: everything of ours that hangs on `window`. */

import type { Take } from "./files";

/** Begun by the first look, and gone on with by `page.js`. On other templates than ours there is none. */
export interface Page {
  /** Where the server's addresses begin: "/", or a prefix with slashes on both sides. */
  readonly baseUrl: string;
  readonly sessionId: string;
  /** Known as soon as the server says so, which is before `finished`. */
  kernelId?: string;
  socket?: WebSocket;
  /** What came over `socket` until `page.js` listens to it. */
  early: unknown[];
  /** Done when the notebook's last cell was run, its outputs are in the document, and all style has come. */
  readonly finished: Promise<void>;
  /** The template calls it when the kernel is started. */
  connect(kernelId: string): void;
  /** The template calls it when the last cell has run. */
  finish(): void;
  /** The first drop zone gets what was chosen before it was there. */
  handOver(take: Take): void;
}

declare global {
  interface Window {
    bearclfPage?: Page;
    /** Bytes that all drop zones have sent and that the kernel hasn't confirmed. */
    bearclfUnderway?: number;
    /** Voilà's: called each 10 seconds while a cell runs, or for ever if the kernel could not be started. */
    voila_heartbeat?: () => void;
  }
}
