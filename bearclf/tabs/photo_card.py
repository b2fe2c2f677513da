"""One photo and its answer."""

from __future__ import annotations

import base64
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.state import PhotoState


class PhotoCard(widgets.Box):
    """Linked to a :class:`bearclf.state.PhotoState`; ``names`` says how each class is called."""

    def __init__(self, photo: PhotoState, names: dict[str, str]) -> None:
        self._photo = photo
        self._names = names
        self.picture = widgets.HTML().add_class("bearclf-picture")
        self.answer = widgets.Label().add_class("bearclf-answer")
        self.bars = widgets.HTML()
        file_name = widgets.HTML(f'<p class="bearclf-name">{escape(photo.name)}</p>')
        words = widgets.Box([self.answer, self.bars, file_name]).add_class("bearclf-words")
        super().__init__([self.picture, words])
        self.add_class("bearclf-card")
        photo.observe(self._show_picture, "thumbnail")
        photo.observe(self._show_answer, "status")
        self._show_picture()
        self._show_answer()

    def close_all(self) -> None:
        """Close this card's widgets; a closed page would do it, a long session must not wait for that."""
        self._photo.unobserve_all()
        _close(self)

    def _show_picture(self, _: Any = None) -> None:
        self.picture.value = picture(self._photo.thumbnail, f"Your photo {self._photo.name}")

    def _show_answer(self, _: Any = None) -> None:
        photo = self._photo
        for status in ("waiting", "answered", "refused"):
            self.remove_class(f"bearclf-{status}")
        self.add_class(f"bearclf-{photo.status}")
        if photo.status == "answered":
            name = self._names[photo.label]
            self.answer.value = name[0].upper() + name[1:]
            self.bars.value = bars(photo.probabilities)
        elif photo.status == "refused":
            self.answer.value = "I can't look at this one"
            self.bars.value = f'<p class="bearclf-message">{escape(photo.message)}</p>'
        else:
            self.answer.value = "Looking…"
            self.bars.value = ""


def picture(jpeg: bytes, text: str) -> str:
    """An ``img`` with its content in it, or an empty frame of the same size."""
    if not jpeg:
        return '<span class="bearclf-frame"></span>'
    source = base64.b64encode(jpeg).decode()
    return f'<img class="bearclf-frame" src="data:image/jpeg;base64,{source}" alt="{escape(text)}">'


def bars(probabilities: dict[str, float]) -> str:
    """A row for each class, the most probable first."""
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    rows = "".join(
        f"<li><span>{escape(label.replace('_', ' '))}</span>"
        f'<i aria-hidden="true"><b style="width:{100 * share:.1f}%"></b></i>'
        f"<span>{percent(share)}</span></li>"
        for label, share in ordered
    )
    return f'<ul class="bearclf-bars">{rows}</ul>'


def percent(share: float) -> str:
    """Whole per cents; nothing is ever told as certain or impossible."""
    if share > 0.995:
        return "> 99 %"
    if share < 0.005:
        return "< 1 %"
    return f"{100 * share:.0f} %"


def _close(widget: widgets.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
