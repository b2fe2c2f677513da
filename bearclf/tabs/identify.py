"""The first tab: choose photos, read the answers."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.card import Card, display_names, in_words, number_word
from bearclf.state import IdentifyState, PhotoState
from bearclf.tabs.guard import guard
from bearclf.tabs.photo_card import PhotoCard

ACCEPT = "image/*,.heic,.heif,.avif"
"""What the browser's dialog offers; not every browser counts HEIC among the images."""

MODEL_SENTENCES = {
    "starting": "Getting the model ready. Photos that you choose now are answered as soon as it is.",
    "ready": "",
    "restarting": "The model stopped and is being started again. Your photos are kept and answered then.",
}


class IdentifyTab(widgets.Box):
    """Linked to an :class:`bearclf.state.IdentifyState`; ``card`` tells what the model knows."""

    def __init__(self, state: IdentifyState, card: Card) -> None:
        self._state = state
        self._names = display_names(card.classes, card.noun)
        self._cards: dict[PhotoState, PhotoCard] = {}
        self.upload = widgets.FileUpload(
            accept=ACCEPT, multiple=True, description="", icon="", tooltip="Choose photos"
        ).add_class("bearclf-upload")
        self.start_over = widgets.Button(description="Start over").add_class("bearclf-quiet")
        self.status = widgets.HTML().add_class("bearclf-status")
        self.problem = widgets.HTML().add_class("bearclf-problem")
        self._actions = widgets.Box([self.start_over]).add_class("bearclf-actions")
        self.cards = widgets.Box().add_class("bearclf-cards")
        chooser = widgets.Box(
            [widgets.HTML("<strong>Which photos shall I look at?</strong>"), self.upload]
        ).add_class("bearclf-chooser")
        super().__init__(
            [
                widgets.HTML(_lead(card)),
                chooser,
                widgets.HTML('<p class="bearclf-note">Your photos are looked at and forgotten.</p>'),
                self.status,
                self.problem,
                self._actions,
                self.cards,
            ]
        )
        self.add_class("bearclf-identify")
        self._link()

    def show_problem(self, sentence: str) -> None:
        """Say what went wrong, until the next photo or a new start."""
        self.problem.value = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""

    def _link(self) -> None:
        self.upload.observe(guard(self._take_uploads, self.show_problem), "value")
        self.start_over.on_click(guard(self._start_over, self.show_problem))
        self._state.observe(guard(self._show_model, self.show_problem), ["model", "problem"])
        self._state.observe(guard(self._show_photos, self.show_problem), "photos")
        self._show_model()
        self._show_photos()

    def _take_uploads(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        files = [(file["name"], bytes(file["content"])) for file in change["new"]]
        self.upload.value = ()  # else the same file could not be chosen again, and would stay in memory
        self.show_problem("")
        self._state.add(files)

    def _start_over(self, _: widgets.Button) -> None:
        self.show_problem("")
        self._state.start_over()

    def _show_model(self, _: Any = None) -> None:
        sentence = MODEL_SENTENCES.get(self._state.model, self._state.problem)
        self.status.value = f'<p role="status">{escape(sentence)}</p>' if sentence else ""

    def _show_photos(self, _: Any = None) -> None:
        photos = self._state.photos
        self._cards = {photo: self._cards.get(photo) or PhotoCard(photo, self._names) for photo in photos}
        before = self.cards.children
        self.cards.children = tuple(self._cards.values())
        for gone in set(before) - set(self.cards.children):
            gone.close_all()
        self._actions.layout.display = None if photos else "none"


def _lead(card: Card) -> str:
    names = display_names(card.classes, card.noun)
    plural = [f"{name}s" if card.noun else name for name in names.values()]
    knows = f"I can tell {in_words(plural)} apart."
    limits = (
        f"I know nothing else: whatever a photo shows, I answer with one of these {number_word(len(plural))}."
    )
    return f'<p class="bearclf-lead">{escape(knows)}<br>{escape(limits)}</p>'
