from __future__ import annotations

import numpy as np
import pytest

from bearclf.photos.progress import unseen
from bearclf.training.probe import fit_head, fit_probe, fit_temperature


def test_temperature_takes_false_certainty_away() -> None:
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, (4000, 3))
    labels = np.array([random.choice(3, p=np.exp(row) / np.exp(row).sum()) for row in scores])
    assert fit_temperature(labels, 3 * scores) == pytest.approx(3, rel=0.1)


def blobs(classes: int, each: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    centres = random.normal(0, 3, (classes, 12))
    labels = np.repeat(np.arange(classes), each)
    return (centres[labels] + random.normal(0, 1, (len(labels), 12))).astype(np.float32), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_a_head_tells_blobs_apart_and_is_linear_in_raw_features(classes: int) -> None:
    features, labels = blobs(classes)
    head = fit_head(100 * features + 7, labels, classes, strength=100)
    probabilities = head.probabilities(100 * features + 7)
    assert probabilities.shape == (len(labels), classes)
    assert np.allclose(probabilities.sum(1), 1)
    assert (probabilities.argmax(1) == labels).mean() > 0.95


def test_every_photo_is_judged_by_a_head_that_did_not_see_it() -> None:
    features, labels = blobs(3)
    labels[0] = 2  # a wrong label can't be learned by heart if it is held out
    probe = fit_probe(features, labels, np.arange(len(labels)), 0, unseen)
    assert not np.isnan(probe.out_of_sample).any()
    assert probe.out_of_sample[0].argmax() == 0
