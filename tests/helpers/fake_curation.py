"""What a curation worker would say, for a test that plays it."""

from __future__ import annotations

from typing import Any

from bearclf.access.policy import Access
from bearclf.errors import UserError
from bearclf.protocol.curation import FolderChanged, Retrained, SheetPage, ShowSheet
from bearclf.protocol.records import (
    ChangedAnswer,
    Comparison,
    ErrorRate,
    FolderSummary,
    Judged,
    Matrix,
    ModelSummary,
    SheetPhoto,
)
from bearclf.ui.clean.state import CleanState
from tests.helpers.fakes import FakeLine


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


def clean_state(line: FakeLine, kind: str = "open", sentence: str = "You may curate here.") -> CleanState:
    """State whose worker is ``line``."""
    return CleanState(line, FakeCapability(kind, sentence))  # type: ignore[arg-type]  # looks like one


def folder(classes: dict[str, int], looking: bool = False, **more: Any) -> FolderChanged:
    """What the worker says of a folder; ``more`` are other fields of the summary, ``steps`` or ``models``."""
    steps, models = tuple(more.pop("steps", ())), tuple(more.pop("models", ()))
    summary = FolderSummary(classes=classes, **more)
    return FolderChanged(summary=summary, steps=steps, models=models, looking=looking)


def photo(number: int, label: str, **more: Any) -> SheetPhoto:
    """A photo of a page, with a thumbnail of four bytes."""
    fields: dict[str, Any] = {
        "key": f"{label}/{number}",
        "label": label,
        "name": f"{label}_{number}.jpg",
        "digest": f"{number:064x}",
        "predicted": label,
        "probability": 0.75,
        "loss": 0.29,
        "part": "train",
        "note": "",
        "feedback_id": None,
        "thumbnail": b"JPEG",
    }
    return SheetPhoto(**(fields | more))


def show(
    line: FakeLine, *photos: SheetPhoto, page: int = 0, pages: int = 1, total: int | None = None
) -> None:
    """Answer all requests for a page, the newest with these photos."""
    while len(line.requests(ShowSheet)) > 1:
        line.reply(ShowSheet, SheetPage(photos=(), page=0, pages=1, total=0))
    total = len(photos) if total is None else total
    line.reply(ShowSheet, SheetPage(photos=photos, page=page, pages=pages, total=total))


def model_summary(
    number: int, live: bool = False, time: str = "2026-11-22T18:40:00", recipe: str = "probe"
) -> ModelSummary:
    """A model that was trained on three photos."""
    error = ErrorRate(share=0.036, low=0.022, high=0.058)
    return ModelSummary(number=number, time=time, error=error, photos=3, recipe=recipe, live=live)


def judged(share: float, low: float, high: float, wrong: int) -> Judged:
    """One of the two models of a comparison of black and grizzly."""
    return Judged(
        error=ErrorRate(share=share, low=low, high=high),
        wrong=wrong,
        ece=0.012,
        turned_away=0.05,
        matrix=Matrix(classes=("black", "grizzly"), counts=((50, 2), (1, 47))),
        bins=((0.55, 0.5, 4), (0.75, 0.8, 10), (0.97, 0.99, 86)),
    )


def retrained(number: int = 2, has_before: bool = True) -> Retrained:
    """Retraining as it is told, the new model being the ``number``-th."""
    changed = ChangedAnswer(digest="d1", label="black", before="grizzly", after="black")
    comparison = Comparison(
        before=judged(0.036, 0.02, 0.06, 17) if has_before else None,
        after=judged(0.025, 0.014, 0.044, 12),
        changed=(changed,) if has_before else (),
        sentence="5 fewer of 472 wrong: chance could explain that",
    )
    return Retrained(number, comparison, f"Model {number} is trained.")
