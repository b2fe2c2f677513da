from __future__ import annotations

import numpy as np
import pytest

from bearclf.models.selective import risk_coverage

# Five photos, from the surest: right, right, wrong and right (equally sure), wrong.
LABELS = np.array([0, 1, 0, 0, 1])
PROBABILITIES = np.array([[0.95, 0.05], [0.1, 0.9], [0.3, 0.7], [0.7, 0.3], [0.6, 0.4]])


def test_known_answers_worked_out_by_hand() -> None:
    curve = risk_coverage(LABELS, PROBABILITIES)
    assert curve.thresholds.tolist() == [0.95, 0.9, 0.7, 0.6]
    assert curve.answered.tolist() == [1, 2, 4, 5]
    assert curve.right.tolist() == [1, 2, 3, 3]
    assert curve.coverage.tolist() == pytest.approx([0.2, 0.4, 0.8, 1])
    assert curve.accuracy.tolist() == pytest.approx([1, 1, 0.75, 0.6])
    assert curve.area == pytest.approx((0 + 0 + 2 * 0.25 + 0.4) / 5)
    assert curve.without_error == 2


def test_the_order_of_the_photos_changes_nothing_even_among_equally_sure_ones() -> None:
    straight = risk_coverage(LABELS, PROBABILITIES)
    turned = risk_coverage(LABELS[::-1], PROBABILITIES[::-1])
    assert straight.right.tolist() == turned.right.tolist()


def test_a_threshold_answers_whatever_is_as_sure() -> None:
    curve = risk_coverage(LABELS, PROBABILITIES)
    assert curve.at_threshold(0.99) == (0, 0)
    assert curve.at_threshold(0.9) == (2, 2)
    assert curve.at_threshold(0.7) == (4, 3)
    assert curve.at_threshold(0) == (5, 3)


def test_a_coverage_is_never_exceeded() -> None:
    curve = risk_coverage(LABELS, PROBABILITIES)
    assert [curve.at_coverage(share) for share in (0.1, 0.2, 0.79, 0.8, 1)] == [None, 0, 1, 2, 3]


def test_all_equally_sure_is_one_point() -> None:
    curve = risk_coverage(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]]))
    assert (curve.answered.tolist(), curve.right.tolist(), curve.without_error) == ([2], [1], 0)
    assert curve.at_coverage(0.9) is None


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="no photos"):
        risk_coverage(np.zeros(0, int), np.zeros((0, 2)))
