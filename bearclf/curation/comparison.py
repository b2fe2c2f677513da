"""Did retraining make the model better? Both are judged on the same photos, under today's labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bearclf.models.judgement import Judgement
from bearclf.models.measures import measure, reliability
from bearclf.models.paired import mcnemar
from bearclf.protocol.records import ChangedAnswer, Comparison, ErrorRate, Judged, Matrix


def compare(before: Judgement | None, after: Judgement, label_of: Mapping[str, str]) -> Comparison:
    """The models side by side; ``label_of`` has today's class by digest.

    Only photos count that both were asked about without having learned from them. ``before`` is None, in the
    result too, if there is no earlier model of these classes. Raises ValueError if there are no such photos.
    """
    classes = after.vocab
    if before is not None and set(before.vocab) != set(classes):
        before = None
    digests = [
        digest
        for digest, label in label_of.items()
        if digest in after.probabilities
        and label in classes
        and (before is None or digest in before.probabilities)
    ]
    if not digests and before is not None:
        return compare(None, after, label_of)
    labels = np.array([classes.index(label_of[digest]) for digest in digests])
    probabilities = _probabilities(after, digests, classes)
    judged = _judge(after, digests, classes, labels, probabilities)
    if before is None:
        return Comparison(
            before=None,
            after=judged,
            changed=(),
            sentence="There is no earlier model of these classes, asked about these photos, to compare with.",
        )
    probabilities_before = _probabilities(before, digests, classes)
    answers_before, answers_after = probabilities_before.argmax(axis=1), probabilities.argmax(axis=1)
    return Comparison(
        before=_judge(before, digests, classes, labels, probabilities_before),
        after=judged,
        changed=tuple(
            ChangedAnswer(
                digest=digests[index],
                label=classes[labels[index]],
                before=classes[answers_before[index]],
                after=classes[answers_after[index]],
            )
            for index in np.flatnonzero(answers_before != answers_after)
        ),
        sentence=_in_words(answers_before == labels, answers_after == labels),
    )


def _probabilities(model: Judgement, digests: list[str], classes: list[str]) -> np.ndarray:
    columns = [model.vocab.index(name) for name in classes]
    return np.array([model.probabilities[digest] for digest in digests])[:, columns]


def _judge(
    model: Judgement, digests: list[str], classes: list[str], labels: np.ndarray, probabilities: np.ndarray
) -> Judged:
    measured = measure(classes, labels, probabilities)
    low, high = measured["accuracy_interval"]
    familiarities = np.array([model.familiarities[digest] for digest in digests])
    return Judged(
        error=ErrorRate(share=measured["error_rate"], low=1 - high, high=1 - low),
        wrong=round(measured["error_rate"] * measured["n"]),
        ece=measured["ece"],
        turned_away=float((familiarities < model.none_below).mean()),
        matrix=Matrix(classes=tuple(classes), counts=tuple(map(tuple, measured["confusion_matrix"]))),
        bins=tuple((sure, right, int(photos)) for sure, right, photos in reliability(labels, probabilities)),
    )


def _in_words(right_before: np.ndarray, right_after: np.ndarray) -> str:
    """Who is better, and whether that could be chance: an exact sign test on the photos that differ."""
    difference = mcnemar(right_before, right_after)
    better, worse = difference.better, difference.worse
    n = len(right_after)
    if better == worse:
        return f"Wrong on as many of the same {n} photos as before."
    count = f"{abs(better - worse)} {'fewer' if better > worse else 'more'}"
    chance = "that could be chance" if difference.may_be_chance else "more than chance would explain"
    return f"Wrong on {count} of the same {n} photos: {chance}."
