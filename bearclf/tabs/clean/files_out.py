"""A file from Python into the browser's downloads."""

from __future__ import annotations

from pathlib import Path

import anywidget


class FilesOut(anywidget.AnyWidget):
    """Has no look of its own; the browser's side is ``page/files_out.js``."""

    _esm = Path(__file__).parents[2] / "page" / "files_out.js"

    def hand_over(self, name: str, content: bytes) -> None:
        """Have the browser save ``content`` under ``name``."""
        self.send({"kind": "file", "name": name}, [content])
