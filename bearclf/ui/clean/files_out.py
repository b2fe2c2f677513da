"""Hand a file from Python to the browser's downloads."""

from __future__ import annotations

import anywidget

from bearclf.static import script


class FilesOut(anywidget.AnyWidget):
    """Shows nothing; the browser's side is ``static/files_out.js``."""

    _esm = script("files_out")

    def hand_over(self, name: str, content: bytes) -> None:
        """Have the browser save ``content`` under ``name``."""
        self.send({"kind": "file", "name": name}, [content])
