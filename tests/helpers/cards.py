"""What a visitor does with the card of a photo."""

from __future__ import annotations

from typing import Any

from bearclf.ui.identify.photo_answers import PhotoAnswer
from tests.helpers.widgets import send


def press(shown: PhotoAnswer, text: str) -> None:
    click(shown, offered(shown).index(text))


def offered(shown: PhotoAnswer) -> list[str]:
    return [act["text"] for act in shown.acts]


def click(shown: PhotoAnswer, index: int, **said: Any) -> None:
    """As a browser says it; ``said`` may be forged."""
    send(shown, {"kind": "act", "turn": shown.turn, "index": index} | said)


def tick(shown: PhotoAnswer, text: str, checked: bool) -> None:
    click(shown, offered(shown).index(text), checked=checked)
