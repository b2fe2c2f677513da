from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from bearclf.models.measures import measure_novelty
from bearclf.models.novelty import TrainingNeighbours, fit_neighbours, held_out_scores, threshold


def clouds() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two classes that vary much in the first ten directions, and strangers that differ in the others."""
    random = np.random.default_rng(5)
    spread = np.r_[np.full(10, 3.0), np.full(30, 0.2)]
    labels = np.repeat([0, 1], 60)
    centres = np.zeros((2, 40))
    centres[0, 20], centres[1, 21] = 4, 4
    features = centres[labels] + random.normal(0, 1, (120, 40)) * spread + 5
    strangers = random.normal(0, 1, (60, 40)) * spread + 5
    strangers[:, 30] += 4
    return features.astype(np.float32), labels, strangers.astype(np.float32)


@pytest.mark.parametrize("photos", [20, 200])
def test_whitened_photos_spread_alike_in_all_directions(photos: int) -> None:
    spread = np.linspace(0.1, 3, 30)
    centred = np.random.default_rng(2).normal(0, 1, (photos, 30)) * spread
    centred -= centred.mean(axis=0)
    labels = np.zeros(photos, int)
    whitening = fit_neighbours(unit(centred), labels).whitening.astype(float)
    units = unit(centred) - unit(centred).mean(axis=0)
    covariance = ledoit_wolf(units, assume_centered=True)[0]
    round_ = whitening @ covariance @ whitening
    assert np.allclose(round_ / round_[0, 0], np.eye(30), rtol=1e-7, atol=0.01)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_strangers_are_told_from_what_was_learned() -> None:
    features, labels, strangers = clouds()
    folds = [
        (np.flatnonzero(np.arange(120) % 5 != i), np.flatnonzero(np.arange(120) % 5 == i)) for i in range(5)
    ]
    scores = held_out_scores(features, labels, folds)
    assert not np.isnan(scores).any()
    found = measure_novelty(scores, fit_neighbours(features, labels).scores(strangers), threshold(scores))
    assert found["auroc"] > 0.99
    assert found["turned_away"] == pytest.approx(0.05, abs=0.01)
    assert found["let_through"] < 0.05


def test_what_is_saved_gives_the_same_scores(tmp_path: Path) -> None:
    features, labels, strangers = clouds()
    neighbours = fit_neighbours(features, labels)
    neighbours.save(tmp_path / "n.npz")
    again = TrainingNeighbours.load((tmp_path / "n.npz").read_bytes())
    assert np.array_equal(neighbours.scores(strangers), again.scores(strangers))
    assert neighbours.similarities(features)[7].argmax() == 7
