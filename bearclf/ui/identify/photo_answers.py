"""The answer to each photo, why it came out so, and what the visitor says of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from bearclf.models.card import display_names, in_words
from bearclf.models.feedback import NONE_OF_THESE
from bearclf.protocol.labels import apart
from bearclf.static import script
from bearclf.ui.guard import Show, guard
from bearclf.ui.identify.state import IdentifyState, PhotoState
from bearclf.ui.identify.wording import capitalised, percent

Act = dict[str, Any]
Call = Callable[..., None]


class PhotoAnswer(widgets.Widget):
    """What is shown of one photo, linked to one :class:`bearclf.ui.identify.state.PhotoState` of ``state``.

    A model without a view of its own, drawn by its :class:`PhotoAnswers`: a dozen widgets for each photo took
    some forty messages, and a visitor's browser longer to draw than the answer took.
    """

    name = traitlets.Unicode(help="Of the photo's file.").tag(sync=True)
    status = traitlets.Unicode("waiting", help="As PhotoState has it.").tag(sync=True)
    verdict = traitlets.Unicode(help="The kind of the answer, as Verdict has it, or empty.").tag(sync=True)
    headline = traitlets.Unicode("Looking…").tag(sync=True)
    detail = traitlets.Unicode(help="A sentence under the headline, or nothing.").tag(sync=True)
    hint = traitlets.Unicode(help="What may bring a better answer, or nothing.").tag(sync=True)
    bars: traitlets.List[dict[str, Any]] = traitlets.List(
        help="For each class, most probable first: its ``name``, ``share`` (0 to 1), and that in ``percent``."
    ).tag(sync=True)
    picture = traitlets.Bytes(help="JPEG, or nothing yet.").tag(sync=True)
    picture_text = traitlets.Unicode(help="What the picture is, for who can't see it.").tag(sync=True)
    why: traitlets.List[dict[str, Any]] = traitlets.List(
        help="What explains the answer: each a ``text``, or a ``jpeg`` with its ``text``."
    ).tag(sync=True)
    acts: traitlets.List[Act] = traitlets.List(
        help="What the visitor can do now: each a ``text``, and of a ``kind``: text, button (perhaps "
        "``disabled``) or box (perhaps ``checked``)."
    ).tag(sync=True)
    turn = traitlets.Int(help="Goes up with each change of ``acts``, so that a late click is ignored.").tag(
        sync=True
    )

    def __init__(self, photo: PhotoState, state: IdentifyState, show_problem: Show) -> None:
        self._photo = photo
        self._state = state
        self._calls: list[Call | None] = []
        self._choosing = False
        self._asked_why = False
        self._labels: set[str] = set()  # what the visitor says it shows
        super().__init__(name=photo.name)
        guarded = partial(guard, show=show_problem)
        photo.observe(guarded(self._show_picture), ["thumbnail", "spotlight"])
        photo.observe(guarded(self._show_answer), "status")
        photo.observe(guarded(self._show_why), "spotlight")
        photo.observe(guarded(self._show_acts), ["visitor_label", "spotlight"])
        self.on_msg(guarded(self._on_act))
        if photo.status != "waiting":
            self._show_answer()

    def close(self) -> None:
        """Close the model; its photo may stay."""
        self._photo.unobserve_all()
        super().close()

    def show_choices(self) -> None:
        """Offer the live model's classes, if the visitor is just about to choose one."""
        if self._choosing and self._photo.visitor_label is None:
            self._show_acts()

    def _show_acts(self, _: Any = None) -> None:
        photo = self._photo
        if photo.visitor_label is not None:
            noted = [photo.called(label) for label in apart(photo.visitor_label)]
            give = [] if self._has_several else [self._give_box()]
            self._offer(_text(f"Thank you: noted as {in_words(noted) if noted else 'none of these'}."), *give)
        elif self._choosing and self._has_several:
            boxes = [self._label_box(label) for label in photo.probabilities]
            self._offer(_text("It shows:"), *boxes, _button("That's all", self._record_labels))
        elif self._choosing:
            names = display_names(self._state.card.classes, self._state.card.noun)
            choices = [(capitalised(name), label) for label, name in names.items()]
            buttons = [
                _button(text, partial(self._record, label))
                for text, label in [*choices, ("None of these", NONE_OF_THESE)]
            ]
            self._offer(_text("It is:"), *buttons, self._give_box())
        else:
            otherwise = "No, it shows…" if self._has_several else "No, it is…"
            yes, no = _button("Yes", self._confirm), _button(otherwise, self._ask_which)
            why = [] if photo.spotlight else [_button("Why?", self._ask_why, disabled=self._asked_why)]
            self._offer(_text("Is it none of these?" if self._is_none else "Is that right?"), yes, no, *why)

    def _offer(self, *acts: tuple[Act, Call | None]) -> None:
        self._calls = [call for _, call in acts]
        with self.hold_sync():
            self.acts = [act for act, _ in acts]
            self.turn += 1

    def _on_act(self, _: Any, message: dict[str, Any], __: Any) -> None:
        if message.get("kind") != "act" or message["turn"] != self.turn:
            return
        index = message["index"]
        call = self._calls[index]
        if call is not None and not self.acts[index].get("disabled"):
            call(*[bool(message["checked"])] if self.acts[index]["kind"] == "box" else [])

    def _show_picture(self, _: Any = None) -> None:
        photo = self._photo
        text = "Evidence in your photo" if photo.spotlight else "Your photo"
        with self.hold_sync():
            self.picture_text = f"{text} {photo.name}"
            self.picture = photo.spotlight or photo.thumbnail

    def _show_answer(self, _: Any = None) -> None:
        photo = self._photo
        with self.hold_sync():
            self.status = photo.status
            if photo.status == "answered" and photo.verdict is not None:
                self.verdict = photo.verdict.kind
                self.headline = photo.verdict.headline
                self.detail = photo.verdict.detail
                self.hint = photo.verdict.hint
                # However pale, a long bar would look like a sure answer beside “None of these”.
                unlike = photo.answer is None or photo.answer.standing == "none"
                self.bars = [] if unlike else bars(photo.probabilities)
                self._labels = set() if photo.answer is None or unlike else set(photo.answer.labels)
                self._show_acts()
            elif photo.status == "refused":
                self.headline = "I can't look at this one"
                self.detail = photo.message

    def _show_why(self, _: Any = None) -> None:
        similar = [
            {"jpeg": photo.jpeg, "text": f"Training photo of {self._photo.called(photo.label)}"}
            for photo in self._photo.similar
        ]
        heading = [{"text": "Most like these training photos"}] if similar else []
        self.why = [
            *heading,
            *similar,
            {"text": "The parts that spoke for the answer have kept their colours."},
        ]

    @property
    def _is_none(self) -> bool:
        return self.verdict == "none"

    def _ask_which(self) -> None:
        self._choosing = True
        self._show_acts()

    @property
    def _has_several(self) -> bool:
        """Whether the model that answered may say several labels of a photo."""
        return self._photo.card is not None and self._photo.card.threshold is not None

    def _label_box(self, label: str) -> tuple[Act, Call]:
        def choose(checked: bool) -> None:
            (self._labels.add if checked else self._labels.discard)(label)

        return {"kind": "box", "text": self._photo.called(label), "checked": label in self._labels}, choose

    def _record_labels(self) -> None:
        self._state.record_labels(self._photo, self._labels)

    def _confirm(self) -> None:
        if self._has_several:
            self._record_labels()
            return
        self._record(NONE_OF_THESE if self._is_none else self._photo.label)

    def _record(self, label: str) -> None:
        self._state.record_feedback(self._photo, label)

    def _ask_why(self) -> None:
        self._asked_why = True
        self._show_acts()
        self._state.explain(self._photo)

    def _give_box(self) -> tuple[Act, Call]:
        box = {"kind": "box", "text": "I give this photo for training", "checked": self._photo.is_given}
        return box, lambda checked: self._state.give(self._photo, checked)


class PhotoAnswers(anywidget.AnyWidget):
    """Draws the answers ``items``, in this order; the browser's side is ``static/photo_answers.js``."""

    _esm = script("photo_answers")

    items: traitlets.Tuple = traitlets.Tuple().tag(sync=True, **widgets.widget_serialization)


def bars(probabilities: dict[str, float]) -> list[dict[str, Any]]:
    """See ``PhotoAnswer.bars``."""
    ordered = sorted(probabilities.items(), key=lambda item: -item[1])
    return [
        {"name": label.replace("_", " "), "share": share, "percent": percent(share)}
        for label, share in ordered
    ]


def _text(text: str) -> tuple[Act, None]:
    return {"kind": "text", "text": text}, None


def _button(text: str, call: Call, disabled: bool = False) -> tuple[Act, Call]:
    return {"kind": "button", "text": text, "disabled": disabled}, call
