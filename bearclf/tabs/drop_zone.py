"""Photos by drag and drop, paste and camera: shrunk in the browser, sent one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bearclf.settings import MAX_BATCH_BYTES, MAX_BATCH_PHOTOS, MAX_PHOTO_BYTES, WORKING_SIDE

Handler = Callable[..., None]


class DropZone(anywidget.AnyWidget):
    """The browser's side is ``page/drop_zone.js``.

    Whatever it says may be forged: limits are checked again where photos are taken in.
    """

    _esm = Path(__file__).parent.parent / "page" / "drop_zone.js"

    accept = traitlets.Unicode(help="What the browser's dialog offers.").tag(sync=True)
    side = traitlets.Int(WORKING_SIDE, help="Longest side of what is sent, in pixels.").tag(sync=True)
    max_bytes = traitlets.Int(MAX_PHOTO_BYTES, help="Largest file, in bytes.").tag(sync=True)
    max_batch = traitlets.Int(MAX_BATCH_PHOTOS, help="Most photos at once.").tag(sync=True)
    max_batch_bytes = traitlets.Int(MAX_BATCH_BYTES, help="Largest sum at once, in bytes.").tag(sync=True)

    announcement = traitlets.Unicode(help="Read out by screen readers when it changes.").tag(sync=True)

    def on_said(self, handlers: dict[str, Handler]) -> None:
        """Call ``handlers[kind](message, buffers)`` for what the browser says.

        The kinds are ``batch`` (names of photos to come), ``photo`` (one of them), ``refused`` (one that
        won't come, and the reason) and ``too_much``.
        """

        def hear(_: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
            kind = message.get("kind")
            if kind == "ping":
                self.send({"kind": "pong"})
            elif kind in handlers:
                try:
                    handlers[kind](message, buffers)
                finally:
                    if kind == "photo":
                        self.send({"kind": "got"})

        self.on_msg(hear)
