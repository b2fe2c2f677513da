"""What the first tab knows: photos, their answers, and the model that gives them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Protocol

import traitlets

from bearclf.errors import UserError
from bearclf.models.card import Card, display_names, read_card
from bearclf.models.feedback import NONE_OF_THESE
from bearclf.service.messages import Message
from bearclf.ui.identify.wording import Verdict, verdict

MAX_KEPT_BYTES = 4 * 2**20
"""Of a larger photo, which no browser could shrink, a kernel keeps the thumbnail only."""


class Asker(Protocol):
    """What state needs of a :class:`bearclf.service.client.PredictionClient`."""

    def ask(self, number: int, content: bytes) -> None:
        """Ask about a photo."""

    def ask_why(self, number: int, thumbnail: bytes, label: str, nearest: list[int], card: str) -> None:
        """Ask for an explanation."""

    def ask_clean(self, number: int, content: bytes) -> None:
        """Ask for a JPEG without metadata."""

    def forget(self, number: int) -> None:
        """Take a question back."""


class Feedback(Protocol):
    """What state needs of a :class:`bearclf.models.feedback.FeedbackStore`."""

    def record(self, label: str, probabilities: dict[str, float], known_score: float, said: str) -> int:
        """Keep what a person said; returns its number."""

    def give(self, number: int, jpeg: bytes) -> None:
        """Put a photo into the review queue."""


class PhotoState(traitlets.HasTraits):
    """One photo that a visitor chose, and what came of it."""

    name = traitlets.Unicode(help="File name, as the visitor's browser tells it; not to be trusted.")
    status = traitlets.Enum(("waiting", "answered", "refused"), "waiting")
    content = traitlets.Bytes(help="As it came, in memory only, until the visitor starts over.")
    thumbnail = traitlets.Bytes(help="JPEG, upright; empty until the photo is decoded.")
    label = traitlets.Unicode(help="The most probable class; empty until there is an answer.")
    probability = traitlets.Float(help="Of ``label``, from 0 to 1.")
    probabilities = traitlets.Dict(help="Of each class, from 0 to 1, in the order of the vocab.")
    known_score = traitlets.Float(help="How much it is like the training photos; see bearclf.models.novelty.")
    nearest: traitlets.List[int] = traitlets.List(help="Indices of the training photos that it is most like.")
    card = traitlets.Instance(Card, allow_none=True, help="Of the model that answered.")
    card_sha256 = traitlets.Unicode(help="Of that card, in hex; for the prediction service.")
    verdict = traitlets.Instance(Verdict, allow_none=True, help="The answer in words.")
    message = traitlets.Unicode(help="Why the photo was refused, in a sentence.")
    spotlight = traitlets.Bytes(help="JPEG of the photo with the evidence in it; empty until asked for.")
    similar: traitlets.List[tuple[str, bytes]] = traitlets.List(
        help="Label and JPEG of the training photos that it is most like."
    )
    said = traitlets.Unicode(None, allow_none=True, help="What the visitor says it shows, or None.")
    given = traitlets.Bool(help="Whether the visitor gives the photo for training.")

    @traitlets.validate("probability")
    def _share(self, proposal: traitlets.Bunch) -> float:
        if not 0 <= proposal["value"] <= 1:
            raise traitlets.TraitError(f"a probability is from 0 to 1, not {proposal['value']}")
        return proposal["value"]

    def called(self, label: str) -> str:
        """What the model that answered calls a class in a sentence."""
        return display_names([label], self.card.noun if self.card is not None else "")[label]


class IdentifyState(traitlets.HasTraits):
    """Photos and their answers, newest batch first, and whether the model can answer.

    Another version of the model may go live at any time: ``card`` is then its card, and photos that were
    answered before keep their answers, and the card of the model that gave them.
    """

    card = traitlets.Instance(Card, help="Of the model that answers from now on.")
    model = traitlets.Enum(("starting", "ready", "restarting", "broken"), "starting")
    problem = traitlets.Unicode(help="Why the model is broken, in a sentence.")
    photos = traitlets.Tuple(help="Instances of PhotoState, the newest batch first.")

    def __init__(self, asker: Asker, card: Card, feedback_on: Callable[[Card], Feedback]) -> None:
        """``feedback_on`` says where words about the answers of a model are kept."""
        super().__init__(card=card)
        self._asker = asker
        self._feedback_on = feedback_on
        self._cards: dict[
            str, Card
        ] = {}  # of all models that were live since the page was opened, by SHA-256
        self._numbers = count()
        self._by_number: dict[int, PhotoState] = {}
        self._recorded: dict[PhotoState, int] = {}

    def add(self, files: list[tuple[str, bytes]]) -> None:
        """Ask about some ``(name, content)``; the answers come through :meth:`hear`."""
        for photo, (_, content) in zip(self.announce([name for name, _ in files]), files, strict=True):
            self.supply(photo, content)

    def announce(self, names: list[str]) -> list[PhotoState]:
        """A batch of photos whose contents are still on their way."""
        batch = [PhotoState(name=name) for name in names]
        self.photos = (*batch, *self.photos)
        return batch

    def supply(self, photo: PhotoState, content: bytes) -> None:
        """The content of an announced photo: ask about it, unless it was forgotten meanwhile."""
        if photo in self.photos:
            photo.content = content
            self._asker.ask(self._number(photo), content)

    def refuse(self, photo: PhotoState, sentence: str) -> None:
        """An announced photo will not come; ``sentence`` says why."""
        photo.message = sentence
        photo.status = "refused"

    def start_over(self) -> None:
        """Forget all photos, answered or not."""
        for number in self._by_number:
            self._asker.forget(number)
        self._by_number, self._recorded = {}, {}
        forgotten, self.photos = self.photos, ()
        for photo in forgotten:  # whoever still holds one holds no picture
            photo.content = photo.thumbnail = photo.spotlight = b""

    def explain(self, photo: PhotoState) -> None:
        """Ask why; the answer is in ``spotlight`` and ``similar``."""
        if photo.status == "answered" and not photo.spotlight:
            answer = (photo.label, list(photo.nearest), photo.card_sha256)
            self._asker.ask_why(self._number(photo), photo.thumbnail, *answer)

    def say(self, photo: PhotoState, said: str) -> None:
        """Keep what the visitor says the photo shows: a class, of now or of when it was answered, or
        ``NONE_OF_THESE``.

        Raises ValueError for anything else, or before there is an answer.
        """
        if photo.card is None or said not in (*self.card.classes, *photo.card.classes, NONE_OF_THESE):
            raise ValueError(f"{said!r} can't be said of this photo")
        feedback = self._feedback_on(photo.card)
        number = feedback.record(photo.label, photo.probabilities, photo.known_score, said)
        self._recorded[photo] = number
        photo.said = said
        if photo.given:
            self._asker.ask_clean(self._number(photo), photo.content)

    def give(self, photo: PhotoState, given: bool) -> None:
        """Whether the photo is given for training; it is sent once the visitor has said what it shows."""
        photo.given = given
        if given and photo in self._recorded:
            self._asker.ask_clean(self._number(photo), photo.content)

    def hear(self, message: Message, content: bytes) -> None:
        """Take in what the prediction service says (see :mod:`bearclf.service.messages`).

        Raises UserError for what the visitor should read although no photo shows it.
        """
        kind = message["kind"]
        if kind == "live":
            self.card = self._cards[message["card"]] = read_card(Path(message["bundle"]))
        elif kind == "ready":
            self.model = "ready"
        elif kind == "restarting":
            self.model = "restarting"
        elif kind == "broken":
            self.problem = message["message"]
            self.model = "broken"
        elif (photo := self._by_number.get(message["id"])) is not None:
            self._hear_of(photo, kind, message, content)

    def _hear_of(self, photo: PhotoState, kind: str, message: Message, content: bytes) -> None:
        if kind == "seen":
            photo.thumbnail = content
            if len(photo.content) > MAX_KEPT_BYTES:
                photo.content = content
        elif kind == "refused" and photo.status == "waiting":
            self.refuse(photo, message["message"])
        elif kind == "refused":  # to explain it, or to clean it: the answer stays
            raise UserError(message["message"])
        elif kind == "answer":
            photo.card_sha256 = message["card"]
            photo.card = self._cards.get(photo.card_sha256, self.card)
            photo.probabilities = message["probabilities"]
            photo.probability = message["probability"]
            photo.label = message["label"]
            photo.known_score = message["known_score"]
            photo.nearest = message["nearest"]
            names = {label: photo.called(label) for label in photo.probabilities}
            photo.verdict = verdict(photo.probabilities, names, message["known"], photo.card.noun)
            photo.status = "answered"
        elif kind == "because":
            spotlight, *similar = _cut(content, message["sizes"])
            photo.similar = list(zip(message["labels"], similar, strict=True))
            photo.spotlight = spotlight
        elif kind == "cleaned":
            if photo.given and photo in self._recorded:  # the visitor may have thought better of it
                self._feedback_on(photo.card or self.card).give(self._recorded[photo], content)
        else:
            raise ValueError(f"the prediction service said {kind!r}")

    def _number(self, photo: PhotoState) -> int:
        """A number of its own for every question."""
        number = next(self._numbers)
        self._by_number[number] = photo
        return number


def _cut(content: bytes, sizes: list[int]) -> list[bytes]:
    """Parts of these lengths, one after another."""
    parts, start = [], 0
    for size in sizes:
        parts.append(content[start : start + size])
        start += size
    return parts
