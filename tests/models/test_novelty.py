from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bearclf.models.novelty import GeneralKnowledge, NoveltyDetector, fit_detector, standing, unit
from tests.helpers.fakes import card

CHANNELS, CATEGORIES = 40, 12


def classifier() -> tuple[np.ndarray, np.ndarray]:
    """Category i is whatever is high in channel i."""
    return 2 * np.eye(CATEGORIES, CHANNELS, dtype=np.float32), np.zeros(CATEGORIES, np.float32)


def photos_of(category: int, count: int, seed: int) -> np.ndarray:
    """Features (count, channels) that all have their own noise, and one category."""
    features = np.random.default_rng(seed).uniform(0, 1, (count, CHANNELS)).astype(np.float32)
    features[:, category] += 4
    return features


@pytest.fixture
def detector() -> NoveltyDetector:
    features = np.concatenate([photos_of(0, 30, 1), photos_of(1, 30, 2)])
    return fit_detector(features, np.repeat([0, 1], 30), classifier())


def test_a_class_has_the_categories_that_nine_in_ten_of_its_photos_are_taken_for() -> None:
    features = np.concatenate(
        [photos_of(3, 18, 1), photos_of(5, 2, 2), photos_of(7, 12, 3), photos_of(8, 8, 4)]
    )
    knowledge = GeneralKnowledge.of(*classifier(), features, np.repeat([0, 1], 20))
    assert np.flatnonzero(knowledge.own).tolist() == [3, 7, 8]


def test_the_margin_is_negative_for_what_is_clearly_something_else(detector: NoveltyDetector) -> None:
    nearness, margin = detector.evidence(np.concatenate([photos_of(0, 5, 9), photos_of(6, 5, 9)])).T
    assert margin[:5] == pytest.approx(8, abs=2)
    assert margin[5:] == pytest.approx(-8, abs=2)
    assert nearness[:5].min() > nearness[5:].max()


def test_nearness_is_the_mean_cosine_to_the_ten_nearest() -> None:
    features, photo = photos_of(0, 25, 1), photos_of(2, 1, 5)
    cosines = sorted((unit(photo) @ unit(features).T)[0])
    [[nearness]] = fit_detector(features, np.zeros(25, int), None).evidence(photo)
    assert nearness == pytest.approx(np.mean(cosines[-10:]), abs=1e-3)


def test_one_photo_is_judged_like_many(detector: NoveltyDetector) -> None:
    photos = photos_of(1, 3, 7)
    together = detector.evidence(photos)
    alone = [detector.evidence(photo[None])[0] for photo in photos]
    assert np.allclose(together, alone, atol=1e-5)


def test_what_is_saved_gives_the_same_familiarity(detector: NoveltyDetector, tmp_path: Path) -> None:
    fitted = NoveltyDetector(
        detector.vectors, detector.knowledge, np.array([-3.0, 2.0, 0.7]), np.array([5.0, 3.0])
    )
    photos = np.concatenate([photos_of(0, 4, 8), photos_of(9, 4, 8)])
    for number, one in enumerate([fitted, NoveltyDetector(detector.vectors)]):
        one.save(tmp_path / f"{number}.npz")
        again = NoveltyDetector.load((tmp_path / f"{number}.npz").read_bytes())
        assert np.array_equal(one.familiarity(photos), again.familiarity(photos))
    assert ((fitted.familiarity(photos) > 0.5) == ([True] * 4 + [False] * 4)).all()


@pytest.mark.parametrize(
    ("familiarity", "expected"), [(0.39, "none"), (0.4, "doubtful"), (0.89, "doubtful"), (0.9, "known")]
)
def test_there_are_three_standings(familiarity: float, expected: str) -> None:
    assert standing(familiarity, card(["a", "b"])) == expected
