from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from bearclf.curation.label_quality import cross_entropy, label_quality, likely_mislabelled, typicality
from bearclf.photos.progress import unseen


def judged_photos() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """120 photos of three classes with probabilities by a good model; six labels are wrong."""
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 40)
    scores = random.normal(0, 1, (120, 3)) + 8 * np.eye(3)[truth]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels, wrong = truth.copy(), np.array([3, 17, 45, 70, 90, 110])
    labels[wrong] = (truth[wrong] + 1) % 3
    return labels, probabilities, wrong


def test_wrong_labels_come_first_and_are_counted() -> None:
    labels, probabilities, wrong = judged_photos()
    assert set(np.argsort(label_quality(labels, probabilities))[:6]) == set(wrong)
    found = np.flatnonzero(likely_mislabelled(labels, probabilities))
    assert set(wrong) <= set(found)
    assert len(found) <= 8


def test_what_a_model_gets_right_is_not_called_mislabelled() -> None:
    labels, probabilities, wrong = judged_photos()
    labels[wrong] = probabilities[wrong].argmax(axis=1)
    assert likely_mislabelled(labels, probabilities).sum() <= 2


def test_between_two_other_classes_is_less_suspect_than_surely_another() -> None:
    quality = label_quality(np.array([0, 0, 0, 1, 2]), np.array([
        [0.10, 0.45, 0.45], [0.12, 0.86, 0.02], [0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.01, 0.01, 0.98]
    ]))  # fmt: skip
    assert quality[1] < quality[0] < 0.5 < quality[2]


def test_photos_that_were_not_judged_are_no_suspects() -> None:
    """As after fine-tuning, where only a fifth is judged; and perhaps no photo of some class."""
    labels, probabilities, wrong = judged_photos()
    left_out = (np.arange(120) % 5 == 0) | (labels == 2)
    partly = np.where(left_out[:, None], np.nan, probabilities)
    quality, mislabelled = label_quality(labels, partly), likely_mislabelled(labels, partly)
    assert np.array_equal(np.isnan(quality), left_out)
    assert mislabelled.any()
    assert set(np.flatnonzero(mislabelled)) <= set(wrong[~left_out[wrong]])
    assert np.isnan(cross_entropy(labels, partly)[left_out]).all()
    nothing = np.full((120, 3), np.nan)
    assert np.isnan(label_quality(labels, nothing)).all()
    assert not likely_mislabelled(labels, nothing).any()


def test_probabilities_as_a_bundle_keeps_them() -> None:
    labels, probabilities, _ = judged_photos()
    kept = labels.astype(np.int32), probabilities.astype(np.float32)
    assert np.allclose(label_quality(*kept), label_quality(labels, probabilities), atol=1e-5)
    assert np.array_equal(likely_mislabelled(*kept), likely_mislabelled(labels, probabilities))


def test_known_answers_of_the_loss() -> None:
    losses = cross_entropy(np.array([0, 1, 1]), np.array([[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]]))
    assert losses[:2] == pytest.approx([0, np.log(2)])
    assert np.isfinite(losses[2])
    assert losses[2] > 20


def at(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_known_answers_of_typicality() -> None:
    vectors = at(0, 60, 90, 45, 45)
    typical = typicality(vectors, np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 3]))
    half, cos30 = 0.5, np.sqrt(3) / 2
    assert typical[:3] == pytest.approx([half / 2, (half + cos30) / 2, cos30 / 2], abs=1e-6)
    assert np.isnan(typical[3:]).all(), "the class has one picture only, so there is nothing to compare with"


def test_only_the_nearest_count_and_copies_never_do() -> None:
    vectors = at(0, 0, 0, 10, 10, 10, 10, 10, 180, 180)
    groups = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6, 7])
    typical = typicality(vectors, np.zeros(10, int), groups)
    assert typical[0] == pytest.approx(np.cos(np.radians(10)), abs=1e-6)
    assert typical.argmin() in (8, 9)


def test_typicality_of_many_photos_stays_within_its_memory() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(6000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    tracemalloc.start()
    typical = typicality(vectors, np.zeros(6000, int), np.arange(6000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20, "all cosines at once would be 144 MB"
    among_all = np.sort((vectors[:300] @ vectors.T) - 2 * np.eye(300, 6000), axis=1)[:, -5:].mean(axis=1)
    assert typical[:300] == pytest.approx(among_all, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planted_errors_are_found_by_the_probe(seed: int) -> None:
    """The least that is promised: nine of ten within the first tenth, from features to order."""
    from bearclf.training.probe import fit_probe

    random = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], 80)
    features = random.normal(size=(240, 48)).astype(np.float32)
    features[np.arange(240), truth] += 5
    planted = random.choice(240, 12, replace=False)
    labels = truth.copy()
    labels[planted] = (truth[planted] + random.integers(1, 3, 12)) % 3
    probe = fit_probe(features, labels, np.arange(240), seed, unseen)
    first_tenth = np.argsort(label_quality(labels, probe.out_of_sample))[:24]
    assert np.isin(planted, first_tenth).mean() >= 0.9
