"""A model from elsewhere: an export.pkl of fastai is brought, looked at, and adopted."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.ui.clean.adopting_state import AdoptingState
from bearclf.ui.clean.parts import Guarded, button, panel, show_if
from bearclf.ui.clean.state import CleanState

LEAD = "An export.pkl that fastai has written becomes a model. You are told what is in it before it is read."
SAYS = {
    "sending": "The file is being looked at…",
    "adopting": "The model is being made. That takes half a minute; “Cancel” above stops it.",
}


class AdoptPanel(widgets.Box):
    """The button, what the file would import, and whether to go on.

    Its content comes from a browser and may be forged: the worker looks at it itself, and runs nothing of it.
    """

    def __init__(self, clean: CleanState, guarded: Guarded) -> None:
        self.state = AdoptingState(clean)
        self.lead = widgets.HTML(f"<p>{escape(LEAD)}</p>").add_class("bearclf-soft")
        self.upload = (
            widgets.FileUpload(
                accept=".pkl,.pth", multiple=False, description="", icon="", tooltip="Choose export.pkl"
            )
            .add_class("bearclf-bring")
            .add_class("bearclf-quiet")
        )
        self.contents = widgets.HTML()
        self.agree = button("Adopt it", guarded(lambda _: self.state.agree()))
        self.drop = button("Never mind", guarded(lambda _: self.state.drop()), "bearclf-quiet")
        self.acts = widgets.Box([self.agree, self.drop]).add_class("bearclf-row")
        super().__init__([panel("Bring a model", self.lead, self.upload, self.contents, self.acts)])
        self.upload.observe(guarded(self._take), "value")
        self.state.observe(guarded(self._show), ["status", "sentences"])
        self._show()

    def _take(self, change: dict[str, Any]) -> None:
        files = change["new"]
        if files:
            content = bytes(files[0]["content"])
            self.upload.value = ()  # else the same file could not be chosen again, and would stay in memory
            self.state.bring(content)

    def _show(self, _: Any = None) -> None:
        status = self.state.status
        if status == "asking":
            # The names of modules are long, and may break after each dot.
            told = (escape(sentence).replace(".", ".<wbr>") for sentence in self.state.sentences)
            items = "".join(f'<p class="bearclf-soft">{sentence}</p>' for sentence in told)
            self.contents.value = f"<p>A pickle is a program. This one would import:</p>{items}"
        else:
            self.contents.value = f'<p role="status">{escape(SAYS.get(status, ""))}</p>'
        show_if(self.contents, status != "idle")
        show_if(self.upload, status == "idle")
        show_if(self.acts, status == "asking")
