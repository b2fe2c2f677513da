"""Which photos a model learns from and which it is judged on: the same picture never stands on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

MAX_FOLDS = 5


def fold_count(labels: np.ndarray, groups: np.ndarray) -> int:
    """As many folds as the class with the fewest different pictures allows, at most ``MAX_FOLDS``."""
    pictures = [len(np.unique(groups[labels == label])) for label in np.unique(labels)]
    return min(MAX_FOLDS, *pictures)


def cross_validation_folds(
    labels: np.ndarray, groups: np.ndarray, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of index arrays (train, valid); classes keep their shares, groups stay together."""
    folds = StratifiedGroupKFold(fold_count(labels, groups), shuffle=True, random_state=seed)
    return list(folds.split(labels, labels, groups))


def valid_splitter(in_valid: np.ndarray) -> Callable[[Sequence], tuple[list[int], list[int]]]:
    """A splitter for fastai's DataBlock; its items are those of ``in_valid`` (n,), in the same order."""

    def split(items: Sequence) -> tuple[list[int], list[int]]:
        assert len(items) == len(in_valid), "the items are not those that were drawn for"
        return np.flatnonzero(~in_valid).tolist(), np.flatnonzero(in_valid).tolist()

    return split
