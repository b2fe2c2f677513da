"""What the page needs where Voilà's stock template, or JupyterLab, shows it instead of our own template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget

_PAGE = Path(__file__).parents[1] / "page"


class StockPage(anywidget.AnyWidget):
    """Style, on demand, and signs of life; the browser's side is ``page/stock_page.js``."""

    _esm = _PAGE / "stock_page.js"

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._hear)

    def _hear(self, _: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if message.get("kind") == "style":
            sheets = [(_PAGE / name).read_text("utf-8") for name in ("style.css", "curate.css")]
            self.send({"kind": "style", "css": "\n".join(sheets)})
        else:
            self.send({"kind": "pong"})
