"""Small things that several panels are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from typing import Any

import ipywidgets as widgets

Row = Callable[[Any], widgets.Widget]
Guarded = Callable[[Callable[..., None]], Callable[..., None]]
"""Wraps a panel's callback, so that what it raises is shown as a sentence; see :mod:`bearclf.ui.guard`."""


def button(text: str, on_click: Callable[[Any], None], *css: str, tooltip: str = "") -> widgets.Button:
    """A button; ``on_click`` is guarded already."""
    widget = widgets.Button(description=text, tooltip=tooltip or text)
    for name in css:
        widget.add_class(name)
    widget.on_click(on_click)
    return widget


def panel(title: str, *children: widgets.Widget) -> widgets.Box:
    """Something with a heading, in a frame of its own."""
    heading = widgets.HTML(f"<h2>{escape(title)}</h2>")
    return widgets.Box([heading, *children]).add_class("bearclf-panel")


def show_if(widget: widgets.DOMWidget, visible: bool) -> None:
    """Show a widget, or take it off the page."""
    widget.layout.display = None if visible else "none"


def replace_children(box: widgets.Box, children: Sequence[widgets.Widget]) -> None:
    """Put ``children`` into a box and close those it had: a long session must not collect them."""
    before = box.children
    box.children = tuple(children)
    for gone in before:
        close_all(gone)


def close_all(widget: widgets.Widget) -> None:
    """Close a widget and all it is made of."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for own in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if own is not None:
            own.close()
    widget.close()


def shown_time(iso: str) -> str:
    """A time as people write it, in the server's time zone; what is no time comes back as it is."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    moment = moment.astimezone() if moment.tzinfo else moment
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: "1 photo", "1,200 photos"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def error_rate(share: float) -> str:
    """A share of wrong answers, in per cent."""
    return f"{100 * share:.1f} %"


def interval(low: float, high: float) -> str:
    """From where to where an error rate may be, in per cent."""
    return f"{100 * low:.1f}–{100 * high:.1f} %"


class FoldedList(widgets.Box):
    """A list that shows its first ``few`` items, and up to ``more`` others each time that it is asked.

    ``row`` makes the widget of an item. Rows are made again only when the items have changed.
    """

    def __init__(self, row: Row, few: int, more: int) -> None:
        self._row, self._shown, self._at_once = row, few, more
        self._items: list[Any] = []
        self._rows = widgets.Box().add_class("bearclf-rows")
        self.more = button("Show more", self._unfold, "bearclf-quiet", "bearclf-small")
        super().__init__([self._rows, self.more])
        self.add_class("bearclf-folded")
        self._show()

    @property
    def rows(self) -> tuple[widgets.Widget, ...]:
        """The rows that are shown."""
        return tuple(self._rows.children)

    def show(self, items: Sequence[Any]) -> None:
        """Show other items."""
        if list(items) != self._items:
            self._items = list(items)
            self._show()

    def _unfold(self, _: Any) -> None:
        self._shown += self._at_once
        self._show()

    def _show(self) -> None:
        replace_children(self._rows, [self._row(item) for item in self._items[: self._shown]])
        hidden = len(self._items) - self._shown
        show_if(self.more, hidden > 0)
        following = min(hidden, self._at_once)
        older = f" of {hidden:,} older" if hidden > following else ""
        self.more.description = self.more.tooltip = f"Show {following} more{older}"
