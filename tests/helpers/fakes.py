"""Stand-ins for what is slow, made of the protocol's own messages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from bearclf.models.card import CARD, Card
from bearclf.models.feedback import FeedbackStore
from bearclf.protocol.base import Message
from bearclf.protocol.prediction import Answer, Answered, AnswerPhoto, ModelLive, Standing
from bearclf.service.line import Callback, Line

AnyRequest = TypeVar("AnyRequest", bound=Message)


class FakeLine(Line):
    """Takes requests; the test answers them. ``announce`` is what the page hears announcements by."""

    def __init__(self) -> None:
        self.started = 0
        self.asked: dict[int, tuple[Message, Callback]] = {}
        self._count = 0

    def __call__(self, on_announcement: Callback) -> FakeLine:
        """As what makes a line for a page."""
        self.announce = on_announcement
        return self

    def start(self) -> None:
        self.started += 1

    def ask(self, request: Message, on_reply: Callback) -> int:
        self._count += 1
        self.asked[self._count] = request, on_reply
        return self._count

    def forget(self, number: int) -> None:
        self.asked.pop(number, None)

    def requests(self, kind: type[AnyRequest]) -> list[AnyRequest]:
        """What was asked and waits for an answer."""
        return [request for request, _ in self.asked.values() if isinstance(request, kind)]

    def reply(self, kind: type[Message], reply: Message, more: bool = False) -> None:
        """Answer the oldest request of a kind; ``more`` is whether others follow."""
        number, (_, on_reply) = next(
            (number, asked) for number, asked in self.asked.items() if isinstance(asked[0], kind)
        )
        if not more:
            del self.asked[number]
        on_reply(reply)

    def answer_all(
        self, probabilities: dict[str, float], standing: Standing = "known", model: str = "first"
    ) -> None:
        """Answer every photo that was asked about with the same probabilities."""
        for _ in self.requests(AnswerPhoto):
            self.reply(AnswerPhoto, answer(probabilities, standing, model))


class FakeFeedback(FeedbackStore):
    """Remembers what was said, of the answers of which model (by its training set's digest), and given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.models: list[str] = []
        self.given: dict[int, bytes] = {}
        self._model = ""

    def on(self, card: Card) -> FakeFeedback:
        """As if there were a store for every model."""
        self._model = card.training_sha256
        return self

    def record(
        self, label: str, probabilities: Mapping[str, float], familiarity: float, visitor_label: str
    ) -> int:
        self.said.append((label, visitor_label))
        self.models.append(self._model)
        return len(self.said) - 1

    def give(self, feedback_id: int, jpeg: bytes) -> None:
        self.given[feedback_id] = jpeg


def answer(
    probabilities: dict[str, float],
    standing: Standing = "known",
    model: str = "first",
    labels: tuple[str, ...] | None = None,
) -> Answered:
    """What the worker says of a photo; ``model`` stands for the digest of a model's card, ``labels`` are what
    a model says that knows several for one photo.
    """
    label = max(probabilities, key=probabilities.__getitem__)
    said = Answer(
        label=label,
        labels=(label,) if labels is None else labels,
        probability=probabilities[label],
        probabilities=probabilities,
        ms=1.0,
        standing=standing,
        familiarity=0.7,
        nearest=(3, 1, 4, 1),
    )
    return Answered(said, model)


def live(model: str, bundle: Path, of: Card) -> ModelLive:
    """What the worker says when another version goes live; its card is written to ``bundle``."""
    bundle.mkdir()
    (bundle / CARD).write_text(of.to_json(), encoding="utf-8")
    return ModelLive(str(bundle), model)


def card(classes: list[str], noun: str = "", training_sha256: str = "", **more: Any) -> Card:
    """The card of a model that nobody trained."""
    return Card(
        classes=classes,
        noun=noun,
        architecture="none",
        recipe="probe",
        input_size=64,
        epochs=0,
        seed=0,
        command="",
        photos=dict.fromkeys(classes, 10),
        skipped=0,
        training_sha256=training_sha256,
        metrics={},
        none_below=0.4,
        known_from=0.9,
        versions={},
        **more,
    )
