"""Answers in words, chosen by how probable they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bearclf.models.card import in_words
from bearclf.protocol.prediction import Standing
from bearclf.settings import MAX_PHOTO_BYTES

SURE = 0.9
"""From this probability on a class is named without reserve: of ten such answers nine or more are right."""

PROBABLE = 0.6
"""From this one on a class is called probable; below, the two most probable are named together."""

PROMISE = (
    "Your photos are looked at and forgotten, unless you choose to give one. JPEG, PNG, HEIC and others, "
    f"up to {MAX_PHOTO_BYTES // 2**20} MB each."
)
"""What happens to a visitor's photos, and which can be opened."""


@dataclass(frozen=True)
class Verdict:
    """What to say of a photo: a headline and a sentence; ``kind`` is how sure they are.

    ``hint`` says what may bring a better answer; it is empty where the answer is as good as it gets.
    """

    kind: Literal["sure", "probable", "unsure", "doubtful", "none"]
    headline: str
    detail: str
    hint: str = ""


def verdict(probabilities: dict[str, float], names: dict[str, str], standing: Standing, noun: str) -> Verdict:
    """Put calibrated ``probabilities`` of each class, and whether it is one of them at all, into words.

    ``names`` says how each class is called ("black bear"), ``noun`` what all are ("bear"), or nothing.
    """
    (first, share), (second, _) = sorted(probabilities.items(), key=lambda item: -item[1])[:2]
    if standing == "none":
        return Verdict(
            "none",
            "None of these",
            f"This doesn't look like {_any(noun)} I know.",
            "Try another photo, closer or brighter. "
            f"If it had to be one of these, I'd say {with_article(names[first])}.",
        )
    if standing == "doubtful":
        return Verdict(
            "doubtful",
            f"Perhaps {with_article(names[first])}",
            "It isn't quite like the photos that I learned from.",
            "Closer or brighter, I may tell better.",
        )
    if share >= SURE:
        return Verdict("sure", capitalised(names[first]), f"Sure: {percent(share)}")
    if share >= PROBABLE:
        return Verdict(
            "probable",
            f"Probably {with_article(names[first])}",
            f"{percent(share)}; it could be {with_article(names[second])}",
        )
    return Verdict(
        "unsure",
        f"I can't tell {with_article(names[first])} from {with_article(names[second])} here",
        f"{percent(share)} for the one, {percent(probabilities[second])} for the other",
    )


def verdict_of_several(
    labels: Sequence[str],
    probabilities: dict[str, float],
    names: dict[str, str],
    standing: Standing,
    noun: str,
) -> Verdict:
    """Put the ``labels`` that a photo has, most probable first, into words; see :func:`verdict`.

    Here each label has a probability of its own, and a photo may have any number of them.
    """
    likeliest = max(probabilities, key=probabilities.__getitem__)
    if standing == "none":
        return Verdict(
            "none",
            "Nothing that I know",
            f"This doesn't look like {_any(noun)} I know.",
            f"If anything, it shows {names[likeliest]}. Another photo, closer or brighter, may help.",
        )
    if not labels:
        detail = f"The most likely would be {names[likeliest]}, {percent(probabilities[likeliest])}."
        return Verdict("none", "None of my labels", detail)
    said = capitalised(in_words([names[label] for label in labels]))
    if standing == "doubtful":
        return Verdict(
            "doubtful",
            f"Perhaps {said[0].lower()}{said[1:]}",
            "It isn't quite like the photos that I learned from.",
            "Closer or brighter, I may tell better.",
        )
    open_ones = [
        f"{names[label]} {percent(share)}"
        for label, share in sorted(probabilities.items(), key=lambda item: -item[1])
        if 1 - SURE < share < SURE
    ]
    if open_ones:
        return Verdict("probable", said, f"Less sure of {in_words(open_ones)}")
    return Verdict(
        "sure", said, "Sure of each" if len(labels) > 1 else f"Sure: {percent(probabilities[labels[0]])}"
    )


def percent(share: float) -> str:
    """Whole per cents; nothing is ever told as certain or impossible."""
    if share > 0.995:
        return "> 99 %"
    if share < 0.005:
        return "< 1 %"
    return f"{100 * share:.0f} %"


def with_article(name: str) -> str:
    """A black bear, an owl."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def capitalised(name: str) -> str:
    """The first letter large, the others as they are."""
    return name[:1].upper() + name[1:]


def _any(noun: str) -> str:
    return f"any {noun}" if noun else "anything"
