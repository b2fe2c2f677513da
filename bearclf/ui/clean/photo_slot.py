"""A place on the contact sheet: one photo, what is known of it, and what is to happen with it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from bearclf.protocol.records import SheetPhoto
from bearclf.ui.clean.credit import credit_line, spoken_credit
from bearclf.ui.clean.marks import DELETE
from bearclf.ui.clean.state import CleanState


class PhotoSlot(widgets.Box):
    """Stays where it is and shows one photo after the other.

    ``on_choice`` is called with the slot whenever the index of its ``choice`` changes, by the
    curator or by us.
    """

    def __init__(self, state: CleanState, on_choice: Callable[..., None], index: int) -> None:
        self._state = state
        self.index = index
        self.photo: SheetPhoto | None = None
        self.picture = widgets.HTML().add_class("bearclf-slot-picture")
        self.words = widgets.HTML().add_class("bearclf-slot-words")
        # Choices go by their index, since a class may be called like one of our own words.
        self.choice = widgets.Dropdown(options=["keep"], style={"description_width": "auto"})
        self.choice.observe(lambda _: on_choice(self), "index")
        super().__init__([self.picture, self.words, self.choice])
        self.add_class("bearclf-slot")
        self.layout.display = "none"

    def fill(self, photo: SheetPhoto | None) -> None:
        """Show a photo, or nothing."""
        if photo is not None and photo != self.photo:
            self.picture.value = _picture(photo)
            credited = credit_line(photo.attribution) if photo.attribution is not None else ""
            self.words.value = _words(photo) + credited
            self.choice.description = f"What to do with {shown_name(photo)}"
        self.photo = photo
        self.show_mark()
        self.layout.display = None if photo is not None else "none"

    def show_mark(self) -> None:
        """Show what is marked for the photo."""
        if self.photo is None:
            return
        options = self._state.choices(self.photo)
        choice = self._state.choice(self.photo)
        with self.choice.hold_sync():
            if list(self.choice.options) != options:
                self.choice.options = options
            self.choice.index = choice
        for name, on in (("bearclf-gone", choice == DELETE), ("bearclf-moved", choice > DELETE)):
            (self.add_class if on else self.remove_class)(name)


def shown_name(photo: SheetPhoto) -> str:
    """How a photo is called to those who can't see it."""
    if photo.feedback_id is not None:
        called = f"called {photo.label}" if photo.label else "called none of these"
        return f"visitor's photo {photo.name}, {called}"
    return f"{photo.label} photo {photo.name}"


def _picture(photo: SheetPhoto) -> str:
    note = f"<p>{escape(photo.note)}</p>" if photo.note else ""
    credited = f", {spoken_credit(photo.attribution)}" if photo.attribution is not None else ""
    name, title = escape(shown_name(photo) + credited), escape(photo.name + credited)
    if not photo.thumbnail:
        return f'<span class="bearclf-slot-frame" role="img" aria-label="{name}"></span>{note}'
    source = base64.b64encode(photo.thumbnail).decode()
    return (
        f'<img class="bearclf-slot-frame" src="data:image/jpeg;base64,{source}" '
        f'alt="{name}" title="{title}">{note}'
    )


def _words(photo: SheetPhoto) -> str:
    """Two lines, whatever is known, so that nothing moves when more is."""
    label = photo.label or "none of these"
    called = f"visitor: {label}" if photo.feedback_id is not None else label
    if photo.predicted is None:
        return f"<p><span>{escape(called)}</span></p><p>not scored yet</p>"
    figures = [f"<b>{photo.probability:.2f}</b>" if photo.probability is not None else ""]
    figures.append(f"loss {photo.loss:.2f}" if photo.loss is not None else "")
    title = f"{called} → {photo.predicted}" + (f", {photo.part}" if photo.part else "")
    return (
        f'<p title="{escape(title)}"><span>{escape(called)}</span> → '
        f"<b>{escape(photo.predicted)}</b></p><p>{' · '.join(figure for figure in figures if figure)}</p>"
    )
