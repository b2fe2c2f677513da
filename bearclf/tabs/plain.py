"""Widgets without a layout or style of their own.

Jupyter gives each widget two more for how it looks, and each of the three is a message to the browser and a
model there. What a card looks like stands in the style sheet, so the cards of a page share those two.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets


class Plain:
    """Makes widgets that share their looks; one for each page. What is shared must not be changed."""

    def __init__(self) -> None:
        self.layout = widgets.Layout()
        self._html = widgets.HTML(layout=self.layout).style
        self._label = widgets.Label(layout=self.layout).style
        self._button = widgets.Button(layout=self.layout).style

    def html(self, value: str = "") -> widgets.HTML:
        """Like ``widgets.HTML``."""
        return widgets.HTML(value, layout=self.layout, style=self._html)

    def label(self, value: str = "") -> widgets.Label:
        """Like ``widgets.Label``."""
        return widgets.Label(value, layout=self.layout, style=self._label)

    def button(self, text: str) -> widgets.Button:
        """A ``widgets.Button``, whose tooltip is its text: it is what screen readers read."""
        return widgets.Button(description=text, tooltip=text, layout=self.layout, style=self._button)

    def box(self, children: Sequence[widgets.Widget] = ()) -> widgets.Box:
        """Like ``widgets.Box``."""
        return widgets.Box(children, layout=self.layout)
