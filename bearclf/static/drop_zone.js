/* Takes photos by drag and drop, by paste, from the phone's camera, and in place of the upload button's own
   dialog. Photos are shrunk here, so that a phone's photo costs a second on a slow line; each is sent in a
   message of its own, so that no number of photos is too much for the connection. A zip comes in slices. */

const SEND_AS_IS = 400_000; // bytes: less gains nothing from being encoded again, nor from being decoded for that
const IN_FLIGHT = 2; // photos on their way at once: one is prepared while another travels
const PHOTO_NAME = /\.(jpe?g|jpe|jfif|png|webp|hei[cf]|avif|gif|bmp|tiff?)$/i;

const ZIP = ".zip,application/zip";

// page.js of our own template says so, or stock_page.js.
const isGone = () => document.documentElement.dataset.connection === "gone";

function looksLikePhoto(file) {
  return file.type.startsWith("image/") || PHOTO_NAME.test(file.name);
}

/* One that isn't in the document is encoded at once; toBlob() of an element waits for the browser to be idle. */
function canvasOf(width, height) {
  if (window.OffscreenCanvas) {
    return new OffscreenCanvas(width, height);
  }
  return Object.assign(document.createElement("canvas"), { width, height });
}

function asJpeg(canvas) {
  const type = "image/jpeg";
  const quality = 0.92;
  return canvas.convertToBlob?.({ type, quality }) ?? new Promise((done) => canvas.toBlob(done, type, quality));
}

/** A JPEG can be decoded at a fraction of its size, in half the time. Browsers that don't tell how they turned it
    may not have turned it. */
function canDecodeSmaller(file) {
  return file.type === "image/jpeg" && "ImageDecoder" in window && "rotation" in VideoFrame.prototype;
}

/** The photo upright, of some `side` pixels or more, if the browser can decode it: HEIC most can't. */
async function decoded(file, side) {
  if (canDecodeSmaller(file)) {
    try {
      const data = await file.arrayBuffer();
      const decoder = new ImageDecoder({ data, type: file.type, desiredWidth: side, desiredHeight: side });
      const { image } = await decoder.decode();
      decoder.close();
      return { image, width: image.displayWidth, height: image.displayHeight };
    } catch {
      // the other way may take what this one doesn't
    }
  }
  const image = await createImageBitmap(file);
  return { image, width: image.width, height: image.height };
}

/** The photo as a JPEG of at most `side` pixels, or the file itself where that is as well, or all there is. */
async function shrunk(file, side) {
  if (file.size <= SEND_AS_IS) {
    return file;
  }
  let original;
  try {
    original = await decoded(file, side);
  } catch {
    return file; // the server will see
  }
  const { image } = original;
  const scale = Math.min(1, side / Math.max(original.width, original.height));
  const width = Math.max(1, Math.round(original.width * scale));
  const height = Math.max(1, Math.round(original.height * scale));
  const canvas = canvasOf(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // what is transparent would turn black in a JPEG
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, width, height);
  image.close();
  return (await asJpeg(canvas)) ?? file;
}

function fileInput(accept, onFiles, options = {}) {
  const input = Object.assign(document.createElement("input"), { type: "file", accept, ...options });
  input.hidden = true;
  input.addEventListener("change", () => {
    onFiles([...input.files]);
    input.value = ""; // else the same file again would be no change
  });
  return input;
}

