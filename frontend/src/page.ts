/** What the template's inline scripts and this bundle tell each other. */

export interface Page {
  /** Where the server's addresses begin: "/", or a prefix with slashes on both sides. */
  baseUrl: string;
  /** Done when the notebook's last cell was run and its outputs are in the document. */
  finished: Promise<void>;
  /** Known as soon as the server says so, which is before `finished`. */
  kernelId?: string;
  sessionId: string;
  /** Opened by an inline script, long before this bundle is there. */
  socket?: WebSocket;
  /** What came over `socket` until this bundle listens to it. */
  early: unknown[];
}

declare global {
  interface Window {
    bearclfPage: Page;
  }
}

export type ConnectionState = "connecting" | "open" | "lost" | "gone";

/** Tell style sheets, tests and the page's own widgets how the connection is. */
export function announceConnection(state: ConnectionState): void {
  document.documentElement.dataset.connection = state;
  document.dispatchEvent(new CustomEvent("bearclf:connection", { detail: state }));
}

/** The skeleton gives way to what is mounted, in one step. */
export function reveal(): void {
  document.getElementById("loading")?.remove();
  const cells = document.getElementById("rendered_cells");
  if (cells) {
    cells.hidden = false;
    cells.style.removeProperty("display");
  }
  document.documentElement.dataset.page = "ready";
  document.dispatchEvent(new Event("bearclf:ready"));
}

/**
 * Done when the page came whole; `false` if it broke off before its last line, as it does when the server stops
 * while it is being sent.
 */
export function cameWhole(page: Page): Promise<boolean> {
  const brokeOff = new Promise<boolean>((resolve) => {
    const check = (): void => {
      if (document.readyState === "complete") {
        setTimeout(resolve, 0, false); // `finished` first, if it is done in the same moment
      }
    };
    document.addEventListener("readystatechange", check);
    check();
  });
  return Promise.race([page.finished.then(() => true), brokeOff]);
}
