from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.models.feedback import NONE_OF_THESE, FeedbackStore
from bearclf.ui.identify.csv_export import answers_csv
from bearclf.ui.identify.wording import verdict

NAMES = {"black": "black bear", "grizzly": "grizzly bear", "owl": "owl"}


@pytest.mark.parametrize(
    ("shares", "known", "kind", "headline", "detail"),
    [
        ((0.98, 0.01, 0.01), True, "sure", "Black bear", "Sure: 98 %"),
        ((0.64, 0.35, 0.01), True, "probable", "Probably a black bear", "64 %; it could be a grizzly bear"),
        ((0.01, 0.2, 0.79), True, "probable", "Probably an owl", "79 %; it could be a grizzly bear"),
        (
            (0.52, 0.46, 0.02),
            True,
            "unsure",
            "I can't tell a black bear from a grizzly bear here",
            "52 % for the one, 46 % for the other",
        ),
        ((0.99, 0.01, 0.0), False, "none", "None of these", "This doesn't look like any bear I know."),
    ],
)
def test_the_words_follow_the_number(
    shares: tuple[float, ...], known: bool, kind: str, headline: str, detail: str
) -> None:
    said = verdict(dict(zip(NAMES, shares, strict=True)), NAMES, known, "bear")
    assert (said.kind, said.headline, said.detail) == (kind, headline, detail)


def test_without_a_common_noun_it_is_anything() -> None:
    assert "anything I know" in verdict({"a": 0.9, "b": 0.1}, {"a": "a", "b": "b"}, False, "").detail


def test_no_cell_is_taken_for_a_formula() -> None:
    table = answers_csv(["+x"], [("=1+1.jpg", "@SUM(A1)", {"+x": 0.5}), ('a,"b".jpg', "refused", {})])
    assert table.splitlines() == ["file,answer,'+x", "'=1+1.jpg,'@SUM(A1),0.5000", '"a,""b"".jpg",refused,']


def test_feedback_is_there_after_a_restart_and_photos_wait_for_review(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "data", "digest")
    first = store.record("black", {"black": 0.9, "grizzly": 0.1}, 0.7, "grizzly")
    second = store.record("black", {"black": 0.9, "grizzly": 0.1}, 0.7, NONE_OF_THESE)
    assert first != second
    store.give(second, b"jpeg")
    [waiting] = FeedbackStore(tmp_path / "data", "digest").review_queue()
    assert (waiting.feedback, waiting.said, waiting.jpeg) == (second, NONE_OF_THESE, b"jpeg")
