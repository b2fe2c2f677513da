"""One photo, its answer, why it came out so, and what the visitor says of it."""

from __future__ import annotations

import base64
from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.card import display_names
from bearclf.feedback import NONE_OF_THESE
from bearclf.state.identify import IdentifyState, PhotoState
from bearclf.tabs.guard import Show, guard
from bearclf.tabs.plain import Plain
from bearclf.words import capitalised, percent

KINDS = ("sure", "probable", "unsure", "none")


class PhotoCard(widgets.Box):
    """Linked to one :class:`bearclf.state.identify.PhotoState` of ``state``."""

    def __init__(self, photo: PhotoState, state: IdentifyState, show_problem: Show, plain: Plain) -> None:
        self._photo = photo
        self._state = state
        self._guard = partial(guard, show=show_problem)
        self._plain = plain
        self._choosing = False
        self.picture = plain.html().add_class("bearclf-picture")
        self.answer = plain.label().add_class("bearclf-answer")
        self.bars = plain.html()
        self.why = plain.html().add_class("bearclf-why")
        self.actions = plain.box().add_class("bearclf-acts")
        file_name = plain.html(f'<p class="bearclf-name">{escape(photo.name)}</p>')
        words = plain.box([self.answer, self.bars, file_name]).add_class("bearclf-words")
        self.more = self._button("More", self._show_more).add_class("bearclf-more")
        super().__init__([self.picture, words, self.more, self.why, self.actions], layout=plain.layout)
        self.add_class("bearclf-card")
        photo.observe(self._guard(self._show_picture), ["thumbnail", "spotlight"])
        photo.observe(self._guard(self._show_answer), "status")
        photo.observe(self._guard(self._show_why), "spotlight")
        photo.observe(self._guard(self._show_actions), ["said", "spotlight"])
        self._show_picture()
        self._show_answer()

    def close_all(self) -> None:
        """Close this card's widgets; a closed page would do it, a long session must not wait for that."""
        self._photo.unobserve_all()
        _close(self)

    def _show_more(self, button: widgets.Button) -> None:
        """In a table, a row's bars and actions are hidden until somebody wants them."""
        is_open = button.description == "More"
        button.description = button.tooltip = "Less" if is_open else "More"
        (self.add_class if is_open else self.remove_class)("bearclf-open")

    def _show_picture(self, _: Any = None) -> None:
        photo = self._photo
        text = "evidence in your photo" if photo.spotlight else "your photo"
        self.picture.value = picture(photo.spotlight or photo.thumbnail, f"{capitalised(text)} {photo.name}")

    def _show_answer(self, _: Any = None) -> None:
        photo = self._photo
        classes = {photo.status}
        if photo.status == "answered" and photo.verdict is not None:
            classes.add(photo.verdict.kind)
            self.answer.value = photo.verdict.headline
            detail = f'<p class="bearclf-detail">{escape(photo.verdict.detail)}</p>'
            self.bars.value = detail + bars(photo.probabilities, with_numbers=photo.verdict.kind != "none")
            self._show_actions()
        elif photo.status == "refused":
            self.answer.value = "I can't look at this one"
            self.bars.value = f'<p class="bearclf-detail">{escape(photo.message)}</p>'
        else:
            self.answer.value = "Looking…"
            self.bars.value = ""
        # After the words: a colour that comes first would speak of the words before.
        for name in ("waiting", "answered", "refused", *KINDS):
            (self.add_class if name in classes else self.remove_class)(f"bearclf-{name}")

    def _show_why(self, _: Any = None) -> None:
        similar = "".join(
            picture(jpeg, f"Training photo of {self._photo.called(label)}")
            for label, jpeg in self._photo.similar
        )
        heading = "<span>Most like these training photos</span>" if similar else ""
        seen = "<span>What spoke for the answer has kept its colours.</span>"
        self.why.value = f"{heading}{similar}{seen}" if self._photo.spotlight else ""

    def show_choices(self) -> None:
        """Offer the classes that are now known, if the visitor is just about to choose one."""
        if self._choosing:
            self._ask_which()

    def _show_actions(self, _: Any = None) -> None:
        photo = self._photo
        self._choosing = False
        if photo.said is not None:
            said = "none of these" if photo.said == NONE_OF_THESE else photo.called(photo.said)
            self._replace_actions(self._plain.label(f"Thank you: noted as {said}."), self._give_box())
            return
        yes = self._button("Yes", self._say_yes)
        no = self._button("No, it is…", self._ask_which)
        why = [] if photo.spotlight else [self._button("Why?", self._ask_why)]
        self._replace_actions(self._plain.label("Is that right?"), yes, no, *why)

    def _ask_which(self, _: Any = None) -> None:
        self._choosing = True
        names = display_names(self._state.card.classes, self._state.card.noun)
        choices = [(capitalised(name), label) for label, name in names.items()]
        buttons = [
            self._button(text, lambda _, said=label: self._state.say(self._photo, said))
            for text, label in [*choices, ("None of these", NONE_OF_THESE)]
        ]
        self._replace_actions(self._plain.label("It is:"), *buttons, self._give_box())

    def _say_yes(self, _: Any) -> None:
        photo = self._photo
        none = photo.verdict is not None and photo.verdict.kind == "none"
        self._state.say(photo, NONE_OF_THESE if none else photo.label)

    def _ask_why(self, button: widgets.Button) -> None:
        button.disabled = True
        self._state.explain(self._photo)

    def _give_box(self) -> widgets.Checkbox:
        box = widgets.Checkbox(self._photo.given, description="I give this photo for training", indent=False)
        box.observe(self._guard(lambda change: self._state.give(self._photo, change["new"])), "value")
        return box.add_class("bearclf-give")

    def _button(self, text: str, on_click: Any) -> widgets.Button:
        button = self._plain.button(text).add_class("bearclf-quiet")
        button.on_click(self._guard(on_click))
        return button

    def _replace_actions(self, *children: widgets.Widget) -> None:
        before = self.actions.children
        self.actions.children = children
        for gone in before:
            gone.close()


def picture(jpeg: bytes, text: str) -> str:
    """An ``img`` with its content in it, or an empty frame of the same size."""
    if not jpeg:
        return '<span class="bearclf-frame"></span>'
    source = base64.b64encode(jpeg).decode()
    return f'<img class="bearclf-frame" src="data:image/jpeg;base64,{source}" alt="{escape(text)}">'


def bars(probabilities: dict[str, float], with_numbers: bool = True) -> str:
    """A row for each class, the most probable first."""
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    rows = "".join(
        f"<li><span>{escape(label.replace('_', ' '))}</span>"
        f'<i aria-hidden="true"><b style="width:{100 * share:.1f}%"></b></i>'
        f"<span>{percent(share) if with_numbers else ''}</span></li>"
        for label, share in ordered
    )
    return f'<ul class="bearclf-bars">{rows}</ul>'


def _close(widget: widgets.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
