/** When the visitor leaves, the kernel behind the page is stopped. */

/** The server's guard against forged requests: what its cookie holds must be in the form, too. */
function forgeryToken(): string {
  return /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

export function stopKernelOnClose(baseUrl: string, kernelId: string): void {
  window.addEventListener("pagehide", ({ persisted }) => {
    if (persisted) {
      return; // kept for the way back
    }
    const form = new FormData();
    form.append("_xsrf", forgeryToken());
    navigator.sendBeacon(`${baseUrl}voila/api/shutdown/${kernelId}`, form);
  });
}
