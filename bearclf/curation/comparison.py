"""Did retraining make the model better? Both are judged on the same photos, under today's labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from bearclf.models.bundle import FEATURES, TrainingRecord, read_checked
from bearclf.models.card import read_card
from bearclf.models.measures import measure, reliability

CHANCE = 0.05
"""A difference that chance alone would make this often, or more, is called possible chance."""


@dataclass(frozen=True)
class Judgement:
    """What one model said of photos that it had not learned from.

    ``probabilities`` (classes,) and ``known_scores`` are by digest; ``vocab`` and ``threshold`` are the
    model's.
    """

    vocab: list[str]
    threshold: float
    probabilities: Mapping[str, np.ndarray]
    known_scores: Mapping[str, float]

    @classmethod
    def of(cls, bundle: Path) -> Judgement:
        """From what a bundle remembers of its training. Raises UserError if it isn't what its card says."""
        card = read_card(bundle)
        record = TrainingRecord.load(read_checked(bundle, FEATURES, card))
        judged = np.flatnonzero(~np.isnan(record.out_of_sample).any(axis=1))
        digests = [record.digests[index] for index in judged]
        return cls(
            card.classes,
            card.known_threshold,
            dict(zip(digests, record.out_of_sample[judged].astype(np.float64), strict=True)),
            dict(zip(digests, record.known_scores[judged].tolist(), strict=True)),
        )


def compare(before: Judgement | None, after: Judgement, label_of: Mapping[str, str]) -> dict[str, Any]:
    """The models side by side, as JSON; ``label_of`` has today's class by digest.

    Only photos count that both were asked about without having learned from them. ``before`` is None, in the
    result too, if there is no earlier model of these classes. The result has ``photos``, how many they are;
    ``before`` and ``after``, each with ``error`` (share, low, high), ``wrong``, ``ece``, ``turned_away``,
    ``matrix`` and ``bins``, see :func:`bearclf.models.measures.reliability`; ``changed``, the photos that are
    answered otherwise; and a ``sentence``. Raises ValueError if there are no such photos at all.
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
    said_after = _said(after, digests, classes)
    compared: dict[str, Any] = {
        "photos": len(digests),
        "before": None,
        "after": _side(after, digests, classes, labels, said_after),
        "changed": [],
        "sentence": "There is no earlier model of these classes to compare with.",
    }
    if before is not None:
        said_before = _said(before, digests, classes)
        compared["before"] = _side(before, digests, classes, labels, said_before)
        was, now = said_before.argmax(axis=1), said_after.argmax(axis=1)
        compared["changed"] = [
            {
                "digest": digests[i],
                "label": classes[labels[i]],
                "before": classes[was[i]],
                "after": classes[now[i]],
            }
            for i in np.flatnonzero(was != now)
        ]
        compared["sentence"] = _in_words(was == labels, now == labels)
    return compared


def _said(model: Judgement, digests: list[str], classes: list[str]) -> np.ndarray:
    columns = [model.vocab.index(name) for name in classes]
    return np.array([model.probabilities[digest] for digest in digests])[:, columns]


def _side(
    model: Judgement, digests: list[str], classes: list[str], labels: np.ndarray, probabilities: np.ndarray
) -> dict[str, Any]:
    measured = measure(classes, labels, probabilities)
    low, high = measured["accuracy_interval"]
    scores = np.array([model.known_scores[digest] for digest in digests])
    return {
        "error": [measured["error_rate"], 1 - high, 1 - low],
        "wrong": round(measured["error_rate"] * measured["n"]),
        "ece": measured["ece"],
        "turned_away": float((scores < model.threshold).mean()),
        "matrix": {"classes": classes, "counts": measured["confusion_matrix"]},
        "bins": reliability(labels, probabilities),
    }


def _in_words(right_before: np.ndarray, right_after: np.ndarray) -> str:
    """Who is better, and whether that could be chance: an exact sign test on the photos that differ."""
    better = int((right_after & ~right_before).sum())
    worse = int((right_before & ~right_after).sum())
    n = len(right_after)
    if better == worse:
        return f"As many are wrong as before, of the same {n} photos."
    fewer_or_more = f"{abs(better - worse)} {'fewer' if better > worse else 'more'} of the same {n} photos"
    is_chance = binomtest(better, better + worse).pvalue >= CHANCE
    return (
        f"{fewer_or_more} wrong: {'that could be chance' if is_chance else 'more than chance would explain'}."
    )
