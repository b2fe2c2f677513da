from __future__ import annotations

import numpy as np
import pytest

from bearclf.models.several_labels import (
    calibration_error_of_labels,
    choose_threshold,
    curve,
    f_beta,
    measure_several,
)

TRUTH = np.array([[True, True, False], [False, True, False], [False, False, False], [True, False, False]])
PROBABILITIES = np.array([[0.9, 0.4, 0.1], [0.3, 0.8, 0.1], [0.1, 0.2, 0.1], [0.7, 0.6, 0.1]])


def test_known_answers() -> None:
    measured = measure_several(["sea", "dog", "car"], TRUTH, PROBABILITIES, 0.5)
    assert measured["n"] == 4
    assert measured["accuracy"] == pytest.approx(10 / 12)
    assert measured["all_right"] == pytest.approx(2 / 4)
    assert measured["per_class_recall"] == {"sea": 1.0, "dog": 0.5, "car": None}
    assert measured["per_class_precision"] == {"sea": 1.0, "dog": 0.5, "car": None}
    assert measured["confusion_per_label"]["dog"] == {
        "missed": 1, "wrongly_said": 1, "rightly_said": 1, "rightly_not_said": 1
    }  # fmt: skip
    low, high = measured["accuracy_interval"]
    assert low < 10 / 12 < high


def test_a_missed_label_weighs_as_much_as_four_that_are_wrongly_said() -> None:
    one_of_two, one_too_many = np.array([[True, True, False]]), np.array([[True, False, False]])
    assert f_beta(one_of_two, np.array([[True, False, False]])) == pytest.approx(5 / (5 + 4))
    assert f_beta(one_too_many, np.array([[True, True, False]])) == pytest.approx(5 / (5 + 1))


def test_a_photo_of_nothing_of_which_nothing_is_said_is_right() -> None:
    assert f_beta(np.zeros((1, 3), bool), np.zeros((1, 3), bool)) == 1


def test_the_threshold_with_the_most_right_answers_is_chosen() -> None:
    truth = np.array([[True], [True], [False], [False]])
    assert choose_threshold(truth, np.array([[0.3], [0.25], [0.22], [0.1]])) == pytest.approx(0.25)
    assert choose_threshold(truth, np.array([[0.9], [0.8], [0.2], [0.1]])) == pytest.approx(0.5)


def test_the_curve_tells_what_each_threshold_would_give() -> None:
    rows = {threshold: (accuracy, f2) for threshold, accuracy, f2 in curve(TRUTH, PROBABILITIES)}
    assert rows[0.5][0] == pytest.approx(10 / 12)
    assert rows[0.95][1] == pytest.approx(1 / 4)


def test_known_answers_of_the_calibration_error() -> None:
    truth = np.array([[True, False], [True, False]])
    assert calibration_error_of_labels(truth, np.array([[0.9, 0.2], [0.9, 0.2]])) == pytest.approx(0.15)


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="no photos"):
        measure_several(["a", "b"], np.zeros((0, 2), bool), np.zeros((0, 2)), 0.5)
