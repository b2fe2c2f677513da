"""The history of the folder: what was applied, and a button that undoes it."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.records import StepSummary
from bearclf.ui.clean.parts import FoldedList, Guarded, button, panel, show_if, shown_time
from bearclf.ui.clean.state import CleanState

FEW, MORE = 4, 100


class HistoryPanel(widgets.Box):
    """The steps, the newest first."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self._guarded = guarded
        self.steps = FoldedList(self._row, FEW, MORE)
        super().__init__([panel("History", self.steps)])
        state.observe(guarded(self._show), "steps")
        self._show()

    def _show(self, _: Any = None) -> None:
        self.steps.show(self._state.steps)
        show_if(self, bool(self._state.steps))

    def _row(self, step: StepSummary) -> widgets.Widget:
        sentence = step.sentence
        undone = " <em>Undone.</em>" if step.undone else ""
        time = escape(shown_time(step.time))
        words = widgets.HTML(f"<p>{escape(sentence)}.{undone}</p><p class='bearclf-soft'>{time}</p>")
        row: list[widgets.Widget] = [words]
        if not step.undone:
            undo = self._guarded(lambda _: self._state.undo(step.number))
            row.append(button("Undo", undo, "bearclf-quiet", "bearclf-small", tooltip=f"Undo: {sentence}"))
        return widgets.Box(row).add_class("bearclf-step")