function render({ model, el }) {
  const ends = new AbortController();
  const { signal } = ends;
  const accept = model.get("accept");
  let batches = 0;
  let unsent = 0; // batches
  let announcing = Promise.resolve();
  let sending = Promise.resolve();
  let inFlight = 0;
  let landed = () => {};
  const chooser = () => el.closest(".bearclf-chooser");
  const isSeen = () => (chooser()?.getClientRects().length ?? 0) > 0;

  const count = (change) => {
    inFlight += change;
    window.bearclfInFlight = (window.bearclfInFlight ?? 0) + change; // of all zones, for stock_page.js
  };
  const onMessage = (message) => {
    if (message.kind === "got") {
      count(-1);
      landed();
    }
  };
  model.on("msg:custom", onMessage);

  async function send(batch, index, file) {
    if (file.size > model.get("max_bytes")) {
      model.send({ kind: "refused", batch, index, reason: "too_large" });
      return;
    }
    if (!looksLikePhoto(file)) {
      model.send({ kind: "refused", batch, index, reason: "no_photo" });
      return;
    }
    let content;
    try {
      content = await (await shrunk(file, model.get("side"))).arrayBuffer();
    } catch {
      model.send({ kind: "refused", batch, index, reason: "unreadable" });
      return;
    }
    await turn();
    model.send({ kind: "photo", batch, index }, undefined, [content]);
  }

  async function turn() {
    while (inFlight >= IN_FLIGHT) {
      await new Promise((done) => (landed = done));
    }
    count(1);
  }

  async function sendArchive(file) {
    model.send({ kind: "archive", size: file.size });
    if (file.size > model.get("max_archive_bytes")) {
      return; // the answer to its size says so
    }
    const step = model.get("slice_bytes");
    for (let start = 0; start < file.size && !isGone(); start += step) {
      const content = await file.slice(start, start + step).arrayBuffer();
      await turn();
      model.send({ kind: "slice", start }, undefined, [content]);
    }
  }

  function take(chosen) {
    if (chosen.length === 0 || isGone()) {
      return; // a cancelled dialog, or nobody to send to
    }
    const isArchive = (file) => model.get("max_archive_bytes") > 0 && /\.zip$/i.test(file.name);
    const files = chosen.filter((file) => !isArchive(file));
    for (const archive of chosen.filter(isArchive)) {
      sending = sending.then(() => sendArchive(archive)).catch(() => {});
    }
    if (files.length > 0) {
      takePhotos(files);
    }
  }

  function takePhotos(files) {
    const total = files.reduce((sum, file) => sum + Math.min(file.size, model.get("max_bytes")), 0);
    if (total > model.get("max_batch_bytes") || files.length > model.get("max_batch")) {
      model.send({ kind: "too_much" });
      return;
    }
    batches += 1;
    const batch = batches;
    const names = files.map((file) => file.name);
    // The first photo comes along, if that makes nobody wait.
    const first = unsent === 0 && looksLikePhoto(files[0]) && files[0].size <= SEND_AS_IS ? files[0] : null;
    unsent += 1;
    announcing = announcing.then(async () => {
      const contents = first ? await first.arrayBuffer().then((content) => [content], () => []) : [];
      count(contents.length);
      model.send({ kind: "batch", batch, names }, undefined, contents);
      return contents.length;
    });
    const announced = announcing;
    sending = sending.then(async () => {
      for (let index = await announced; index < files.length; index += 1) {
        await send(batch, index, files[index]);
      }
      unsent -= 1;
    });
  }

  const dialog = fileInput(accept, take, { multiple: true });
  const camera = fileInput("image/*", take, { capture: "environment" });
  const archiveDialog = fileInput(ZIP, take);
  // Screen readers read out what changes in a live region that was there before the change.
  const spoken = document.createElement("p");
  spoken.className = "bearclf-spoken";
  spoken.setAttribute("aria-live", "polite");
  const speak = () => (spoken.textContent = model.get("announcement"));
  model.on("change:announcement", speak);
  el.append(dialog, camera, archiveDialog, spoken);
  el.classList.add("bearclf-drop-zone");
  const button = document.createElement("button");
  button.className = "jupyter-button bearclf-quiet bearclf-camera"; // hidden without a camera
  button.textContent = "Take a photo";
  button.addEventListener("click", () => camera.click());
  el.append(button);

  // The upload button's own dialog would send all files in one message, as large as they are.
  const dialogs = [
    [".bearclf-upload, .bearclf-choose", dialog],
    [".bearclf-choose-archive", archiveDialog],
  ];
  const onClick = (event) => {
    const [, opened] = dialogs.find(([buttons]) => event.target.closest?.(buttons)) ?? [];
    if (opened && chooser()?.contains(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      opened.click();
    }
  };
  document.addEventListener("click", onClick, { capture: true, signal });

  const over = (is) => document.documentElement.classList.toggle("bearclf-dragging", is);
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const onDrag = (event) => {
    if (carriesFiles(event)) {
      event.preventDefault(); // else the browser would open the photo instead of the page
      if (isSeen()) {
        over(true);
      }
    }
  };
  document.addEventListener("dragenter", onDrag, { signal });
  document.addEventListener("dragover", onDrag, { signal });
  document.addEventListener("dragleave", (event) => event.relatedTarget ?? over(false), { signal });
  document.addEventListener(
    "drop",
    (event) => {
      over(false);
      if (carriesFiles(event)) {
        event.preventDefault();
        if (isSeen()) {
          take([...event.dataTransfer.files]);
        }
      }
    },
    { signal },
  );
  const onPaste = (event) => {
    if (isSeen()) {
      take([...(event.clipboardData?.files ?? [])]);
    }
  };
  document.addEventListener("paste", onPaste, { signal });

  // What was chosen on the first look, before this zone was there.
  window.bearclfEarly?.handOver(take);

  return () => {
    ends.abort();
    model.off("msg:custom", onMessage);
    model.off("change:announcement", speak);
  };
}

export default { render };
