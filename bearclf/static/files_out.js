/* Saves a file that comes as a message: a link in the page would have to carry all of it, for each photo's view. */

function render({ model }) {
  const onMessage = (message, buffers) => {
    if (message.kind !== "file") {
      return;
    }
    const address = URL.createObjectURL(new Blob([buffers[0]], { type: "application/octet-stream" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: message.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may still be reading
  };
  model.on("msg:custom", onMessage);
  return () => model.off("msg:custom", onMessage);
}

export default { render };
