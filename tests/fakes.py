"""Stand-ins for what is slow."""

from __future__ import annotations

from typing import Any

from bearclf.card import Card
from bearclf.state import IdentifyState


class FakeAsker:
    """Takes questions; the test answers them through the state's ``hear``."""

    def __init__(self) -> None:
        self.asked: dict[int, bytes] = {}
        self.asked_why: dict[int, tuple[str, list[int]]] = {}
        self.asked_clean: dict[int, bytes] = {}

    def ask(self, number: int, content: bytes) -> None:
        self.asked[number] = content

    def ask_why(self, number: int, thumbnail: bytes, label: str, nearest: list[int]) -> None:
        self.asked_why[number] = (label, nearest)

    def ask_clean(self, number: int, content: bytes) -> None:
        self.asked_clean[number] = content

    def forget(self, number: int) -> None:
        self.asked.pop(number, None)


class FakeFeedback:
    """Remembers what was said and given."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.given: dict[int, bytes] = {}

    def record(self, label: str, probabilities: dict[str, float], known_score: float, said: str) -> int:
        self.said.append((label, said))
        return len(self.said) - 1

    def give(self, number: int, jpeg: bytes) -> None:
        self.given[number] = jpeg


def answer(number: int, probabilities: dict[str, float], known: bool = True) -> dict[str, Any]:
    """What the worker says of a photo."""
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
    }


def answer_all(
    state: IdentifyState, asker: FakeAsker, probabilities: dict[str, float], known: bool = True
) -> None:
    """Answer whatever was asked with the same probabilities."""
    for number in list(asker.asked):
        state.hear(answer(number, probabilities, known), b"")
        asker.forget(number)


def card(classes: list[str], noun: str = "") -> Card:
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
        training_sha256="",
        metrics={},
        known_threshold=0.5,
        versions={},
    )
