"""The trained models, to make live again or to download."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.protocol.curation import DownloadFile, FileRequest, MakeReport
from bearclf.protocol.records import ModelSummary
from bearclf.ui.clean.files_out import FilesOut
from bearclf.ui.clean.parts import (
    FoldedList,
    Guarded,
    button,
    counted,
    error_rate,
    interval,
    panel,
    show_if,
    shown_time,
)
from bearclf.ui.clean.state import CleanState

FEW, MORE = 3, 50
RECIPES = {"probe": "trained", "fine-tune": "fine-tuned", "adopted": "brought from elsewhere"}


class ModelsPanel(widgets.Box):
    """Each model with what is known of it; one is live in all open pages."""

    def __init__(self, state: CleanState, guarded: Guarded) -> None:
        self._state = state
        self._guarded = guarded
        self.files_out = FilesOut()
        self.models = FoldedList(self._row, FEW, MORE)
        super().__init__([panel("Models", self.models, self.files_out)])
        state.observe(guarded(self._show), "models")
        self._show()

    def _show(self, _: Any = None) -> None:
        models = self._state.models
        live = max((model.number for model in models if model.live), default=0)
        self.models.show([(model, model.number > live) for model in models])
        show_if(self, bool(models))

    def _row(self, item: tuple[ModelSummary, bool]) -> widgets.Widget:
        model, is_newer = item
        model_number, name, error = model.number, _name(model), model.error
        tag = "<b class='bearclf-live'>live</b> " if model.live else ""
        facts = [RECIPES.get(model.recipe, model.recipe)]
        if error is None:
            facts.append("not measured here")
        else:
            facts.append(counted(model.photos, "photo"))
            facts.append(f"{error_rate(error.share)} wrong ({interval(error.low, error.high)})")
        words = f"<p>{escape(name)}</p><p class='bearclf-soft'>{tag}{escape(', '.join(facts))}</p>"
        make = partial(self._button, name)
        acts = []
        if not model.live:
            text = "Make live" if is_newer else "Roll back to this"
            acts.append(make(text, lambda _: self._state.promote(model_number)))
        for text, request in (
            ("Report", MakeReport(model_number)),
            ("Card", DownloadFile(model_number, "card.json")),
            ("Download model", DownloadFile(model_number, "export.pkl")),
        ):
            acts.append(make(text, partial(self._download, request)))
        row = [widgets.HTML(words), widgets.Box(acts).add_class("bearclf-row")]
        return widgets.Box(row).add_class("bearclf-model")

    def _button(self, name: str, text: str, on_click: Any) -> widgets.Button:
        tooltip = f"{text}: {name}"
        return button(text, self._guarded(on_click), "bearclf-quiet", "bearclf-small", tooltip=tooltip)

    def _download(self, request: FileRequest, _: Any) -> None:
        self._state.download(request, self.files_out.hand_over)


def _name(model: ModelSummary) -> str:
    return f"Model {model.number}, {shown_time(model.time)}" if model.number else "The original model"
