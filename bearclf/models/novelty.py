"""Is this photo like anything the model was trained on?

A softmax must choose one of its classes, whatever it is shown. What a photo resembles is asked of the
training photos themselves: the mean cosine to its nearest neighbours among them, in feature space. Before
that, features are whitened with the spread of photos within their classes (shrunk after Ledoit and Wolf):
directions in which photos of one class differ anyway then count less. Of the detectors compared in
``tests/benchmarks/known.py`` it told classes that were left out of training best from those that were not.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NEIGHBOURS_COMPARED = 5
"""Training photos that a photo is compared with."""

TURNED_AWAY = 0.05
"""Share of real photos of the classes that the threshold turns away."""


@dataclass(frozen=True)
class TrainingNeighbours:
    """Training photos in whitened feature space.

    ``whitening`` is (channels, channels), ``vectors`` (n, channels) of length 1; both ``float16``, so that
    what was measured in training is what is computed later.
    """

    whitening: np.ndarray
    vectors: np.ndarray

    def similarities(self, features: np.ndarray) -> np.ndarray:
        """Cosines of (m, channels) raw features to every training photo: (m, n), from -1 to 1."""
        whitened = _unit(_unit(features) @ self.whitening.astype(np.float32, copy=False))
        return whitened @ self.vectors.T.astype(np.float32, copy=False)

    def scores(self, features: np.ndarray) -> np.ndarray:
        """How much each photo is like the training photos: (m,), higher is more."""
        return np.array([familiarity(of_photo) for of_photo in self.similarities(features)])

    def save(self, path: Path) -> None:
        """Write an ``npz`` file."""
        np.savez(path, whitening=self.whitening, vectors=self.vectors)

    @classmethod
    def load(cls, data: bytes) -> TrainingNeighbours:
        """From what :meth:`save` has written."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return cls(arrays["whitening"], arrays["vectors"])


def familiarity(similarities: np.ndarray) -> float:
    """The mean of a photo's highest cosines; ``similarities`` (n,) are those to all training photos."""
    k = min(NEIGHBOURS_COMPARED, len(similarities))
    return float(np.partition(similarities, -k)[-k:].mean())


def fit_neighbours(features: np.ndarray, labels: np.ndarray) -> TrainingNeighbours:
    """Neighbours from raw features (n, channels) and class indices (n,)."""
    units = _unit(features)
    centred = units.copy()
    for label in np.unique(labels):
        centred[labels == label] -= units[labels == label].mean(axis=0)
    whitening = _whitening(centred).astype(np.float16)
    vectors = _unit(units @ whitening.astype(np.float32))
    return TrainingNeighbours(whitening, vectors.astype(np.float16))


def held_out_scores(
    features: np.ndarray, labels: np.ndarray, folds: Sequence[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Each photo's score by neighbours from the other folds; NaN for photos that no fold holds out."""
    scores = np.full(len(labels), np.nan)
    for train, valid in folds:
        scores[valid] = fit_neighbours(features[train], labels[train]).scores(features[valid])
    return scores


def threshold(scores: np.ndarray) -> float:
    """The score below which ``TURNED_AWAY`` of the held-out training photos lie."""
    return float(np.nanquantile(scores, TURNED_AWAY))


def _whitening(centred: np.ndarray) -> np.ndarray:
    """The inverse square root of the shrunk covariance of centred rows."""
    from sklearn.covariance import ledoit_wolf_shrinkage  # seconds, which reading vectors need not take

    n, channels = centred.shape
    shrinkage = float(ledoit_wolf_shrinkage(centred, assume_centered=True))
    mean_variance = float((centred**2).sum()) / (n * channels)
    floor = max(shrinkage * mean_variance, 1e-12)
    if n > channels:  # the same, from a matrix that doesn't grow with the photos
        squares, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        squares, directions = np.maximum(squares, 0), directions.T
    else:
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        squares = singular**2
    variances = (1 - shrinkage) * squares / n + floor
    # Directions without any spread keep the floor alone.
    gains = 1 / np.sqrt(variances) - 1 / np.sqrt(floor)
    whitening = np.eye(channels) / np.sqrt(floor) + (directions.T * gains) @ directions
    return whitening * np.sqrt(floor)  # only directions matter: keep the numbers small


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
