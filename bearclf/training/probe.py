"""The default recipe: a linear classifier on the features of a frozen backbone.

Only a head is fitted, a regularised multinomial logistic regression, so that training takes seconds on a
laptop. The strength of the regularisation is chosen by cross-validation. Other choices were, too, on the
bears: squished photos did better than crops and padding, 288 pixels better than 224 and as well as 320, the
last layer alone better than with earlier ones, and mirrored or rescaled copies of the photos made no
difference.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from torch import nn

from bearclf.features.scan import Progress
from bearclf.training.splits import cross_validation_folds

STRENGTHS = (10.0, 30.0, 100.0, 300.0, 1000.0)
"""Weight of the data against the penalty on the weights, in photos: larger trusts the photos more."""


@dataclass(frozen=True)
class Head:
    """A linear map from raw features to the classes' scores: ``weight`` (classes, channels), ``bias``."""

    weight: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """(n, channels) to (n, classes)."""
        return softmax((features @ self.weight.T + self.bias).astype(np.float64), axis=1)

    def as_linear(self) -> nn.Linear:
        """The same map as a torch layer."""
        linear = nn.Linear(self.weight.shape[1], self.weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(self.weight))
            linear.bias.copy_(torch.from_numpy(self.bias))
        return linear


@dataclass(frozen=True)
class Probe:
    """A fitted head, the strength it was fitted with, and how each photo fared when it was not learned from.

    ``out_of_sample`` (n, classes) has, for every photo, the probabilities by a head that saw neither the
    photo nor another version of it.
    """

    head: Head
    strength: float
    folds: int
    out_of_sample: np.ndarray


def fit_probe(
    features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int, progress: Progress
) -> Probe:
    """Choose the strength by cross-validated log loss, then fit a head on all photos.

    ``features`` is (n, channels); ``labels`` (n,) counts from 0 and has every class.
    """
    folds = cross_validation_folds(labels, groups, seed)
    classes = int(labels.max()) + 1
    by_strength = np.zeros((len(STRENGTHS), len(labels), classes))
    steps: Iterable = [(train, valid, i) for train, valid in folds for i in range(len(STRENGTHS))]
    for train, valid, i in progress(steps, len(folds) * len(STRENGTHS), "Cross-validating"):
        head = fit_head(features[train], labels[train], classes, STRENGTHS[i])
        by_strength[i, valid] = head.probabilities(features[valid])
    losses = [log_loss(labels, probabilities, labels=range(classes)) for probabilities in by_strength]
    best = int(np.argmin(losses))
    head = fit_head(features, labels, classes, STRENGTHS[best])
    return Probe(head, STRENGTHS[best], len(folds), by_strength[best])


def fit_head(features: np.ndarray, labels: np.ndarray, classes: int, strength: float) -> Head:
    """Fit on (n, channels) features; their scaling is folded into the head."""
    # One scale for all channels: scaling each by its own spread did worse in cross-validation.
    mean, scale = features.mean(axis=0), features.std()
    regression = LogisticRegression(C=strength / len(features), max_iter=300, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # as good as it gets within the time
        regression.fit((features - mean) / scale, labels)
    weight, bias = _all_classes(regression, classes)
    weight = weight / scale
    return Head(weight.astype(np.float32), (bias - weight @ mean).astype(np.float32))


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
