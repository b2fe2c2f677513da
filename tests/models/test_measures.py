from __future__ import annotations

import numpy as np
import pytest

from bearclf.models.measures import calibration_error, measure, measure_novelty, measure_standings, top_losses


def test_known_answers() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.3, 0.7, 0], [0.4, 0.6, 0], [0.1, 0.9, 0]])
    result = measure(["a", "b", "c"], labels, probabilities)
    assert result["n"] == 5
    assert result["accuracy"] == pytest.approx(0.8)
    assert result["error_rate"] == pytest.approx(0.2)
    assert result["confusion_matrix"] == [[2, 1, 0], [0, 2, 0], [0, 0, 0]]
    assert result["per_class_recall"] == {"a": pytest.approx(2 / 3), "b": 1.0, "c": None}
    assert result["log_loss"] == pytest.approx(-np.log([0.9, 0.8, 0.3, 0.6, 0.9]).mean())


def test_the_highest_loss_comes_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    assert top_losses(np.array([0, 0, 1]), probabilities).tolist() == [1, 2, 0]


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="no photos"):
        measure(["a", "b"], np.zeros(0, int), np.zeros((0, 2)))


def test_known_answers_of_measure_novelty() -> None:
    found = measure_novelty(np.array([0.9, 0.8, 0.3]), np.array([0.7, 0.2, 0.1, 0.0]), 0.5)
    assert found == {"auroc": pytest.approx(11 / 12), "let_through": pytest.approx(0.25)}


def test_known_answers_of_measure_standings() -> None:
    found = measure_standings(np.array([0.95, 0.9, 0.8, 0.4, 0.3]), 0.4, 0.9)
    assert found == {"turned_away": pytest.approx(1 / 5), "doubtful": pytest.approx(2 / 5)}


def test_known_answers_of_the_calibration_error() -> None:
    probabilities = np.array([[0.9, 0.1]] * 10 + [[0.4, 0.6]] * 10)
    labels = np.array([0] * 9 + [1] + [1] * 4 + [0] * 6)
    assert calibration_error(labels, probabilities) == pytest.approx((0 + 0.2) / 2)
