"""Which classes are taken for which, as a picture whose cells open their photos."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from bearclf.protocol.records import Focus, Matrix
from bearclf.static import script
from bearclf.ui.clean.parts import Guarded, panel, show_if
from bearclf.ui.clean.state import CleanState

PANEL_CLASSES, WIDE_CLASSES = 5, 10
"""Most classes of a matrix beside the sheet, and in its place; with more, mix-ups are listed."""


class ConfusionMatrix(anywidget.AnyWidget):
    """Rows are true classes, columns predicted ones; the browser's side is ``static/matrix.js``.

    With more than ``most_classes`` classes it lists the mix-ups instead.
    """

    _esm = script("matrix")

    classes: traitlets.List = traitlets.List().tag(sync=True)
    counts: traitlets.List = traitlets.List(help="Photos, by row and column.").tag(sync=True)
    most_classes = traitlets.Int(PANEL_CLASSES).tag(sync=True)
    opens = traitlets.Bool(True, help="Whether a click on a cell opens its photos.").tag(sync=True)

    def show(self, matrix: Matrix | None) -> None:
        """Show a matrix, or nothing."""
        with self.hold_sync():
            self.classes = list(matrix.classes) if matrix else []
            self.counts = [list(row) for row in matrix.counts] if matrix else []


class MixUps(widgets.Box):
    """What models trained on these photos take for what, by cross-validation, whichever model is live.

    A cell shows its photos on the sheet.
    """

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self.matrix = ConfusionMatrix()
        self.matrix.on_msg(guarded(self._open_cell))
        super().__init__([panel("Mix-ups", self.matrix)])
        state.observe(guarded(self._show), "summary")
        self._show()

    def _show(self, _: Any = None) -> None:
        matrix = self._state.summary.matrix if self._state.summary is not None else None
        self.matrix.show(matrix)
        show_if(self, bool(matrix))

    def _open_cell(self, _: Any, message: dict[str, Any], __: Any) -> None:
        true, predicted = (self.matrix.classes[int(message[side])] for side in ("row", "column"))
        title = f"{true} taken for {predicted}" if true != predicted else f"{true}, recognised"
        self._state.show(label="", part="all", focus=Focus(cell=(true, predicted), title=title))
