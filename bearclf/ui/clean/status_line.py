"""One line that says what goes on and what was done, always of the same height."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.curation import Progress
from bearclf.ui.clean.parts import Guarded, counted
from bearclf.ui.clean.state import CleanState

SENTENCES = {
    "starting": "Opening the training photos…",
    "restarting": "The cleaner stopped and is being started again. Your marks are kept.",
}
IDLE = "Nothing changes until you apply."


class StatusLine(widgets.HTML):
    """Work under way with a bar, else the newest news, else how much is not looked at."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        super().__init__()
        self.add_class("bearclf-status-line")
        state.observe(guarded(self._show), ["status", "progress", "news", "summary"])
        self._show()

    def _show(self, _: Any = None) -> None:
        state = self._state
        if state.status in SENTENCES:
            self.value = f"<p>{escape(SENTENCES[state.status])}</p>"
        elif state.progress is not None:
            self.value = f"<p>{progress_bar(state.progress)}</p>"
        else:
            unscored = state.summary.unscored if state.summary is not None else 0
            idle = f"{counted(unscored, 'photo')} not looked at yet." if unscored else IDLE
            self.value = f"<p>{escape(state.news or idle)}</p>"


def progress_bar(progress: Progress) -> str:
    """What is under way, how far it is, and a bar; all of it HTML."""
    far = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
    value = f' max="{progress.total}" value="{progress.done}"' if progress.total else ""
    what = escape(progress.what)
    return f'<span>{what}</span> <progress{value} aria-hidden="true"></progress> <span>{far}</span>'
