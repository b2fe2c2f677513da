"""The first tab: choose photos, read the answers."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from bearclf.errors import UserError
from bearclf.models.card import Card, introduction
from bearclf.protocol.prediction import Standing
from bearclf.settings import MAX_BATCH_PHOTOS, PHOTO_TYPES
from bearclf.ui.drop_zone import REFUSALS, TOO_MUCH, DropZone
from bearclf.ui.guard import guard
from bearclf.ui.identify.csv_export import answers_csv
from bearclf.ui.identify.photo_answers import PhotoAnswer, PhotoAnswers
from bearclf.ui.identify.state import IdentifyState, PhotoState
from bearclf.ui.identify.wording import PROMISE

MANY = 9
"""From this many photos on, they are shown as a table."""

MODEL_SENTENCES = {
    "starting": "Getting the model ready. Photos that you choose now are answered as soon as it is.",
    "ready": "",
    "restarting": "The model stopped and is being started again. Your photos are kept and answered then.",
}

ORDERS = {"As chosen": 0, "By answer": 1, "Least sure first": 2}

LEAST_SURE_FIRST: Sequence[Standing] = ("none", "doubtful", "known")


class IdentifyTab(widgets.Box):
    """The tab, linked to an :class:`bearclf.ui.identify.state.IdentifyState`.

    ``examples`` are name and JPEG of photos to try; without any there is no row of them.
    """

    def __init__(self, state: IdentifyState, examples: Sequence[tuple[str, bytes]] = ()) -> None:
        self.state = state
        self._answers: dict[PhotoState, PhotoAnswer] = {}
        self._batches: dict[int, list[PhotoState]] = {}
        self.lead = widgets.HTML()
        self.upload = widgets.FileUpload(
            accept=PHOTO_TYPES, multiple=True, description="", icon="", tooltip="Choose photos"
        ).add_class("bearclf-upload")
        self.drop_zone = DropZone(accept=PHOTO_TYPES)
        self.start_over = widgets.Button(description="Start over").add_class("bearclf-quiet")
        self.order = widgets.Dropdown(options=list(ORDERS), description="Order").add_class("bearclf-order")
        self.download = widgets.HTML()
        self.status = widgets.HTML().add_class("bearclf-status")
        self.problem = widgets.HTML().add_class("bearclf-problem")
        self.actions = widgets.Box([self.download, self.order, self.start_over]).add_class("bearclf-actions")
        self.answers = PhotoAnswers().add_class("bearclf-photo-answers")
        invitation = widgets.HTML("<strong>Drop photos here</strong><span>or paste them, or</span>")
        chooser = widgets.Box([invitation, self.upload, self.drop_zone]).add_class("bearclf-chooser")
        super().__init__(
            [
                self.lead,
                chooser,
                widgets.HTML(f'<p class="bearclf-note">{PROMISE}</p>'),
                *self._examples(examples),
                self.status,
                self.problem,
                self.actions,
                self.answers,
            ]
        )
        self.add_class("bearclf-identify")
        self._link()

    def show_problem(self, sentence: str) -> None:
        """Say what went wrong, until the next photo or a new start."""
        self.problem.value = f'<p role="alert">{escape(sentence)}</p>' if sentence else ""

    def _examples(self, examples: Sequence[tuple[str, bytes]]) -> list[widgets.Widget]:
        tries = []
        for number, (name, jpeg) in enumerate(examples, 1):
            button = widgets.Button(description=f"Try example {number}").add_class("bearclf-quiet")
            button.on_click(
                guard(lambda _, example=(name, jpeg): self.state.add([example]), self.show_problem)
            )
            shown = widgets.HTML(_picture(jpeg, f"Example {number}"))
            tries.append(widgets.Box([shown, button]).add_class("bearclf-example"))
        return [widgets.Box(tries).add_class("bearclf-examples")] if tries else []

    def _link(self) -> None:
        guarded = partial(guard, show=self.show_problem)
        self.upload.observe(guarded(self._take_uploads), "value")
        self.drop_zone.handle_messages(
            {
                "batch": guarded(self._begin_batch),
                "photo": guarded(self._supply),
                "refused": guarded(self._refuse),
                "too_much": guarded(lambda *_: self.show_problem(TOO_MUCH)),
            }
        )
        self.start_over.on_click(guarded(self._start_over))
        self.order.observe(guarded(self._show_order), "index")
        self.state.observe(guarded(self._show_model), "card")
        self.state.observe(guarded(self._show_status), ["model", "problem"])
        self.state.observe(guarded(self._show_photos), "photos")
        self._show_model()
        self._show_status()
        self._show_photos()

    def _show_model(self, _: Any = None) -> None:
        """Say what the live model can tell apart."""
        self.lead.value = _lead(self.state.card)
        for answer in self._answers.values():
            answer.show_choices()

    def _take_uploads(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        files = [(file["name"], bytes(file["content"])) for file in change["new"]]
        self.upload.value = ()  # else the same file could not be chosen again, and would stay in memory
        self.show_problem("")
        self.state.add(files)

    def _begin_batch(self, message: dict[str, Any], _: Any) -> None:
        names = [str(name)[:255] for name in message["names"]]
        if len(names) > MAX_BATCH_PHOTOS:
            raise UserError(TOO_MUCH)
        self.show_problem("")
        self._batches[message["batch"]] = self.state.begin_batch(names)

    def _supply(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        photo = self._batches[message["batch"]][message["index"]]
        self.state.supply(photo, bytes(buffers[0]))

    def _refuse(self, message: dict[str, Any], _: Any) -> None:
        self.state.refuse(self._batches[message["batch"]][message["index"]], REFUSALS[message["reason"]])

    def _start_over(self, _: widgets.Button) -> None:
        self.show_problem("")
        self.state.start_over()

    def _show_status(self, _: Any = None) -> None:
        sentence = MODEL_SENTENCES.get(self.state.model, self.state.problem)
        photos = self.state.photos
        done = sum(photo.status != "waiting" for photo in photos)
        bar = ""
        if not sentence and done < len(photos) and len(photos) > 3:
            sentence = f"{done} of {len(photos)} photos answered"
            bar = f' <progress aria-hidden="true" max="{len(photos)}" value="{done}"></progress>'
        elif not sentence and photos and self.status.value:
            # What was shown stays: if it went away, everything below would jump.
            sentence = f"{done} of {len(photos)} photos answered"
        self.status.value = f"<p>{escape(sentence)}{bar}</p>" if sentence else ""
        self.drop_zone.announcement = _announcement(self.state) if self.state.model == "ready" else sentence

    def _show_photos(self, _: Any = None) -> None:
        photos = self.state.photos
        answers = {photo: self._answers.get(photo) or self._answer_to(photo) for photo in photos}
        gone = [answer for photo, answer in self._answers.items() if photo not in answers]
        self._answers = answers
        self._show_order()
        for answer in gone:
            answer.close()
        many = len(photos) >= MANY
        (self.answers.add_class if many else self.answers.remove_class)("bearclf-many")
        self.order.layout.display = self.download.layout.display = None if many else "none"
        self.actions.layout.display = None if photos else "none"
        self._show_answers()

    def _answer_to(self, photo: PhotoState) -> PhotoAnswer:
        answer = PhotoAnswer(photo, self.state, self.show_problem)
        photo.observe(guard(self._show_answers, self.show_problem), "status")
        return answer

    def _show_answers(self, _: Any = None) -> None:
        """Update what depends on all answers together."""
        self._show_status()
        photos = self.state.photos
        if len(photos) < MANY:
            return
        complete = all(photo.status != "waiting" for photo in photos)
        self.download.value = _table_link(self.state if complete else None)
        if complete:
            self._show_order()

    def _show_order(self, _: Any = None) -> None:
        answers = list(self._answers.items())
        if self.order.index == ORDERS["By answer"]:
            answers.sort(key=lambda item: (_headline(item[0]), -_probability(item[0])))
        elif self.order.index == ORDERS["Least sure first"]:
            answers.sort(key=lambda item: _sureness(item[0]))
        self.answers.items = tuple(answer for _, answer in answers)


def _picture(jpeg: bytes, text: str) -> str:
    source = base64.b64encode(jpeg).decode()
    return f'<img class="bearclf-frame" src="data:image/jpeg;base64,{source}" alt="{escape(text)}">'


def _headline(photo: PhotoState) -> str:
    return photo.verdict.headline if photo.verdict is not None else photo.message


def _probability(photo: PhotoState) -> float:
    return photo.answer.probability if photo.answer is not None else 0.0


def _sureness(photo: PhotoState) -> tuple[int, float]:
    """What to sort by: a photo without an answer comes first, one that is surely known last."""
    if photo.answer is None:
        return -1, 0.0
    return LEAST_SURE_FIRST.index(photo.answer.standing), photo.answer.probability


def _announcement(state: IdentifyState) -> str:
    """What a screen reader reads out when all photos are answered."""
    headlines = [_headline(photo) for photo in state.photos if photo.status != "waiting"]
    if len(headlines) < len(state.photos) or not headlines:
        return ""
    return f"{headlines[0]}." if len(headlines) == 1 else f"{len(headlines)} photos are answered."


def _table_link(state: IdentifyState | None) -> str:
    """The link to the table of answers: inactive until the last answer is there, and just as large."""
    if state is None:
        attributes = 'role="link" aria-disabled="true"'
    else:
        # The classes of every model that answered: another may have gone live between two photos.
        classes = list(dict.fromkeys(label for photo in state.photos for label in photo.probabilities))
        rows = [(photo.name, _headline(photo), photo.answer) for photo in state.photos]
        table = answers_csv(classes or state.card.classes, rows).encode("utf-8-sig")
        attributes = f'download="answers.csv" href="data:text/csv;base64,{base64.b64encode(table).decode()}"'
    return f'<a class="bearclf-download" {attributes}>Download as a table (CSV)</a>'


def _lead(card: Card) -> str:
    knows, limits = introduction(card)
    return f'<p class="bearclf-lead">{escape(knows)}<br>{escape(limits)}</p>'
