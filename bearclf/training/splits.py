"""Which photos a model learns from and which it is judged on: the same picture never stands on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from fastai.vision.all import RandomSplitter
from sklearn.model_selection import StratifiedGroupKFold

MAX_FOLDS = 5
VALID_SHARE = 0.2


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


def group_splitter(groups: np.ndarray, seed: int) -> Callable[[Sequence], tuple[list[int], list[int]]]:
    """fastai's ``RandomSplitter(0.2, seed)``, drawing pictures instead of photos.

    The splitter takes the items in the order of ``groups``.
    """

    def split(items: Sequence) -> tuple[list[int], list[int]]:
        assert len(items) == len(groups), "the items are not those that the groups were made of"
        pictures = np.unique(groups)
        _, chosen = RandomSplitter(VALID_SHARE, seed)(pictures)
        in_valid = np.isin(groups, pictures[list(chosen)])
        return np.flatnonzero(~in_valid).tolist(), np.flatnonzero(in_valid).tolist()

    return split
