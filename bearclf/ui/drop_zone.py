"""Photos by drag and drop, paste and camera: shrunk in the browser, sent one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from bearclf.settings import MAX_BATCH_BYTES, MAX_BATCH_PHOTOS, MAX_PHOTO_BYTES, WORKING_SIDE
from bearclf.static import script

Handler = Callable[..., None]

MAX_ARCHIVE_BYTES = 512 * 2**20
"""Largest zip of class folders, in bytes."""

SLICE_BYTES = 4 * 2**20
"""Bytes of a zip that go in one message; between two of them the page stays usable."""

REFUSALS = {
    "too_large": f"This file is larger than {MAX_PHOTO_BYTES // 2**20} MB. Please choose a smaller one.",
    "no_photo": "This file isn't a photo that I can open. Please choose a JPEG, PNG, HEIC or WebP.",
    "unreadable": "Your browser couldn't read this file. Please choose it again.",
}
"""Why a file was not sent, in a sentence, by the reason that the browser's side gives."""

TOO_MUCH = (
    f"That is too much at once: at most {MAX_BATCH_PHOTOS} photos, and {MAX_BATCH_BYTES // 2**20} MB in all. "
    "Nothing was sent; please choose fewer."
)


class DropZone(anywidget.AnyWidget):
    """The browser's side is ``static/drop_zone.js``.

    A zone takes what is dropped or pasted while it can be seen, and clicks on the buttons of the
    ``.bearclf-chooser`` that it is in. Of several zones of a page only one can be seen at a time.

    Whatever it says may be forged: limits are checked again where photos are taken in.
    """

    _esm = script("drop_zone")

    accept = traitlets.Unicode(help="What the browser's dialog offers.").tag(sync=True)
    side = traitlets.Int(WORKING_SIDE, help="Longest side of what is sent, in pixels.").tag(sync=True)
    max_bytes = traitlets.Int(MAX_PHOTO_BYTES, help="Largest file, in bytes.").tag(sync=True)
    max_batch = traitlets.Int(MAX_BATCH_PHOTOS, help="Most photos at once.").tag(sync=True)
    max_batch_bytes = traitlets.Int(MAX_BATCH_BYTES, help="Largest sum at once, in bytes.").tag(sync=True)

    max_archive_bytes = traitlets.Int(0, help="Largest zip, in bytes; 0 takes none.").tag(sync=True)
    slice_bytes = traitlets.Int(SLICE_BYTES, help="How much of a zip is sent at once, in bytes.").tag(
        sync=True
    )

    announcement = traitlets.Unicode(help="Read out by screen readers when it changes.").tag(sync=True)

    def send_got(self) -> None:
        """Tell the browser that what it sent has been taken, so that more may come."""
        self.send({"kind": "got"})

    def handle_messages(self, handlers: dict[str, Handler]) -> None:
        """Call ``handlers[kind](message, buffers)`` for what the browser says.

        The kinds are ``batch`` (names of photos to come), ``photo`` (one of them, even if it came with the
        names), ``refused`` (one that won't come, and the reason) and ``too_much``; and for a zip,
        ``archive`` (its size) and then ``slice`` (from which byte on) until all of it came. Whoever takes a
        slice calls :meth:`send_got` when the next one may come.
        """

        def on_message(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            kind = message.get("kind") if isinstance(message, dict) else None
            if not isinstance(kind, str) or kind not in handlers:
                return
            try:
                handlers[kind](message, buffers)
                if kind == "batch":  # the first photo came along
                    for index, content in enumerate(buffers):
                        handlers["photo"]({"batch": message.get("batch"), "index": index}, [content])
            finally:
                if buffers and kind != "slice":
                    self.send_got()

        self.on_msg(on_message)
