"""What the first tab knows: photos, their answers, and the model that gives them."""

from __future__ import annotations

from collections.abc import Callable, Collection

import traitlets

from bearclf.errors import UserError
from bearclf.models.card import Card, display_names, read_card
from bearclf.models.feedback import NONE_OF_THESE, FeedbackStore
from bearclf.protocol.base import Restarting
from bearclf.protocol.labels import joined
from bearclf.protocol.prediction import (
    Answer,
    Answered,
    AnswerPhoto,
    Cleaned,
    CleanPhoto,
    ExplainAnswer,
    Explained,
    ModelLive,
    ModelReady,
    PredictionAnnouncement,
    PredictionReply,
    PredictionRequest,
    Seen,
)
from bearclf.service.line import Callback, Line
from bearclf.ui.identify.wording import Verdict, verdict, verdict_of_several

MAX_KEPT_BYTES = 4 * 2**20
"""Of larger photos, which the browser could not shrink, a kernel keeps the thumbnail only."""


class PhotoState(traitlets.HasTraits):
    """One photo that a visitor chose, and what came of it."""

    name = traitlets.Unicode(help="File name, as the visitor's browser tells it; not to be trusted.")
    status = traitlets.Enum(("waiting", "answered", "refused"), "waiting")
    content = traitlets.Bytes(help="As it came, in memory only, until the visitor starts over.")
    thumbnail = traitlets.Bytes(help="JPEG, upright; empty until the photo is decoded.")
    answer = traitlets.Instance(Answer, allow_none=True, help="What the model says of it.")
    card = traitlets.Instance(Card, allow_none=True, help="Of the model that answered.")
    card_sha256 = traitlets.Unicode(help="Of that card, in hex; for the prediction service.")
    verdict = traitlets.Instance(Verdict, allow_none=True, help="The answer in words.")
    message = traitlets.Unicode(help="Why the photo was refused, in a sentence.")
    spotlight = traitlets.Bytes(help="JPEG of the photo with the evidence in it; empty until asked for.")
    similar: traitlets.Tuple = traitlets.Tuple(help="Instances of SimilarPhoto: what it is most like.")
    visitor_label = traitlets.Unicode(None, allow_none=True, help="What the visitor says it shows, or None.")
    is_given = traitlets.Bool(help="Whether the visitor gives the photo for training.")

    @property
    def label(self) -> str:
        """The most probable class; empty until there is an answer."""
        return self.answer.label if self.answer is not None else ""

    @property
    def probabilities(self) -> dict[str, float]:
        """Of each class, from 0 to 1, in the order of the vocab; empty until there is an answer."""
        return self.answer.probabilities if self.answer is not None else {}

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

    def __init__(
        self,
        make_line: Callable[[Callback], Line],
        card: Card,
        feedback_on: Callable[[Card], FeedbackStore],
    ) -> None:
        """``make_line`` is called with the callback for announcements; ``feedback_on`` gives the store for
        feedback on a model's answers.
        """
        super().__init__(card=card)
        self._line = make_line(self.on_announcement)
        self._feedback_on = feedback_on
        # Of all models that were live since the page was opened, by SHA-256.
        self._cards: dict[str, Card] = {}
        self._requests: set[int] = set()
        self._explaining: set[PhotoState] = set()
        self._recorded: dict[PhotoState, int] = {}

    def open(self) -> None:
        """Connect to the prediction worker."""
        self._line.start()

    def add(self, files: list[tuple[str, bytes]]) -> None:
        """Ask about some ``(name, content)``."""
        for photo, (_, content) in zip(self.begin_batch([name for name, _ in files]), files, strict=True):
            self.supply(photo, content)

    def begin_batch(self, names: list[str]) -> list[PhotoState]:
        """Add photos, as one batch, whose contents are still on their way."""
        batch = [PhotoState(name=name) for name in names]
        self.photos = (*batch, *self.photos)
        return batch

    def supply(self, photo: PhotoState, content: bytes) -> None:
        """Take in the content of a batch's photo and ask about it, unless it was forgotten meanwhile."""
        if photo in self.photos:
            photo.content = content
            self._ask(photo, AnswerPhoto(content))

    def refuse(self, photo: PhotoState, sentence: str) -> None:
        """Mark a photo that is refused, or will not come; ``sentence`` says why."""
        photo.message = sentence
        photo.status = "refused"

    def start_over(self) -> None:
        """Forget all photos, answered or not."""
        for request in self._requests:
            self._line.forget(request)
        self._requests, self._recorded, self._explaining = set(), {}, set()
        forgotten, self.photos = self.photos, ()
        for photo in forgotten:  # whoever still holds one holds no picture
            photo.content = photo.thumbnail = photo.spotlight = b""

    def explain(self, photo: PhotoState) -> None:
        """Ask why; the answer is in ``spotlight`` and ``similar``."""
        if photo.answer is not None and not photo.spotlight and photo not in self._explaining:
            self._explaining.add(photo)
            # The thumbnail may come only after the answer.
            picture = photo.thumbnail or photo.content
            answer = photo.answer
            self._ask(photo, ExplainAnswer(picture, answer.label, answer.nearest, photo.card_sha256))

    def record_feedback(self, photo: PhotoState, visitor_label: str) -> None:
        """Record what the visitor says the photo shows: a class of the live model, a class of the one that
        answered, or ``NONE_OF_THESE``.

        Raises ValueError for anything else, or before there is an answer.
        """
        if photo.card is None or visitor_label not in (
            *self.card.classes,
            *photo.card.classes,
            NONE_OF_THESE,
        ):
            raise ValueError(f"{visitor_label!r} can't be said of this photo")
        self._record(photo, visitor_label)

    def record_labels(self, photo: PhotoState, labels: Collection[str]) -> None:
        """Record which labels the visitor says the photo has, of a model that knows several for one photo.

        Raises ValueError for a label that the answering model doesn't know, or before there is an answer.
        """
        if photo.card is None or not set(labels) <= set(photo.card.classes):
            raise ValueError(f"{labels!r} can't be said of this photo")
        self._record(photo, joined(labels))

    def _record(self, photo: PhotoState, visitor_label: str) -> None:
        assert photo.card is not None
        assert photo.answer is not None  # it came with the card
        feedback, answer = self._feedback_on(photo.card), photo.answer
        self._recorded[photo] = feedback.record(
            answer.label, answer.probabilities, answer.familiarity, visitor_label
        )
        photo.visitor_label = visitor_label
        if photo.is_given:
            self._ask(photo, CleanPhoto(photo.content))

    def give(self, photo: PhotoState, is_given: bool) -> None:
        """Give the photo for training, or not; it is sent once the visitor has said what it shows."""
        photo.is_given = is_given
        if is_given and photo in self._recorded:
            self._ask(photo, CleanPhoto(photo.content))

    def on_announcement(self, announcement: PredictionAnnouncement | Restarting) -> None:
        """Take in what the worker says unasked. Raises UserError if a new model's card is damaged."""
        if isinstance(announcement, ModelLive):
            self.card = self._cards[announcement.card] = read_card(announcement.bundle)
        elif isinstance(announcement, ModelReady):
            self.model = "ready"
        elif isinstance(announcement, Restarting):
            self.model = "restarting"
        else:
            self.problem = announcement.message
            self.model = "broken"

    def _ask(self, photo: PhotoState, request: PredictionRequest) -> None:
        self._requests.add(self._line.ask(request, lambda reply: self._on_reply(photo, request, reply)))

    def _on_reply(self, photo: PhotoState, request: PredictionRequest, reply: PredictionReply) -> None:
        """Take in a reply. Raises UserError for what the visitor should read although no photo shows it."""
        if photo not in self.photos:
            return  # forgotten meanwhile
        if isinstance(reply, Seen):
            photo.thumbnail = reply.thumbnail
            if len(photo.content) > MAX_KEPT_BYTES:
                photo.content = reply.thumbnail
        elif isinstance(reply, Answered):
            if photo.answer is None:  # else a worker died before its thumbnail came: the first answer stays
                self._take_answer(photo, reply)
        elif isinstance(reply, Explained):
            photo.similar = reply.similar
            photo.spotlight = reply.spotlight
        elif isinstance(reply, Cleaned):
            if photo.is_given and photo in self._recorded:  # the visitor may have thought better of it
                self._feedback_on(photo.card or self.card).give(self._recorded[photo], reply.jpeg)
        elif photo.status == "waiting":
            self.refuse(photo, reply.message)
        elif not isinstance(request, AnswerPhoto):  # to explain it, or to clean it: the answer stays
            self._explaining.discard(photo)
            raise UserError(reply.message)

    def _take_answer(self, photo: PhotoState, reply: Answered) -> None:
        answer = reply.answer
        photo.card_sha256 = reply.card
        photo.card = self._cards.get(reply.card, self.card)
        photo.answer = answer
        names = {label: photo.called(label) for label in answer.probabilities}
        shares, standing, noun = answer.probabilities, answer.standing, photo.card.noun
        photo.verdict = (
            verdict(shares, names, standing, noun)
            if photo.card.threshold is None
            else verdict_of_several(answer.labels, shares, names, standing, noun)
        )
        photo.status = "answered"
