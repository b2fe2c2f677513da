from __future__ import annotations

import numpy as np

from bearclf.training.splits import cross_validation_folds


def test_versions_of_a_picture_are_never_on_both_sides() -> None:
    labels = np.repeat([0, 1, 2], 20)
    groups = np.arange(len(labels)) // 2
    for train_side, valid_side in cross_validation_folds(labels, groups, seed=3):
        assert not set(groups[train_side]) & set(groups[valid_side])
