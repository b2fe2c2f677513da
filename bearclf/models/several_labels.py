"""How good a classifier is that may say several labels of a photo, each with a yes or a no of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import log_loss, multilabel_confusion_matrix

from bearclf.models.wilson import wilson_interval

BETA = 2.0
"""A missed label weighs as much as four that are wrongly said, as with the course's satellite photos."""

THRESHOLDS = np.arange(0.05, 0.951, 0.01).round(2)
"""Probabilities from which on a label might be said."""


def measure_several(
    vocab: Sequence[str], truth: np.ndarray, probabilities: np.ndarray, threshold: float
) -> dict[str, Any]:
    """Figures for labels said from ``threshold`` on, of photos that were held out.

    ``truth`` is ``bool`` (n, labels), ``probabilities`` (n, labels), columns in the order of ``vocab``.
    ``accuracy`` is the share of all yeses and noes that are right (fastai's ``accuracy_multi``), with a 95 %
    interval; ``all_right`` the share of photos without any wrong one; ``f2`` the F-beta score with beta 2 of
    each photo, averaged; ``per_class_recall`` and ``per_class_precision`` are None where there is nothing to
    divide by. ``confusion_per_label`` has, for each label, the photos that were ``missed``, ``wrongly_said``,
    ``rightly_said`` and ``rightly_not_said``; ``curve`` is that of :func:`curve`. Raises ValueError without
    any photos.
    """
    if len(truth) == 0:
        raise ValueError("no photos to measure on")
    said = probabilities >= threshold
    right = (said == truth).mean(axis=1)
    confusion = {
        name: {
            "missed": int(fn),
            "wrongly_said": int(fp),
            "rightly_said": int(tp),
            "rightly_not_said": int(tn),
        }
        for name, ((tn, fp), (fn, tp)) in zip(vocab, multilabel_confusion_matrix(truth, said), strict=True)
    }
    return {
        "n": len(truth),
        "accuracy": float(right.mean()),
        "error_rate": float(1 - right.mean()),
        # As if all labels of a photo were right or wrong together: they hang together, nobody knows how much.
        "accuracy_interval": list(wilson_interval(float(right.sum()), len(truth))),
        "all_right": float((said == truth).all(axis=1).mean()),
        "f2": f_beta(truth, said),
        "threshold": threshold,
        "per_class_recall": {
            name: _share(of["rightly_said"], of["missed"]) for name, of in confusion.items()
        },
        "per_class_precision": {
            name: _share(of["rightly_said"], of["wrongly_said"]) for name, of in confusion.items()
        },
        "ece": calibration_error_of_labels(truth, probabilities),
        "log_loss": float(log_loss(truth.ravel(), probabilities.ravel(), labels=[False, True])),
        "classes": list(vocab),
        "confusion_per_label": confusion,
        "curve": curve(truth, probabilities),
    }


def f_beta(truth: np.ndarray, said: np.ndarray) -> float:
    """The F-beta score of each photo, averaged; both are ``bool`` (n, labels).

    It is 1 where nothing was to be said, and nothing was.
    """
    hits, weight = (truth & said).sum(axis=1), BETA**2
    against = weight * (truth & ~said).sum(axis=1) + (said & ~truth).sum(axis=1)
    of_photos = (1 + weight) * hits / np.maximum((1 + weight) * hits + against, 1)
    return float(np.where(hits + against == 0, 1, of_photos).mean())


def curve(truth: np.ndarray, probabilities: np.ndarray) -> list[tuple[float, float, float]]:
    """Threshold, share of right yeses and noes, and F-beta, for each of :data:`THRESHOLDS`."""
    rows = []
    for threshold in THRESHOLDS.tolist():
        said = probabilities >= threshold
        rows.append((threshold, float((said == truth).mean()), f_beta(truth, said)))
    return rows


def choose_threshold(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """The threshold with the most right yeses and noes; of several alike, that nearest to a half."""
    rows = curve(truth, probabilities)
    best = max(accuracy for _, accuracy, _ in rows)
    alike = [threshold for threshold, accuracy, _ in rows if accuracy >= best - 1e-12]
    return min(alike, key=lambda threshold: abs(threshold - 0.5))


def calibration_error_of_labels(truth: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of all yeses and noes: how far a probability is from how often it holds."""
    probability, holds = probabilities.ravel(), truth.ravel()
    bin_of = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        abs(probability[bin_of == one].mean() - holds[bin_of == one].mean()) * (bin_of == one).sum()
        for one in np.unique(bin_of)
    ]
    return float(sum(gaps) / len(probability))


def _share(count: int, others: int) -> float | None:
    return count / (count + others) if count + others else None
