"""The default recipe: a linear classifier on the features of a frozen backbone.

Only a head is fitted, a regularised multinomial logistic regression, so that training takes seconds on a
laptop. The strength of the regularisation is chosen by cross-validation; ``docs/elsewhere.md`` tells how
backbone and size were. On the bears squished photos did better than crops and padding, the last layer alone
better than with earlier ones, and mirrored or rescaled copies of the photos made no difference.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import expit, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from threadpoolctl import threadpool_limits
from torch import nn

from bearclf.photos.progress import ProgressBar
from bearclf.training.splits import cluster_folds, cross_validation_folds

STRENGTHS = (10.0, 30.0, 100.0, 300.0)
"""Weight of the data against the penalty on the weights, in photos: larger trusts the photos more."""

_LIMITING = threading.Lock()


@dataclass(frozen=True)
class Head:
    """A linear map from raw features to the classes' scores: ``weight`` (classes, channels), ``bias``.

    With ``several``, a photo may be of any number of them: each has a probability of its own.
    """

    weight: np.ndarray
    bias: np.ndarray
    several: bool = False

    def scores(self, features: np.ndarray) -> np.ndarray:
        """(n, channels) to (n, classes), before softmax or sigmoid."""
        return (features @ self.weight.T + self.bias).astype(np.float64)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n, channels) to (n, classes)."""
        scores = self.scores(features)
        return expit(scores) if self.several else softmax(scores, axis=1)

    def cooled(self, temperature: float) -> Head:
        """The same map with its scores divided by ``temperature``."""
        divided = np.float32(temperature)
        return replace(self, weight=self.weight / divided, bias=self.bias / divided)

    def as_linear(self) -> nn.Linear:
        """The same map as a torch layer."""
        linear = nn.Linear(self.weight.shape[1], self.weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(self.weight))
            linear.bias.copy_(torch.from_numpy(self.bias))
        return linear


@dataclass(frozen=True)
class HeldOut:
    """Photos that look unlike all others of their class, and a head that didn't learn from them.

    ``train`` and ``valid`` are indices of photos, as from :func:`bearclf.training.splits.cluster_folds`.
    """

    train: np.ndarray
    valid: np.ndarray
    head: Head


@dataclass(frozen=True)
class Probe:
    """A fitted, calibrated head, and how each photo fared when it was not learned from.

    ``out_of_sample`` (n, classes) has, for every photo, the probabilities by a head that saw neither the
    photo nor another version of it, from one of ``folds`` random parts. ``held_out`` has calibrated heads
    that saw no photo like it either.
    """

    head: Head
    strength: float
    temperature: float
    folds: int
    out_of_sample: np.ndarray
    held_out: list[HeldOut]


def fit_probe(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int, progress: ProgressBar
) -> Probe:
    """Choose strength and temperature by log loss on held-out photos, then fit a head on all photos.

    ``features`` is (n, channels); ``labels`` (n,) counts from 0 and has every class. The strength is chosen
    by cross-validation, the temperature on held-out visual clusters: on photos like those learned from a
    head is more often right than on those that people bring.
    """
    folds = cross_validation_folds(labels, groups, seed)
    classes = int(labels.max()) + 1
    coordinates = Coordinates.of(features)
    rows = coordinates.rows(features)
    scores = np.zeros((len(STRENGTHS), len(labels), classes))
    steps: Iterable = [(train, valid, i) for train, valid in folds for i in range(len(STRENGTHS))]
    for train, valid, i in progress(steps, len(folds) * len(STRENGTHS), "Cross-validating"):
        scores[i, valid] = _regress(rows[train], labels[train], classes, STRENGTHS[i]).scores(rows[valid])
    best = int(np.argmin([_loss(labels, of_strength) for of_strength in scores]))

    def learned_from(part: np.ndarray) -> Head:
        return coordinates.head(_regress(rows[part], labels[part], classes, STRENGTHS[best]))

    held_out = [
        HeldOut(train, valid, learned_from(train))
        for train, valid in cluster_folds(features, labels, groups, seed)
    ]
    unlike = np.concatenate([part.valid for part in held_out])
    of_unlike = np.concatenate([part.head.scores(features[part.valid]) for part in held_out])
    temperature = fit_temperature(labels[unlike], of_unlike)
    return Probe(
        learned_from(np.arange(len(labels))).cooled(temperature),
        STRENGTHS[best],
        temperature,
        len(folds),
        softmax(scores[best] / temperature, axis=1),
        [replace(part, head=part.head.cooled(temperature)) for part in held_out],
    )


