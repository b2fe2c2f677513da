"""What a browser does to a widget."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets


def send(widget: widgets.Widget, content: dict[str, Any], *buffers: bytes) -> None:
    """A message of the widget's own kind, by the way that messages come."""
    data = {"method": "custom", "content": content}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": [memoryview(buffer) for buffer in buffers]})


def css_classes(widget: widgets.DOMWidget) -> set[str]:
    """The classes of its element, as a browser is told of them."""
    return set(widget.get_state(["_dom_classes"])["_dom_classes"])
