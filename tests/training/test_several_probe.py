from __future__ import annotations

import numpy as np
import pytest

from bearclf.photos.progress import unseen
from bearclf.training.probe import Probe
from bearclf.training.several_probe import fit_several, rarest_labels


def photos(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features in which each label adds a direction of its own, and what is true."""
    random = np.random.default_rng(seed)
    truth = random.random((n, 3)) < (0.5, 0.3, 0.15)
    directions = np.random.default_rng(7).normal(size=(3, 40))
    return (truth @ directions + random.normal(0, 0.4, (n, 40))).astype(np.float32), truth


@pytest.fixture(scope="module")
def probe() -> Probe:
    features, truth = photos(120)
    return fit_several(features, truth, np.arange(120), 42, unseen)


def test_each_label_is_found_whatever_the_others_are(probe: Probe) -> None:
    features, truth = photos(200, seed=1)
    said = probe.head.probabilities(features) >= 0.5
    assert (said == truth).mean(axis=0).min() > 0.95


def test_every_photo_was_judged_by_who_had_not_seen_it(probe: Probe) -> None:
    _, truth = photos(120)
    assert not np.isnan(probe.out_of_sample).any()
    assert ((probe.out_of_sample >= 0.5) == truth).mean() > 0.95


def test_the_layer_gives_the_same_scores(probe: Probe) -> None:
    import torch

    features, _ = photos(5)
    with torch.no_grad():
        scores = probe.head.as_linear()(torch.from_numpy(features)).sigmoid().numpy()
    assert np.allclose(scores, probe.head.probabilities(features), atol=1e-5)


def test_a_label_that_is_missing_from_a_part_is_unlikely_and_no_error() -> None:
    features, truth = photos(30)
    truth[:, 2] = False
    truth[:3, 2] = True
    fitted = fit_several(features, truth, np.repeat(np.arange(10), 3), 42, unseen)  # one picture has them all
    assert np.isfinite(fitted.out_of_sample).all()
    assert fitted.out_of_sample[:3, 2].max() < 0.5


def test_photos_are_divided_by_their_rarest_label() -> None:
    truth = np.array([[True, True, False], [True, False, False], [True, False, True], [False, False, False]])
    truth = np.concatenate([truth, [[True, True, False]]])
    assert rarest_labels(truth).tolist() == [1, 0, 2, -1, 1]