def fit_head(features: np.ndarray, labels: np.ndarray, classes: int, strength: float) -> Head:
    """Fit on raw (n, channels) features, without choosing or calibrating anything."""
    coordinates = Coordinates.of(features)
    return coordinates.head(_regress(coordinates.rows(features), labels, classes, strength))


@dataclass(frozen=True)
class Coordinates:
    """Features centred, scaled, and turned so that no more numbers are left than there are photos.

    A penalised regression finds the same answer in them, in a fraction of the time. ``mean`` is (channels,),
    ``basis`` (numbers, channels) with orthonormal rows. There is one scale for all channels: scaling each
    by its own spread did worse in cross-validation.
    """

    mean: np.ndarray
    basis: np.ndarray
    scale: float

    @classmethod
    def of(cls, features: np.ndarray) -> Coordinates:
        """Coordinates in which ``features`` (n, channels) have no spread outside of ``basis``."""
        mean = features.mean(axis=0)
        if len(features) < features.shape[1]:
            basis = np.linalg.svd(features - mean, full_matrices=False)[2]
        else:
            basis = np.eye(features.shape[1], dtype=features.dtype)
        return cls(mean, basis, float(features.std()) or 1.0)

    def rows(self, features: np.ndarray) -> np.ndarray:
        """(n, channels) to (n, numbers)."""
        return (features - self.mean) @ self.basis.T / self.scale

    def head(self, fitted: Head) -> Head:
        """The head for raw features that does what ``fitted`` does for rows."""
        weight = fitted.weight @ self.basis / self.scale
        bias = fitted.bias - weight @ self.mean
        return replace(fitted, weight=weight.astype(np.float32), bias=bias.astype(np.float32))


def fit_temperature(labels: np.ndarray, scores: np.ndarray) -> float:
    """What to divide held-out scores (n, classes) by, for the lowest log loss: over 1 means less sure."""
    optimum = minimize_scalar(lambda log_t: _loss(labels, scores / np.exp(log_t)), bounds=(-1.5, 1.5))
    return float(np.exp(optimum.x))


@contextmanager
def one_thread() -> Iterator[None]:
    """Fit inside: several threads take ten times as long over matrices of this size, since they wait for each
    other.
    """
    # The limit is the whole process's: two that set it at once would leave it behind.
    with _LIMITING, warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)  # as good as it gets within the time
        yield


def _loss(labels: np.ndarray, scores: np.ndarray) -> float:
    return float(log_loss(labels, softmax(scores, axis=1), labels=range(scores.shape[1])))


def _regress(rows: np.ndarray, labels: np.ndarray, classes: int, strength: float) -> Head:
    regression = LogisticRegression(C=strength / len(rows), max_iter=300, tol=1e-3)
    with one_thread():
        regression.fit(rows, labels)
    return Head(*_all_classes(regression, classes))


def _all_classes(regression: LogisticRegression, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """One row of weights for each class of the vocab.

    scikit-learn has a single row for two classes, and none for a class that happens to be missing from a
    fold.
    """
    weight, bias = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    full_weight = np.zeros((classes, weight.shape[1]))
    full_bias = np.full(classes, -30.0)  # practically never
    full_weight[regression.classes_], full_bias[regression.classes_] = weight, bias
    return full_weight, full_bias
