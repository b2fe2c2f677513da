from __future__ import annotations

import pytest

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
