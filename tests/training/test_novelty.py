from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bearclf.features.backbones import pretrained_backbone
from bearclf.models.card import BOTH_EVIDENCES, NEARNESS
from bearclf.models.measures import measure_standings
from bearclf.settings import DEFAULT_ARCHITECTURE
from bearclf.training.novelty import BACKGROUND, FittedNovelty, fit_novelty
from bearclf.training.splits import cluster_folds

OF_EACH = 24


@pytest.fixture(scope="module")
def classifier() -> tuple[np.ndarray, np.ndarray]:
    found = pretrained_backbone(DEFAULT_ARCHITECTURE).classifier
    assert found is not None
    return found


@pytest.fixture(scope="module")
def background() -> np.ndarray:
    with np.load(BACKGROUND) as file:
        features: np.ndarray = file["features"].astype(np.float32)
    return features


def subject(background: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, channels) and labels (n,) of two classes: versions of two photos of other things."""
    random = np.random.default_rng(seed)
    centres = np.repeat(background[[100, 300]], OF_EACH, axis=0)
    noise = random.uniform(0, 0.5, centres.shape) * centres.mean()
    return (centres + noise).astype(np.float32), np.repeat([0, 1], OF_EACH)


def fit(
    features: np.ndarray, labels: np.ndarray, classifier: tuple[np.ndarray, np.ndarray] | None
) -> FittedNovelty:
    folds = cluster_folds(features, labels, np.arange(len(labels)), seed=0)
    return fit_novelty(features, labels, folds, np.arange(5), features[:5] * 0.9, classifier)


def test_other_things_are_told_and_photos_of_the_classes_are_not_turned_away(
    background: np.ndarray, classifier: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = subject(background, 1)
    novelty = fit(features, labels, classifier)
    assert novelty.kind == BOTH_EVIDENCES
    unseen, _ = subject(background, 2)
    standings = measure_standings(
        novelty.detector.familiarity(unseen), novelty.none_below, novelty.known_from
    )
    assert standings == {"turned_away": 0, "doubtful": 0}
    others = np.delete(background, [100, 300], axis=0)
    assert (novelty.detector.familiarity(others) >= novelty.none_below).mean() < 0.02


def test_what_the_background_has_of_the_classes_is_no_background(
    background: np.ndarray, classifier: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = subject(background, 1)
    detector = fit(features, labels, classifier).detector
    assert detector.familiarity(background[[100, 300]]) == pytest.approx([1, 1], abs=0.1)


def test_without_general_knowledge_few_held_out_photos_are_turned_away(background: np.ndarray) -> None:
    features, labels = subject(background, 1)
    novelty = fit(features, labels, None)
    assert novelty.kind == NEARNESS
    held_out = measure_standings(novelty.familiarities, novelty.none_below, novelty.known_from)
    assert held_out["turned_away"] <= 0.05
    assert novelty.none_below < novelty.known_from
    assert (
        novelty.detector.familiarity(np.delete(background, [100, 300], axis=0)) < novelty.none_below
    ).all()


def test_every_photo_is_judged_by_what_had_not_seen_it(
    background: np.ndarray, classifier: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = subject(background, 1)
    novelty = fit(features, labels, classifier)
    assert not np.isnan(novelty.familiarities).any()
    assert sum(len(blind.vectors) for blind in novelty.held_out) == len(labels) * (len(novelty.held_out) - 1)


def test_what_is_much_further_off_than_known_photos_is_none_even_if_it_is_like_no_background(
    background: np.ndarray, classifier: tuple[np.ndarray, np.ndarray]
) -> None:
    """As a drawn house is, where drawn bears were learned."""
    features, labels = subject(background, 1)
    novelty = fit(features, labels, classifier)
    half_way = 0.5 * features[:10] + 0.5 * background[200:210]
    without = replace(novelty.detector, ceiling=np.array([9.0, 0]))
    assert without.familiarity(half_way).mean() > 0.4, "the background alone lets it through"
    assert (novelty.detector.familiarity(half_way) < novelty.none_below).all()


def test_what_is_nearer_is_never_less_familiar(
    background: np.ndarray, classifier: tuple[np.ndarray, np.ndarray]
) -> None:
    # Two classes of a photo or two of everything: those that are held out are far from all others.
    features, labels = background[::4], np.arange(len(background[::4])) % 2
    novelty = fit(features, labels, classifier)
    assert novelty.kind == NEARNESS
    own = measure_standings(novelty.detector.familiarity(features), novelty.none_below, novelty.known_from)
    assert own == {"turned_away": 0, "doubtful": 0}
