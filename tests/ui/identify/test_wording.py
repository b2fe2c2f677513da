from __future__ import annotations

import pytest

from bearclf.protocol.prediction import Standing
from bearclf.ui.identify.wording import verdict, verdict_of_several

NAMES = {"black": "black bear", "grizzly": "grizzly bear", "owl": "owl"}


@pytest.mark.parametrize(
    ("shares", "standing", "kind", "headline", "detail"),
    [
        ((0.98, 0.01, 0.01), "known", "sure", "Black bear", "Sure: 98 %"),
        (
            (0.64, 0.35, 0.01),
            "known",
            "probable",
            "Probably a black bear",
            "64 %; it could be a grizzly bear",
        ),
        ((0.01, 0.2, 0.79), "known", "probable", "Probably an owl", "79 %; it could be a grizzly bear"),
        (
            (0.52, 0.46, 0.02),
            "known",
            "unsure",
            "I can't tell a black bear from a grizzly bear here",
            "52 % for the one, 46 % for the other",
        ),
        *(
            (shares, "doubtful", "doubtful", headline, "It isn't quite like the photos that I learned from.")
            for shares, headline in (
                ((0.999, 0.001, 0.0), "Perhaps a black bear"),
                ((0.1, 0.4, 0.5), "Perhaps an owl"),
            )
        ),
        ((0.99, 0.01, 0.0), "none", "none", "None of these", "This doesn't look like any bear I know."),
    ],
)
def test_the_words_follow_the_number(
    shares: tuple[float, ...], standing: Standing, kind: str, headline: str, detail: str
) -> None:
    said = verdict(dict(zip(NAMES, shares, strict=True)), NAMES, standing, "bear")
    assert (said.kind, said.headline, said.detail) == (kind, headline, detail)


def test_without_a_common_noun_it_is_anything() -> None:
    assert "anything I know" in verdict({"a": 0.9, "b": 0.1}, {"a": "a", "b": "b"}, "none", "").detail


@pytest.mark.parametrize(
    ("standing", "hint"),
    [
        ("known", ""),
        ("doubtful", "Closer or brighter, I may tell better."),
        (
            "none",
            "Try another photo, closer or brighter. If it had to be one of these, I'd say a grizzly bear.",
        ),
    ],
)
def test_where_the_photo_may_be_at_fault_there_is_a_way_on(standing: Standing, hint: str) -> None:
    assert verdict({"black": 0.01, "grizzly": 0.98, "owl": 0.01}, NAMES, standing, "bear").hint == hint


@pytest.mark.parametrize(
    ("shares", "labels", "standing", "kind", "headline", "detail"),
    [
        ((0.99, 0.95, 0.02), ("sea", "dog"), "known", "sure", "Sea and dog", "Sure of each"),
        ((0.99, 0.05, 0.02), ("sea",), "known", "sure", "Sea", "Sure: 99 %"),
        (
            (0.99, 0.6, 0.3),
            ("sea", "dog"),
            "known",
            "probable",
            "Sea and dog",
            "Less sure of dog 60 % and car 30 %",
        ),
        ((0.2, 0.1, 0.05), (), "known", "none", "None of my labels", "The most likely would be sea, 20 %."),
        (
            (0.9, 0.8, 0.1),
            ("sea", "dog"),
            "doubtful",
            "doubtful",
            "Perhaps sea and dog",
            "It isn't quite like the photos that I learned from.",
        ),
        (
            (0.9, 0.8, 0.1),
            ("sea", "dog"),
            "none",
            "none",
            "Nothing that I know",
            "This doesn't look like anything I know.",
        ),
    ],
)
def test_several_labels_are_told_together(
    shares: tuple[float, ...],
    labels: tuple[str, ...],
    standing: Standing,
    kind: str,
    headline: str,
    detail: str,
) -> None:
    names = {name: name for name in ("sea", "dog", "car")}
    said = verdict_of_several(labels, dict(zip(names, shares, strict=True)), names, standing, "")
    assert (said.kind, said.headline, said.detail) == (kind, headline, detail)
