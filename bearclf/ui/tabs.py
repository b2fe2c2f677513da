"""The page's two tabs."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from bearclf.ui.clean.tab import CleanTab
from bearclf.ui.guard import guard

TITLES = ("Identify", "Clean the training photos")


class AppTabs(widgets.Tab):
    """Identify first; the other tab begins its work when it is first looked at, not for every visitor."""

    def __init__(self, identify: widgets.Widget, clean: CleanTab) -> None:
        super().__init__([identify, clean], titles=TITLES, selected_index=0)
        self._clean = clean
        self.add_class("bearclf-tabs")
        self.observe(guard(self._begin, clean.show_problem), "selected_index")

    def _begin(self, _: Any) -> None:
        if self.selected_index == 1:
            self._clean.begin()
