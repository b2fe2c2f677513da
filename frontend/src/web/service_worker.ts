/**
 * Keeps all of the page on the device at the first visit, so that it opens without a connection. A newer version of the
 * page is fetched whole beside the old one, and takes its place when the old one isn't open any more.
 */

/** The export writes it before this script: a name for this very content, and the size in bytes of each file. */
declare const KEPT: { version: string; files: Record<string, number> };

// TypeScript knows a service worker's own names only in place of a page's.
interface Extendable extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface FetchEvent extends Event {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Page {
  postMessage(message: unknown): void;
}
interface Scope extends EventTarget {
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { includeUncontrolled: boolean; type: "window" }): Promise<Page[]>;
  };
}
const worker = globalThis as unknown as Scope;

const { scope } = worker.registration;
const OURS = `bearclf ${scope} `; // other pages of the same host have caches of their own
const NAME = OURS + KEPT.version;
const TOTAL = Object.values(KEPT.files).reduce((sum, bytes) => sum + bytes, 0);
const NAMED_BY_CONTENT = /-[0-9a-f]{12}\./;

let arrived = 0;

async function keepAll(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all(Object.keys(KEPT.files).map((path) => keep(cache, path)));
}

async function keep(cache: Cache, path: string): Promise<void> {
  const url = new URL(path, scope).href;
  const known = NAMED_BY_CONTENT.test(path) ? await caches.match(url) : undefined;
  await cache.put(url, known ?? (await fetched(url)));
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url, { cache: NAMED_BY_CONTENT.test(url) ? "default" : "no-cache" });
  if (!response.ok || !response.body) {
    throw new Error(`${url}: ${response.status}`);
  }
  const pages = await worker.clients.matchAll({ includeUncontrolled: true, type: "window" });
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      arrived += chunk.length;
      for (const page of pages) {
        page.postMessage({ kind: "keeping", arrived, total: TOTAL });
      }
      controller.enqueue(chunk);
    },
  });
  const content = await new Response(response.body.pipeThrough(counted)).blob();
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding"); // it is unpacked
  headers.delete("Content-Length");
  return new Response(content, { headers });
}

async function forgetOlder(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== NAME).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const url = new URL(request.url);
  const path = url.pathname.endsWith("/") ? "index.html" : "";
  return (await cache.match(new URL(path, url).href, { ignoreSearch: true })) ?? fetch(request);
}

worker.addEventListener("install", (event) => (event as Extendable).waitUntil(keepAll()));
worker.addEventListener("activate", (event) => (event as Extendable).waitUntil(forgetOlder()));
worker.addEventListener("fetch", (event) => {
  const { request } = event as FetchEvent;
  if (request.method === "GET" && request.url.startsWith(scope)) {
    (event as FetchEvent).respondWith(answer(request));
  }
});
