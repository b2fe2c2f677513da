"""What the second tab shows until it is open: who may curate, and a field for the passphrase."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.ui.clean.parts import button, show_if
from bearclf.ui.clean.state import CleanState
from bearclf.ui.guard import guard


class Entrance(widgets.Box):
    """A sentence, and where a passphrase would open the tab, a field for it."""

    def __init__(self, state: CleanState) -> None:
        self._state = state
        self.passphrase = widgets.Password(description="Passphrase", style={"description_width": "auto"})
        self.error = widgets.HTML().add_class("bearclf-error")
        guarded = guard(self._unlock, self.show_error)
        self.passphrase.on_submit(guarded)
        self.unlock = button("Open", guarded)
        form = widgets.Box([self.passphrase, self.unlock, self.error]).add_class("bearclf-form")
        show_if(form, state.asks_passphrase)
        super().__init__([widgets.HTML(f"<p>{escape(state.access_sentence)}</p>"), form])
        self.add_class("bearclf-entrance").add_class("bearclf-panel")

    def show_error(self, sentence: str) -> None:
        """Say beside the field what was wrong with the passphrase."""
        self.error.value = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""

    def _unlock(self, _: Any) -> None:
        passphrase, self.passphrase.value = self.passphrase.value, ""
        self.show_error("")
        if passphrase:
            self._state.unlock(passphrase)
