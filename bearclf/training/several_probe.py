"""The probe for several labels at once: a yes or no for each, from the features of a frozen backbone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from bearclf.photos.progress import ProgressBar
from bearclf.training.probe import STRENGTHS, Coordinates, Head, HeldOut, Probe, one_thread
from bearclf.training.splits import cluster_folds, cross_validation_folds


def fit_several(
    features: np.ndarray, truth: np.ndarray, groups: np.ndarray, seed: int, progress: ProgressBar
) -> Probe:
    """Choose strength and temperature on held-out photos, then fit a head on all photos.

    ``features`` is (n, channels), ``truth`` ``bool`` (n, labels); every label has photos with it. Of what is
    returned, ``out_of_sample`` is (n, labels), each from 0 to 1.
    """
    rarest = rarest_labels(truth)
    folds = cross_validation_folds(rarest, groups, seed, rare_allowed=True)
    coordinates = Coordinates.of(features)
    rows = coordinates.rows(features)
    scores = np.zeros((len(STRENGTHS), *truth.shape))
    steps: Iterable = [(train, valid, i) for train, valid in folds for i in range(len(STRENGTHS))]
    for train, valid, i in progress(steps, len(folds) * len(STRENGTHS), "Cross-validating"):
        scores[i, valid] = _regress(rows[train], truth[train], STRENGTHS[i]).scores(rows[valid])
    best = int(np.argmin([_loss(truth, of_strength) for of_strength in scores]))

    def learned_from(part: np.ndarray) -> Head:
        return coordinates.head(_regress(rows[part], truth[part], STRENGTHS[best]))

    held_out = [
        HeldOut(train, valid, learned_from(train))
        for train, valid in cluster_folds(features, rarest, groups, seed)
    ]
    unlike = np.concatenate([part.valid for part in held_out])
    of_unlike = np.concatenate([part.head.scores(features[part.valid]) for part in held_out])
    temperature = _fit_temperature(truth[unlike], of_unlike)
    out_of_sample = expit(scores[best] / temperature)
    return Probe(
        learned_from(np.arange(len(truth))).cooled(temperature),
        STRENGTHS[best],
        temperature,
        len(folds),
        out_of_sample,
        [replace(part, head=part.head.cooled(temperature)) for part in held_out],
    )


def rarest_labels(truth: np.ndarray) -> np.ndarray:
    """One class for each photo, (n,), to divide them by: the rarest of its labels; -1 for none.

    So each label keeps its share in every part.
    """
    rarity = np.where(truth, truth.sum(axis=0), len(truth) + 1)
    return np.where(truth.any(axis=1), rarity.argmin(axis=1), -1)


def _regress(rows: np.ndarray, truth: np.ndarray, strength: float) -> Head:
    weights, biases = [], []
    for of_label in truth.T:
        if of_label.all() or not of_label.any():
            # A rare label may be missing from a part: it is as likely as that nobody saw it makes it.
            weights.append(np.zeros(rows.shape[1]))
            biases.append(float(logit((of_label.sum() + 0.5) / (len(of_label) + 1))))
            continue
        regression = LogisticRegression(C=strength / len(rows), max_iter=300, tol=1e-3)
        with one_thread():
            regression.fit(rows, of_label)
        weights.append(regression.coef_[0])
        biases.append(float(regression.intercept_[0]))
    return Head(np.array(weights), np.array(biases), several=True)


def _fit_temperature(truth: np.ndarray, scores: np.ndarray) -> float:
    optimum = minimize_scalar(lambda log_t: _loss(truth, scores / np.exp(log_t)), bounds=(-1.5, 1.5))
    return float(np.exp(optimum.x))


def _loss(truth: np.ndarray, scores: np.ndarray) -> float:
    return float(log_loss(truth.ravel(), expit(scores).ravel(), labels=[False, True]))
