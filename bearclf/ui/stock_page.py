"""What the page needs where Voilà's stock template, or JupyterLab, shows it instead of our own template."""

from __future__ import annotations

from typing import Any

import anywidget

from bearclf.static import script, styles


class StockPage(anywidget.AnyWidget):
    """Sends the style, and answers the heartbeat; the browser's side is ``static/stock_page.js``."""

    _esm = script("stock_page")

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._on_message)

    def _on_message(self, _: Any, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if message.get("kind") == "style":
            self.send({"kind": "style", "css": styles()})
        else:
            self.send({"kind": "pong"})
