/* Runs in a visited page before its own scripts: notes when the button that opens a dialog can be reached, when files
   are chosen and when answers can be seen; and clicks, when it is told to. All times are milliseconds since the navigation began. BUTTON and ANSWER are CSS
   selectors, put in by visits.py. */
(() => {
  // When the button could first be reached; all clicks on it; all times that files were chosen; and [when, how many]
  // at each change of the number of answers.
  const record = { reachable: null, clicked: [], chosen: [], answers: [] };
  window.benchRecord = record;
  const noteChoice = (event) => {
    if (event.target.type === "file" && event.target.files.length > 0) {
      record.chosen.push(performance.now());
    }
  };
  addEventListener("change", noteChoice, { capture: true });
  // The file input of an ipywidgets button is in no document, so its events reach nobody but its own listeners.
  const createElement = Document.prototype.createElement;
  Document.prototype.createElement = function (...how) {
    const made = createElement.apply(this, how);
    if (made instanceof HTMLInputElement) {
      made.addEventListener("change", (event) => made.isConnected || noteChoice(event));
    }
    return made;
  };

  const isPainted = () => performance.getEntriesByName("first-contentful-paint").length > 0;

  /** The first button that a mouse would reach: enabled, and covered by nothing else. */
  function reachable() {
    return [...document.querySelectorAll(BUTTON)].find((button) => {
      const { left, top, width, height } = button.getBoundingClientRect();
      const hit = document.elementFromPoint(left + width / 2, top + height / 2);
      return width > 0 && !button.disabled && hit !== null && (button.contains(hit) || hit.contains(button));
    });
  }

  const look = () => {
    if (isPainted() && reachable()) {
      record.reachable = performance.now();
    } else {
      requestAnimationFrame(look);
    }
  };
  look();

  /** Click the button once it can be reached; false if it can't within so many milliseconds. */
  record.click = (patience) =>
    new Promise((done) => {
      const until = performance.now() + patience;
      const attempt = () => {
        const button = isPainted() ? reachable() : undefined;
        if (button !== undefined) {
          record.clicked.push(performance.now());
          button.click();
          done(true);
        } else if (performance.now() > until) {
          done(false);
        } else {
          requestAnimationFrame(attempt);
        }
      };
      attempt();
    });

  let seen = 0;
  let counting = false;
  const count = () => {
    counting = false;
    const now = document.querySelectorAll(ANSWER).length;
    if (now !== seen) {
      record.answers.push([performance.now(), now]);
      seen = now;
    }
  };
  // In the frame that will show the change, and at most once in each.
  new MutationObserver(() => {
    if (!counting) {
      counting = true;
      requestAnimationFrame(count);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})();
