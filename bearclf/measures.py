"""How good a classifier is, from its probabilities and the true labels, with how sure we can be of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, log_loss

CONFIDENCE = 0.95


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share: ``right`` out of ``n``."""
    interval = binomtest(right, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def measure(vocab: Sequence[str], labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Accuracy with its 95 % interval, error rate, recall of each class, log loss and confusion matrix.

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
        "log_loss": float(log_loss(labels, exact, labels=list(indices))),
        "classes": list(vocab),
        "confusion_matrix": matrix.tolist(),
    }


def top_losses(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Indices of photos in falling order of their cross-entropy loss."""
    of_true_class = probabilities[np.arange(len(labels)), labels]
    return np.argsort(of_true_class, kind="stable")
