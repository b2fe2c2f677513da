/* On Voilà's stock template: fetches the page's style, and says when the connection is lost. Our own template brings
   both, so that nothing is to be done there. */

const BEAT = 4_000; // ms between signs of life
const SILENCE = 10_000; // ms without any, until the connection counts as lost
const SILENCE_WHILE_SENDING = 90_000; // a large photo on a slow line holds up the signs of life

function sayGone() {
  document.documentElement.dataset.connection = "gone";
  const notice = document.createElement("div");
  notice.className = "bearclf-lost";
  notice.setAttribute("role", "alert");
  notice.append("The connection to the server is lost, so nothing can be answered any more. ");
  const reload = document.createElement("button");
  reload.className = "jupyter-button";
  reload.textContent = "Reload the page";
  reload.addEventListener("click", () => location.reload());
  notice.append(reload);
  document.querySelector(".bearclf")?.append(notice);
}

function render({ model, el }) {
  if (window.bearclfPage) {
    return;
  }
  const style = document.createElement("style");
  el.append(style);
  let lastHeard = Date.now();
  model.on("msg:custom", (message) => {
    lastHeard = Date.now();
    if (message.kind === "style") {
      style.textContent = message.css;
    }
  });
  model.send({ kind: "style" });

  let lastBeat = Date.now();
  const beating = setInterval(() => {
    if (document.hidden || Date.now() - lastBeat > 3 * BEAT) {
      lastHeard = Date.now(); // timers sleep in a hidden page and on a closed laptop: ask again before giving up
    }
    lastBeat = Date.now();
    const patience = window.bearclfInFlight > 0 ? SILENCE_WHILE_SENDING : SILENCE;
    try {
      if (Date.now() - lastHeard > patience) {
        throw new Error("silence");
      }
      model.send({ kind: "ping" });
    } catch {
      clearInterval(beating);
      sayGone();
    }
  }, BEAT);
  return () => clearInterval(beating);
}

export default { render };
