"""Stand-ins for what is slow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bearclf.models.card import CARD, Card
from bearclf.ui.identify.state import IdentifyState


class FakeAsker:
    """Takes questions; the test answers them through the state's ``hear``."""

    def __init__(self) -> None:
        self.asked: dict[int, bytes] = {}
        self.asked_why: dict[int, tuple[str, list[int], str]] = {}
        self.asked_clean: dict[int, bytes] = {}

    def ask(self, number: int, content: bytes) -> None:
        self.asked[number] = content

    def ask_why(self, number: int, thumbnail: bytes, label: str, nearest: list[int], card: str) -> None:
        self.asked_why[number] = (label, nearest, card)

    def ask_clean(self, number: int, content: bytes) -> None:
        self.asked_clean[number] = content

    def forget(self, number: int) -> None:
        self.asked.pop(number, None)


class FakeFeedback:
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

    def record(self, label: str, probabilities: dict[str, float], known_score: float, said: str) -> int:
        self.said.append((label, said))
        self.models.append(self._model)
        return len(self.said) - 1

    def give(self, number: int, jpeg: bytes) -> None:
        self.given[number] = jpeg


def answer(
    number: int, probabilities: dict[str, float], known: bool = True, model: str = "first"
) -> dict[str, Any]:
    """What the worker says of a photo; ``model`` stands for the digest of a model's card."""
    label = max(probabilities, key=probabilities.__getitem__)
    return {
        "kind": "answer",
        "id": number,
        "label": label,
        "probability": probabilities[label],
        "probabilities": probabilities,
        "ms": 1.0,
        "known": known,
        "known_score": 0.7,
        "nearest": [3, 1, 4, 1],
        "version": 0,
        "card": model,
    }


def live(model: str, bundle: Path, of: Card) -> dict[str, Any]:
    """What the worker says when another version goes live; its card is written to ``bundle``."""
    bundle.mkdir()
    (bundle / CARD).write_text(of.to_json(), encoding="utf-8")
    return {"kind": "live", "number": 1, "bundle": str(bundle), "card": model}


def answer_all(
    state: IdentifyState, asker: FakeAsker, probabilities: dict[str, float], known: bool = True
) -> None:
    """Answer whatever was asked with the same probabilities."""
    for number in list(asker.asked):
        state.hear(answer(number, probabilities, known), b"")
        asker.forget(number)


def card(classes: list[str], noun: str = "", training_sha256: str = "") -> Card:
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
        known_threshold=0.5,
        versions={},
    )
