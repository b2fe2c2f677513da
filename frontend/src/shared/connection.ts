/** How the connection to the kernel is: told to style sheets, to tests and to the page's own widgets. */

export type ConnectionState = "connecting" | "open" | "lost" | "gone";

export function announceConnection(state: ConnectionState): void {
  document.documentElement.dataset.connection = state;
  document.dispatchEvent(new CustomEvent("bearclf:connection", { detail: state }));
}

/** Whether nothing can be answered any more. */
export function isGone(): boolean {
  return document.documentElement.dataset.connection === "gone";
}
