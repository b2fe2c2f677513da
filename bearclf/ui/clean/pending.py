"""Marked changes that wait: a bar with counts, and the list to review before they are applied."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import groupby, islice
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.records import Change
from bearclf.ui.clean.parts import Guarded, button, counted, replace_children
from bearclf.ui.clean.state import CleanState

MOST_ROWS = 100
"""Marked photos that are listed by name; the others are counted."""


class PendingBar(widgets.Box):
    """How many changes wait; it stays in sight below the sheet."""

    def __init__(self, state: CleanState, guarded: Guarded, review: Callable[[Any], None]) -> None:
        self._state = state
        self.sentence = widgets.HTML()
        self.forget = button("Clear", guarded(lambda _: state.unmark()), "bearclf-quiet")
        self.review = button("Review and apply", guarded(review))
        super().__init__([self.sentence, self.forget, self.review])
        self.add_class("bearclf-pending")
        state.observe(guarded(self._show), "marks")
        self._show()

    def _show(self, _: Any = None) -> None:
        marks = list(self._state.marks.values())
        waiting = f"{counted(len(marks), 'change')} waiting: {in_counts(marks)}"
        self.sentence.value = f'<p role="status">{waiting}</p>'


class ReviewList(widgets.Box):
    """What will happen, photo by photo, before it does."""

    def __init__(self, state: CleanState, guarded: Guarded, back: Callable[[Any], None]) -> None:
        self._state = state
        self._guarded = guarded
        self.heading = widgets.HTML()
        self.groups = widgets.Box().add_class("bearclf-groups")
        self.back = button("Go on marking", guarded(back), "bearclf-quiet")
        self.apply = button("Apply these changes", guarded(self._apply))
        self._back = back
        self._shown = False
        acts = widgets.Box([self.back, self.apply]).add_class("bearclf-row")
        super().__init__([self.heading, acts, self.groups])
        self.add_class("bearclf-review").add_class("bearclf-panel")
        state.observe(guarded(self._show), "marks")

    def turn(self, shown: bool) -> None:
        """Show the marks, or stop: nobody reads the list while marks are made, so it need not follow them."""
        if shown != self._shown:
            self._shown = shown
            self._show()

    def _apply(self, _: Any) -> None:
        self._state.apply()
        self._back(None)

    def _show(self, _: Any = None) -> None:
        marks = self._state.marks if self._shown else {}
        self.heading.value = (
            f"<h2>What will happen</h2><p>{in_counts(list(marks.values()))}. "
            "Nothing is lost for good: every step can be undone.</p>"
        )
        ordered = sorted(marks.items(), key=lambda item: (_where(item[1]), item[1].name))
        shown = islice(ordered, MOST_ROWS)
        groups = []
        for where, members in groupby(shown, key=lambda item: _where(item[1])):
            everyone = sum(_where(mark) == where for mark in marks.values())
            heading = widgets.HTML(f"<h3>{escape(where)} <span>{everyone:,}</span></h3>")
            rows = [self._row(key, mark) for key, mark in members]
            groups.append(widgets.Box([heading, *rows]).add_class("bearclf-group"))
        if len(marks) > MOST_ROWS:
            groups.append(widgets.HTML(f"<p>and {len(marks) - MOST_ROWS:,} more</p>"))
        replace_children(self.groups, groups)

    def _row(self, key: str, mark: Change) -> widgets.Widget:
        name = widgets.HTML(f'<span title="{escape(mark.name)}">{escape(mark.name)}</span>')
        take_back = button(
            "Take back",
            self._guarded(lambda _: self._state.unmark(key)),
            "bearclf-quiet",
            "bearclf-small",
            tooltip=f"Take back: {mark.name}",
        )
        return widgets.Box([name, take_back]).add_class("bearclf-review-row")


def in_counts(marks: list[Change]) -> str:
    """What is marked, in numbers: "1 to move, 2 to delete"."""
    visitors = [mark for mark in marks if mark.feedback_id is not None]
    own = [mark for mark in marks if mark.feedback_id is None]
    counts = (
        (sum(mark.to is not None for mark in own), "to move"),
        (sum(mark.to is None for mark in own), "to delete"),
        (sum(mark.to is not None for mark in visitors), "to add"),
        (sum(mark.to is None for mark in visitors), "to discard"),
    )
    return ", ".join(f"{number:,} {what}" for number, what in counts if number)


def _where(mark: Change) -> str:
    """From where to where a photo goes."""
    if mark.feedback_id is not None:
        return f"visitors' photos → {mark.to}" if mark.to else "visitors' photos, discarded"
    return f"{mark.label} → {mark.to}" if mark.to else f"{mark.label} → the bin"
