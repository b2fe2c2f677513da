from __future__ import annotations

import numpy as np
import pytest

from bearclf.models.by_class import ConfusedPair, Proportion, by_class, confused_pairs, macro_f_score
from bearclf.models.wilson import wilson_interval

# True classes in rows: of six a, four are recognised, two taken for b; of three b, all; there is no c.
MATRIX = np.array([[4, 2, 0], [0, 3, 0], [0, 0, 0]])


def test_known_answers_of_recall_precision_and_f_score() -> None:
    a, b, c = by_class(["a", "b", "c"], MATRIX)
    assert (a.recall, a.precision) == (Proportion(4, 6), Proportion(4, 4))
    assert (b.recall, b.precision) == (Proportion(3, 3), Proportion(3, 5))
    assert a.f_score == pytest.approx(2 * (2 / 3) * 1 / (2 / 3 + 1))
    assert b.f_score == pytest.approx(2 * 1 * 0.6 / 1.6)
    assert (c.recall.share, c.recall.interval, c.precision.share, c.f_score) == (None, None, None, None)
    assert a.recall.interval == wilson_interval(4, 6)


def test_the_mean_f_score_is_of_classes_that_have_photos() -> None:
    assert macro_f_score(by_class(["a", "b", "c"], MATRIX)) == pytest.approx((0.8 + 0.75) / 2)
    with pytest.raises(ValueError, match="no photos"):
        macro_f_score(by_class(["a"], np.zeros((1, 1), int)))


def test_a_class_that_is_never_recognised_has_no_f_score_to_be_proud_of() -> None:
    assert [one.f_score for one in by_class(["a", "b"], np.array([[0, 5], [0, 0]]))] == [0, 0]


def test_pairs_come_by_how_often_and_then_by_how_large_a_share() -> None:
    matrix = np.array([[7, 2, 1], [1, 8, 0], [0, 2, 2]])
    assert confused_pairs(["a", "b", "c"], matrix) == [
        ConfusedPair("c", "b", 2, 4),
        ConfusedPair("a", "b", 2, 10),
        ConfusedPair("b", "a", 1, 9),
        ConfusedPair("a", "c", 1, 10),
    ]
    assert confused_pairs(["a"], np.array([[3]])) == []
