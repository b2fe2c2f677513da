/** Has the service worker keep the page on the device, before anything large is fetched: so it comes only once. */

export type Progress = (arrived: number, total: number) => void;

/** Done when all is kept, with true, or when that can't be: the page then works as long as there is a connection. */
export async function keptOnDevice(progress: Progress): Promise<boolean> {
  if (!("serviceWorker" in navigator)) {
    return false; // plain HTTP from another machine, or a private window
  }
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }) => {
    if (data?.kind === "keeping" && !serviceWorker.controller) {
      progress(data.arrived, data.total);
    }
  });
  serviceWorker.startMessages();
  try {
    const registering = serviceWorker.register("service_worker.js");
    if (serviceWorker.controller) {
      registering.catch(() => undefined); // there is no connection to look for a newer one
      return true;
    }
    const registration = await registering;
    if (registration.active) {
      return true; // an earlier visit; this one was told to fetch everything anew
    }
    return await first(registration.installing ?? registration.waiting);
  } catch (error) {
    console.warn(error);
    return false;
  }
}

function first(worker: ServiceWorker | null): Promise<boolean> {
  return new Promise((done) => {
    navigator.serviceWorker.addEventListener("controllerchange", () => done(true));
    const look = (): void => {
      if (worker?.state === "redundant") {
        done(false); // something could not be fetched, or there is no room
      }
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
