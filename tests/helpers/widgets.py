"""What a browser does to a widget."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets


def send(widget: widgets.Widget, content: dict[str, Any], *buffers: bytes) -> None:
    """A message of the widget's own kind, by the way that messages come."""
    data = {"method": "custom", "content": content}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": [memoryview(one) for one in buffers]})
