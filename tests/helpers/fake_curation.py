"""A stand-in for the curation worker: takes requests, and the test answers them."""

from __future__ import annotations

from typing import Any

from bearclf.access.policy import Access
from bearclf.errors import UserError
from bearclf.service.curation_messages import Message
from bearclf.ui.clean.state import CurateState, Reply


class FakeLine:
    """Remembers what was asked and not answered yet, as ``(request, on_reply, content)``."""

    def __init__(self) -> None:
        self.started = 0
        self.asked: list[tuple[Message, Reply, bytes]] = []

    def start(self) -> None:
        self.started += 1

    def ask(self, request: Message, on_reply: Reply, content: bytes = b"") -> None:
        self.asked.append((request, on_reply, content))

    def requests(self, kind: str) -> list[Message]:
        """What was asked and waits for an answer."""
        return [request for request, *_ in self.asked if request["kind"] == kind]

    def answer(self, kind: str, reply: Message, content: bytes = b"") -> None:
        """Answer the oldest request of a kind."""
        found = next(one for one in self.asked if one[0]["kind"] == kind)
        self.asked.remove(found)
        found[1](reply, content)


class FakeCapability:
    """Access of any kind; the passphrase is "four words here"."""

    def __init__(self, kind: Any = "open", sentence: str = "You may curate here.") -> None:
        self.access = Access(kind, sentence)
        self.granted = kind == "open"

    def unlock(self, passphrase: str) -> None:
        if passphrase != "four words here":
            raise UserError("That is not the passphrase. Please try again.")
        self.granted = True

    def require(self) -> None:
        if not self.granted:
            raise UserError(self.access.sentence)


def curate_state(line: Any, kind: str = "open", sentence: str = "You may curate here.") -> CurateState:
    """State whose worker is ``line``."""
    return CurateState(lambda _: line, FakeCapability(kind, sentence))  # type: ignore[arg-type]  # looks like one


def facts(classes: dict[str, int], looking: bool = False, **more: Any) -> Message:
    """What the worker says of a folder; ``more`` are other facts, ``steps`` or ``versions``."""
    message = {"kind": "facts", "looking": looking, "steps": more.pop("steps", [])}
    message["versions"] = more.pop("versions", [])
    message["facts"] = {
        "folder": "training",
        "classes": classes,
        "error": None,
        "trained": "",
        "findings": [],
        "imbalance": "",
        "matrix": None,
        "unscored": 0,
        "cant_train": "",
        "fine_tune_seconds": None,
        "waiting": 0,
    } | more
    return message


def photo(number: int, label: str, **more: Any) -> Message:
    """A photo of a page, without its thumbnail."""
    return {
        "key": f"{label}/{number}",
        "label": label,
        "name": f"{label}_{number}.jpg",
        "digest": f"{number:064x}",
        "predicted": label,
        "probability": 0.75,
        "loss": 0.29,
        "part": "train",
        "note": "",
        "visitor": None,
    } | more


def sheet(
    photos: list[Message], page: int = 0, pages: int = 1, total: int | None = None
) -> tuple[Message, bytes]:
    """A page with a thumbnail of four bytes for each of its photos."""
    reply = {
        "kind": "sheet",
        "photos": photos,
        "sizes": [4] * len(photos),
        "page": page,
        "pages": pages,
        "total": len(photos) if total is None else total,
    }
    return reply, b"JPEG" * len(photos)


def side(error: list[float], wrong: int) -> Message:
    """One of the two models of a comparison of black and grizzly."""
    return {
        "error": error,
        "wrong": wrong,
        "ece": 0.012,
        "turned_away": 0.05,
        "matrix": {"classes": ["black", "grizzly"], "counts": [[50, 2], [1, 47]]},
        "bins": [[0.55, 0.5, 4], [0.75, 0.8, 10], [0.97, 0.99, 86]],
    }


def comparison(number: int = 2) -> Message:
    """Retraining as it is told, the new model being the ``number``-th."""
    return {
        "number": number,
        "photos": 100,
        "before": side([0.036, 0.02, 0.06], 17),
        "after": side([0.025, 0.014, 0.044], 12),
        "changed": [{"digest": "d1", "label": "black", "before": "grizzly", "after": "black"}],
        "sentence": "5 fewer of 472 wrong: chance could explain that",
    }
