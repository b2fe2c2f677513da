from __future__ import annotations

import numpy as np

from bearclf.training.splits import cluster_folds, cross_validation_folds


def test_versions_of_a_picture_are_never_on_both_sides() -> None:
    labels = np.repeat([0, 1, 2], 20)
    groups = np.arange(len(labels)) // 2
    for train_side, valid_side in cross_validation_folds(labels, groups, seed=3):
        assert not set(groups[train_side]) & set(groups[valid_side])


def test_clusters_hold_out_what_looks_alike_and_leave_something_of_each_class() -> None:
    """Two classes of three looks each; each picture has two versions."""
    random = np.random.default_rng(0)
    looks = np.repeat(np.arange(6), 8)
    features = np.eye(6)[looks] + random.normal(0, 0.05, (48, 6))
    labels, groups = looks // 3, np.arange(48) // 2
    folds = cluster_folds(features, labels, groups, seed=1)
    assert np.array_equal(np.sort(np.concatenate([valid for _, valid in folds])), np.arange(48))
    for train_side, valid_side in folds:
        assert set(labels[train_side]) == {0, 1}
        assert not set(groups[train_side]) & set(groups[valid_side])
    # Fewer looks than folds: some looks are split, but no fold takes of two looks of one class.
    assert all(len({*looks[valid][labels[valid] == c]}) <= 1 for _, valid in folds for c in (0, 1))


def test_two_pictures_of_a_class_are_enough() -> None:
    features = np.random.default_rng(2).uniform(size=(4, 6))
    folds = cluster_folds(features, np.array([0, 0, 1, 1]), np.arange(4), seed=0)
    assert [len(valid) for _, valid in folds] == [2, 2]
