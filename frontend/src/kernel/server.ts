/** Asks the server over HTTP whether the kernel still lives: a websocket that is refused doesn't say why. */

/** The status of the answer, within `patience` ms; 0 if there is none. */
export async function askServer(kernelUrl: string, patience: number): Promise<number> {
  const ends = new AbortController();
  const timer = window.setTimeout(() => ends.abort(), patience);
  try {
    const answer = await fetch(kernelUrl, { cache: "no-store", signal: ends.signal });
    return answer.status;
  } catch {
    return 0;
  } finally {
    window.clearTimeout(timer);
  }
}
