"""Which photos a model learns from and which it is judged on: the same picture never stands on both sides."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.cluster import KMeans
from sklearn.model_selection import StratifiedGroupKFold

from bearclf.models.novelty import unit

MAX_FOLDS = 5


def fold_count(labels: np.ndarray, groups: np.ndarray, rare_allowed: bool = False) -> int:
    """As many folds as the class with the fewest different pictures allows, at most ``MAX_FOLDS``; with
    ``rare_allowed``, as that with the most.
    """
    pictures = [len(np.unique(groups[labels == label])) for label in np.unique(labels)]
    return min(MAX_FOLDS, (max if rare_allowed else min)(pictures))


def cross_validation_folds(
    labels: np.ndarray, groups: np.ndarray, seed: int, rare_allowed: bool = False
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of index arrays (train, valid); classes keep their shares, groups stay together.

    ``rare_allowed`` if a class may be missing from some of them.
    """
    folds = StratifiedGroupKFold(fold_count(labels, groups, rare_allowed), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of rare classes
        return list(folds.split(labels, labels, groups))


def cluster_folds(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of index arrays (train, valid) in which valid looks unlike train, as photos from elsewhere do.

    Each class is clustered by what its photos look like (``features``, (n, channels)); every fold holds out
    one cluster of each. Photos whose ``groups`` (n,) are equal stay together, and every class keeps photos
    to learn from.
    """
    cluster = np.zeros(len(labels), int)
    vectors = unit(features)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        pictures, of_member = np.unique(groups[members], return_inverse=True)
        means = np.array([vectors[members[of_member == i]].mean(axis=0) for i in range(len(pictures))])
        count = min(MAX_FOLDS, len(pictures))
        found = KMeans(count, n_init=4, random_state=seed).fit_predict(means)
        cluster[members] = found[of_member]
    folds = [(np.flatnonzero(cluster != i), np.flatnonzero(cluster == i)) for i in range(MAX_FOLDS)]
    return [(train, valid) for train, valid in folds if len(valid)]


def valid_splitter(in_valid: np.ndarray) -> Callable[[Sequence], tuple[list[int], list[int]]]:
    """A splitter for fastai's DataBlock; its items are those of ``in_valid`` (n,), in the same order."""

    def split(items: Sequence) -> tuple[list[int], list[int]]:
        assert len(items) == len(in_valid), "the items are not those that were drawn for"
        return np.flatnonzero(~in_valid).tolist(), np.flatnonzero(in_valid).tolist()

    return split
