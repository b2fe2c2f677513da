"""Stand-ins for what is slow."""

from __future__ import annotations

from bearclf.card import Card
from bearclf.state import IdentifyState


class FakeAsker:
    """Takes questions; the test answers them through the state's ``hear``."""

    def __init__(self) -> None:
        self.asked: dict[int, bytes] = {}

    def ask(self, number: int, content: bytes) -> None:
        self.asked[number] = content

    def forget(self, number: int) -> None:
        self.asked.pop(number, None)


def answer_all(state: IdentifyState, asker: FakeAsker, probabilities: dict[str, float]) -> None:
    """Answer whatever was asked with the same probabilities."""
    label = max(probabilities, key=probabilities.__getitem__)
    for number in list(asker.asked):
        state.hear(
            {
                "kind": "answer",
                "id": number,
                "label": label,
                "probability": probabilities[label],
                "probabilities": probabilities,
                "ms": 1.0,
            },
            b"",
        )


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
