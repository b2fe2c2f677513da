/* Inlined into the page's head, so that it runs before anything else is fetched. It opens the line to the kernel as
   soon as it is told which, and keeps what a visitor does on the first look until the widgets are there. */
"use strict";
(() => {
  const root = document.documentElement;
  let resolveFinished;
  let isFinished = false;

  // What page.js goes on with.
  const page = (window.bearclfPage = {
    baseUrl: root.dataset.baseUrl,
    // randomUUID() is there on https and localhost only
    sessionId: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    early: [], // what the kernel said before page.js listened
    finished: new Promise((done) => (resolveFinished = done)), // all cells ran, all style is there

    connect(kernelId) {
      const url = new URL(`${page.baseUrl}api/kernels/${kernelId}/channels`, location.href);
      url.protocol = url.protocol.replace("http", "ws");
      url.searchParams.set("session_id", page.sessionId);
      page.kernelId = kernelId;
      page.socket = new WebSocket(url, ["v1.kernel.websocket.jupyter.org"]);
      page.socket.binaryType = "arraybuffer";
      page.socket.onmessage = ({ data }) => page.early.push(data);
    },

    finish() {
      isFinished = true;
      const awaited = document.querySelectorAll('link[media="print"]'); // loaded ones say "all"
      Promise.all(
        [...awaited].map((link) => new Promise((done) => (link.addEventListener("load", done), link.addEventListener("error", done)))),
      ).then(resolveFinished);
    },
  });
  // Voilà calls it each 10 seconds while a cell runs, or for ever if the kernel could not be started.
  window.voila_heartbeat = () => offerReload("This takes longer than usual. You can go on waiting, or reload the page. ");

  /* What a visitor does before the widgets are there. */

  const ends = new AbortController(); // once the widgets can be seen
  const listen = (type, act) => document.addEventListener(type, act, { signal: ends.signal });
  const waiting = []; // photos, as they were chosen together
  let zone = null; // of drop_zone.js
  let tab = 0;
  let focused = null;

  const early = (window.bearclfEarly = {
    take(files) {
      if (files.length === 0) {
        return;
      }
      if (zone) {
        zone(files); // a dialog that was opened on the first look
        return;
      }
      waiting.push(files);
      const number = waiting.flat().length;
      say(`${number === 1 ? "Your photo is" : `Your ${number} photos are`} answered as soon as the page is ready.`);
    },
    handOver(takes) {
      if (zone === null) {
        zone = takes;
        waiting.splice(0).forEach(takes);
      }
    },
  });

  function say(sentence) {
    const paragraph = document.createElement("p");
    paragraph.textContent = sentence;
    document.querySelector("#loading .bearclf-status")?.replaceChildren(paragraph);
    return paragraph;
  }

  function openDialog(options) {
    const input = Object.assign(document.createElement("input"), { type: "file", hidden: true, ...options });
    input.addEventListener("change", () => (early.take([...input.files]), input.remove()));
    document.body.append(input); // not into what is about to be replaced
    input.click();
  }

  function chooseTab(button) {
    const tabs = [...document.querySelectorAll('[data-early="tab"]')];
    tab = tabs.indexOf(button);
    tabs.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
  }

  listen("click", ({ target }) => {
    const button = target.closest?.("[data-early]");
    const kind = button?.dataset.early;
    if (kind === "choose") {
      openDialog({ multiple: true, accept: button.closest("[data-accept]").dataset.accept });
    } else if (kind === "camera") {
      openDialog({ accept: "image/*", capture: "environment" });
    } else if (kind === "tab") {
      chooseTab(button);
    }
  });

  const hasZone = () => document.querySelector("#loading .bearclf-chooser") !== null;
  const carriesFiles = (event) => hasZone() && [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (is) => root.classList.toggle("bearclf-dragging", is);
  for (const type of ["dragenter", "dragover"]) {
    listen(type, (event) => carriesFiles(event) && (event.preventDefault(), over(true)));
  }
  listen("dragleave", (event) => event.relatedTarget ?? over(false));
  listen("drop", (event) => {
    over(false);
    if (carriesFiles(event)) {
      event.preventDefault();
      early.take([...event.dataTransfer.files]);
    }
  });
  listen("paste", (event) => hasZone() && early.take([...(event.clipboardData?.files ?? [])]));

  document.addEventListener("focusin", ({ target }) => (focused = target.closest?.("#loading") ? target.dataset.early : null));
  document.addEventListener("bearclf:ready", () => {
    ends.abort();
    const tabs = document.querySelectorAll(".bearclf-tabs > .lm-TabBar .lm-TabBar-tab");
    if (tab > 0) {
      tabs[tab]?.focus();
      tabs[tab]?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    } else if (focused === "tab") {
      tabs[0]?.focus();
    } else if (focused) {
      document.querySelector(".bearclf-upload")?.focus();
    }
  });

  function offerReload(sentence) {
    const again = document.createElement("button");
    Object.assign(again, { className: "jupyter-button bearclf-quiet", textContent: "Reload the page" });
    again.addEventListener("click", () => location.reload());
    say(sentence).append(again);
  }

  // The server stopped in the middle.
  document.addEventListener("DOMContentLoaded", () => {
    if (!isFinished) {
      offerReload("The server stopped before the page was ready. Please reload the page in a moment. ");
    }
  });
})();
