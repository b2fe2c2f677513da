"""How good a classifier is, from its probabilities and the true labels, with how sure we can be of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, log_loss, roc_auc_score

from bearclf.models.wilson import wilson_interval

CALIBRATION_BINS = 15


def measure(vocab: Sequence[str], labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Accuracy with its 95 % interval, error rate, recall of each class, calibration error, log loss and
    confusion matrix.

    ``labels`` (n,) are indices into ``vocab``; ``probabilities`` is (n, classes). Rows of the confusion
    matrix are true classes, columns predicted ones. A class without photos has a recall of None. Raises
    ValueError without any photos.
    """
    if len(labels) == 0:
        raise ValueError("no photos to measure on")
    indices = range(len(vocab))
    exact = probabilities.astype(np.float64)  # a softmax in float32 sums to 1 only nearly
    exact /= exact.sum(axis=1, keepdims=True)
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), labels=list(indices))
    right, n = int(matrix.trace()), int(matrix.sum())
    totals = matrix.sum(axis=1)
    return {
        "n": n,
        "accuracy": right / n,
        "error_rate": 1 - right / n,
        "accuracy_interval": list(wilson_interval(right, n)),
        "per_class_recall": {
            vocab[i]: int(matrix[i, i]) / int(totals[i]) if totals[i] else None for i in indices
        },
        "ece": calibration_error(labels, exact),
        "log_loss": float(log_loss(labels, exact, labels=list(indices))),
        "classes": list(vocab),
        "confusion_matrix": matrix.tolist(),
    }


def calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Expected calibration error over 15 bins of equal width.

    How far, on average, the probability of the answer is from the share of right answers given with it. After
    Guo and others, "On calibration of modern neural networks", 2017.
    """
    bins = reliability(labels, probabilities)
    return float(sum(abs(confidence - right) * n for confidence, right, n in bins) / len(labels))


def reliability(labels: np.ndarray, probabilities: np.ndarray) -> list[tuple[float, float, int]]:
    """What a reliability diagram shows: mean probability of the answer, share of right ones, and photos, for
    each of 15 bins of equal width that has any.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        (float(confidence[bins == bin_].mean()), float(right[bins == bin_].mean()), int((bins == bin_).sum()))
        for bin_ in np.unique(bins)
    ]


def measure_standings(familiarities: np.ndarray, none_below: float, known_from: float) -> dict[str, float]:
    """How known photos stand: ``turned_away``, the share told that they are none of the classes, and
    ``doubtful``, that told that they may be one. Raises ValueError without any photos.
    """
    if len(familiarities) == 0:
        raise ValueError("no photos to measure on")
    turned_away = familiarities < none_below
    return {
        "turned_away": float(turned_away.mean()),
        "doubtful": float((~turned_away & (familiarities < known_from)).mean()),
    }


def measure_novelty(familiarities: np.ndarray, outside: np.ndarray, none_below: float) -> dict[str, float]:
    """How well other things are told from known photos by the familiarities (n,) and (m,) of both: ``auroc``,
    and ``let_through``, the share of other things not told to be none of the classes.

    Raises ValueError if either kind is missing.
    """
    truth = np.r_[np.ones(len(familiarities)), np.zeros(len(outside))]
    return {
        "auroc": float(roc_auc_score(truth, np.r_[familiarities, outside])),
        "let_through": float((outside >= none_below).mean()),
    }


def top_losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Indices of photos in falling order of their cross-entropy loss."""
    of_true_class = probabilities[np.arange(len(labels)), labels]
    return np.argsort(of_true_class, kind="stable")
