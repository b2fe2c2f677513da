"""How photos are seen: a few of them in each way of resizing and of augmentation, with what that costs."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.curation import Progress, WaySeen
from bearclf.ui.clean.parts import Guarded, button, panel, replace_children, show_if
from bearclf.ui.clean.state import CleanState
from bearclf.ui.clean.status_line import progress_bar
from bearclf.ui.clean.ways_state import WaysState

INTRODUCTION = (
    "A network takes squares, so each photo becomes one before it is learned from. Whatever that loses or "
    "distorts, the model never sees as it was."
)


class WaysPanel(widgets.Box):
    """Closed until somebody wants to see; then one picture comes after the other, each with its words."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self.seen = WaysState(state)
        self._headings: list[str] = []
        self._figures: list[widgets.HTML] = []
        introduction = widgets.HTML(f"<p>{INTRODUCTION}</p>").add_class("bearclf-soft")
        self.turn = button("Show", guarded(lambda _: self.seen.turn()), "bearclf-quiet")
        self.others = button("Other photos", guarded(lambda _: self.seen.others()), "bearclf-quiet")
        self.words = widgets.HTML().add_class("bearclf-progress")
        self.ways = widgets.Box().add_class("bearclf-ways")
        row = widgets.Box([self.turn, self.others]).add_class("bearclf-row")
        super().__init__([panel("How photos are seen", introduction, row, self.words, self.ways)])
        self.add_class("bearclf-ways-panel")
        self.seen.observe(guarded(self._show), ["is_open", "ways", "done", "is_drawing"])
        state.observe(guarded(self._show), ["summary", "label"])
        self._show()

    def _show(self, _: Any = None) -> None:
        seen = self.seen
        show_if(self, self._state.has_photos)
        self.turn.description = "Hide" if seen.is_open else "Show"
        self.turn.tooltip = f"{self.turn.description} how photos are seen"
        self.others.disabled = seen.is_drawing
        for widget in (self.others, self.words, self.ways):
            show_if(widget, seen.is_open)
        self.words.value = f'<p role="status">{self._progress()}</p>'
        self._show_ways(seen.ways)

    def _progress(self) -> str:
        seen = self.seen
        if seen.is_drawing:
            return progress_bar(Progress("Drawing" if seen.total else "Getting ready", seen.done, seen.total))
        if not seen.ways:
            return "There is nothing to show of this class." if seen.is_open else ""
        first = seen.ways[0]
        which = f"From {self._state.label}." if self._state.label else "From all classes."
        return escape(f"{which} {first.passed_over}")

    def _show_ways(self, ways: tuple[WaySeen, ...]) -> None:
        """Each has a place of its own, where others come when other photos are drawn."""
        headings = [way.heading for way in ways]
        if headings[: len(self._headings)] != self._headings or len(headings) < len(self._headings):
            replace_children(self.ways, [])
            self._headings, self._figures = [], []
        for way in ways[len(self._headings) :]:
            if way.heading and way.heading not in self._headings:
                title = widgets.HTML(f"<h3>{escape(way.heading)}</h3>").add_class("bearclf-ways-heading")
                self.ways.children = (*self.ways.children, title)
            self._headings.append(way.heading)
            self._figures.append(widgets.HTML().add_class("bearclf-way"))
            self.ways.children = (*self.ways.children, self._figures[-1])
        for way, figure in zip(ways, self._figures, strict=True):
            figure.value = _figure(way)


def _figure(way: WaySeen) -> str:
    source = base64.b64encode(way.picture).decode()
    return (
        f'<figure><img src="data:image/webp;base64,{source}" alt="{escape(way.alt)}">'
        f"<figcaption><b>{escape(way.title)}</b> {escape(way.cost)}</figcaption></figure>"
    )
