from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.covariance import ledoit_wolf

from bearclf.models.card import read_card
from bearclf.models.measures import calibration_error, measure_novelty
from bearclf.models.novelty import TrainingNeighbours, fit_neighbours, held_out_scores, threshold
from bearclf.prediction.evaluation import evaluate
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder
from bearclf.training.probe import fit_temperature
from tests.conftest import no_progress
from tests.helpers.drawings import encoded, pattern


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
    np.testing.assert_allclose(round_ / round_[0, 0], np.eye(30), atol=0.01)


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


def test_known_answers_of_measure_known() -> None:
    found = measure_novelty(np.array([0.9, 0.8, 0.3]), np.array([0.7, 0.2, 0.1, 0.0]), 0.5)
    assert found == {
        "auroc": pytest.approx(11 / 12),
        "let_through": pytest.approx(0.25),
        "turned_away": pytest.approx(1 / 3),
    }


def test_known_answers_of_the_calibration_error() -> None:
    probabilities = np.array([[0.9, 0.1]] * 10 + [[0.4, 0.6]] * 10)
    labels = np.array([0] * 9 + [1] + [1] * 4 + [0] * 6)
    assert calibration_error(labels, probabilities) == pytest.approx((0 + 0.2) / 2)


def test_temperature_takes_false_certainty_away() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, (4000, 3))
    labels = np.array([random.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in scores])
    assert fit_temperature(labels, 3 * scores) == pytest.approx(3, rel=0.1)


def test_a_photo_unlike_the_training_photos_is_none_of_these(pattern_bundle: Path, patterns: Path) -> None:
    predictor = Predictor(pattern_bundle)
    seen = predictor.predict(next((patterns / "dots").iterdir()).read_bytes())
    assert seen.known
    assert seen.familiarity >= read_card(pattern_bundle).novelty_threshold
    assert len(seen.nearest) == 4
    noise = np.random.default_rng(3).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    from PIL import Image

    stranger = predictor.predict(encoded(Image.fromarray(noise), "PNG"))
    assert not stranger.known
    assert stranger.familiarity < seen.familiarity


def test_the_shipped_model_turns_other_things_away(shared_photos: Path, tmp_path: Path) -> None:
    """`outside` is for measuring: nothing was chosen by it. A few of each are enough to see a fault."""
    for folder, every in (("bears", 8), ("outside", 3)):
        for photo in sorted((shared_photos / folder).rglob("*.jpg"))[::every]:
            link = tmp_path / photo.relative_to(shared_photos)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(photo)
    result, _ = evaluate(Predictor(bundle_folder()), tmp_path / "bears", tmp_path / "outside", no_progress)
    assert result["auroc"] >= 0.994
    assert result["let_through"] <= 0.03
    assert result["ece"] <= 0.03


def test_photos_of_other_things_may_lie_however_deep(
    pattern_bundle: Path, patterns: Path, tmp_path: Path
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.png").write_bytes(encoded(pattern("dots", 900), "PNG"))
    (deep / "no.jpg").write_bytes(b"nothing")
    result, skipped = evaluate(Predictor(pattern_bundle), patterns, tmp_path, no_progress)
    assert {"auroc", "let_through", "turned_away"} <= result.keys()
    assert [file.path.name for file in skipped] == ["no.jpg"]
