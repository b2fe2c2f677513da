"""The page's two tabs."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from bearclf.ui.clean.tab import CurateTab
from bearclf.ui.guard import guard

TITLES = ("Identify", "Clean the training photos")


class AppTabs(widgets.Tab):
    """Identify first; the other tab begins its work when it is first looked at, not for every visitor."""

    def __init__(self, identify: widgets.Widget, curate: CurateTab) -> None:
        super().__init__([identify, curate], titles=TITLES, selected_index=0)
        self._curate = curate
        self.add_class("bearclf-tabs")
        self.observe(guard(self._begin, curate.show_problem), "selected_index")

    def _begin(self, _: Any) -> None:
        if self.selected_index == 1:
            self._curate.begin()
