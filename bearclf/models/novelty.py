"""Is this photo one of the classes at all?

A softmax must choose one of its classes, whatever it is shown. Two kinds of evidence say whether it should
have: *nearness*, the mean cosine to the nearest training photos in feature space, and *general knowledge*,
what the backbone's own classifier of 1,000 ImageNet categories makes of the photo: whether it prefers those
that the training photos were taken for, or another. The first tells bears from chairs, the second polar bears
from grizzlies. Together they give the photo's *familiarity*; ``docs/elsewhere.md`` says what each adds.

A network that has lost its ImageNet classifier (it was fine-tuned, or comes from elsewhere) has nearness
alone, and its familiarity is just that.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.models.card import Card
from bearclf.protocol.prediction import Standing

NEIGHBOURS_COMPARED = 10
"""Training photos that a photo is compared with."""

OWN_SHARE = 0.9
"""A class's own ImageNet categories are those that this share of its photos is taken for."""

_FORMER_NEIGHBOURS = 5  # of bundles up to card format 3, which whitened features, too
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class GeneralKnowledge:
    """The backbone's ImageNet classifier, and which of its categories are the classes' own.

    ``weight`` is (categories, channels), ``bias`` (categories,), ``own`` ``bool`` (categories,).
    """

    weight: np.ndarray
    bias: np.ndarray
    own: np.ndarray

    @classmethod
    def of(
        cls, weight: np.ndarray, bias: np.ndarray, features: np.ndarray, labels: np.ndarray
    ) -> GeneralKnowledge:
        """``labels`` (n,) are the class indices of the training photos with ``features`` (n, channels)."""
        taken_for = (_products(features, weight) + bias).argmax(axis=1)
        own = np.zeros(len(bias), bool)
        for label in np.unique(labels):
            shares = np.bincount(taken_for[labels == label], minlength=len(bias)) / np.sum(labels == label)
            most_first = np.argsort(-shares, kind="stable")
            needed = int(np.searchsorted(np.cumsum(shares[most_first]), OWN_SHARE - 1e-9)) + 1
            own[most_first[:needed]] = True
        return cls(weight, bias, own)

    def margins(self, features: np.ndarray) -> np.ndarray:
        """The best logit of the classes' own categories less the best of all others: (m,)."""
        logits = _products(features, self.weight) + self.bias
        return logits[:, self.own].max(axis=1) - logits[:, ~self.own].max(axis=1)


@dataclass(frozen=True)
class NoveltyDetector:
    """What tells whether a photo is like the training photos.

    ``vectors`` (n, channels) are the training photos' features, of length 1. With ``knowledge``,
    ``coefficients`` (3,) are those of a logistic regression: its intercept, and the weights of nearness and
    of the margin; ``ceiling`` (2,), an intercept and a weight of nearness, holds familiarity down for what is
    much further off than known photos are. ``whitening`` (channels, channels) turned the features of older
    bundles. ``vectors``, ``knowledge`` and ``whitening`` are ``float32`` and, for the file, exactly
    ``float16``.
    """

    vectors: np.ndarray
    knowledge: GeneralKnowledge | None = None
    coefficients: np.ndarray | None = None
    ceiling: np.ndarray | None = None
    whitening: np.ndarray | None = None

    @property
    def neighbours_compared(self) -> int:
        """How many of the training photos a photo is compared with, the nearest."""
        k = NEIGHBOURS_COMPARED if self.whitening is None else _FORMER_NEIGHBOURS
        return min(k, len(self.vectors))

    def similarities(self, features: np.ndarray) -> np.ndarray:
        """Cosines of (m, channels) features to every training photo: (m, n), from -1 to 1."""
        if self.whitening is not None:
            features = _products(features, self.whitening.T)
        return _products(unit(features), self.vectors)

    def evidence(self, features: np.ndarray, similarities: np.ndarray | None = None) -> np.ndarray:
        """Nearness and, with general knowledge, the margin: (m, 1) or (m, 2) for (m, channels) features.

        ``similarities`` are theirs, where they are known already.
        """
        if similarities is None:
            parts = range(0, len(features), _ROWS_AT_ONCE)
            nearness = [self._nearness(self.similarities(features[i : i + _ROWS_AT_ONCE])) for i in parts]
            columns = [np.concatenate(nearness)]
        else:
            columns = [self._nearness(similarities)]
        if self.knowledge is not None:
            columns.append(self.knowledge.margins(features))
        return np.stack(columns, axis=1)

    def familiarity(self, features: np.ndarray, similarities: np.ndarray | None = None) -> np.ndarray:
        """How much each photo is like what was learned: (m,), higher is more.

        With general knowledge it is the probability that the photo is one of the classes, were these as
        frequent as other things; without, the cosine.
        """
        return self.familiarity_by(self.evidence(features, similarities))

    def familiarity_by(self, evidence: np.ndarray) -> np.ndarray:
        """The same from :meth:`evidence`, NaN where that is NaN."""
        if self.coefficients is None or self.ceiling is None:
            return evidence[:, 0]
        return np.minimum(_logistic(evidence, self.coefficients), _logistic(evidence[:, :1], self.ceiling))

    def _nearness(self, similarities: np.ndarray) -> np.ndarray:
        k = self.neighbours_compared
        mean: np.ndarray = np.partition(similarities, -k, axis=1)[:, -k:].mean(axis=1)
        return mean

    def save(self, path: Path) -> None:
        """Write an ``npz`` file."""
        arrays = {"vectors": self.vectors}
        if self.knowledge is not None:
            arrays |= {"weight": self.knowledge.weight, "bias": self.knowledge.bias}
        half: dict[str, Any] = {name: array.astype(np.float16) for name, array in arrays.items()}
        if self.knowledge is not None:
            half |= {"own": self.knowledge.own, "coefficients": self.coefficients, "ceiling": self.ceiling}
        np.savez(path, **half)

    @classmethod
    def load(cls, data: bytes) -> NoveltyDetector:
        """From what :meth:`save` has written, or a bundle of card format 2 or 3.

        Raises ValueError, KeyError, OSError, EOFError or BadZipFile if it is neither.
        """
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        full = {name: _full(array) for name, array in arrays.items() if array.dtype == np.float16}
        if "coefficients" not in arrays:
            return cls(full["vectors"], whitening=full.get("whitening"))
        knowledge = GeneralKnowledge(full["weight"], full["bias"], arrays["own"])
        return cls(full["vectors"], knowledge, arrays["coefficients"], arrays["ceiling"])


def fit_detector(
    features: np.ndarray, labels: np.ndarray, classifier: tuple[np.ndarray, np.ndarray] | None
) -> NoveltyDetector:
    """A detector, still without coefficients, of training photos.

    ``features`` is (n, channels), ``labels`` (n,) class indices, ``classifier`` the weight and bias of the
    backbone's ImageNet classifier.
    """
    vectors = _full(unit(features).astype(np.float16))
    if classifier is None:
        return NoveltyDetector(vectors)
    weight, bias = (_full(array.astype(np.float16)) for array in classifier)
    return NoveltyDetector(vectors, GeneralKnowledge.of(weight, bias, features, labels))


def _logistic(evidence: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Probabilities (m,) for ``evidence`` (m, k) by ``coefficients`` (1 + k,), the intercept first."""
    scores = coefficients[0] + (evidence * coefficients[1:]).sum(axis=1)
    probabilities: np.ndarray = 1 / (1 + np.exp(-scores.astype(np.float64)))
    return probabilities


def standing(familiarity: float, card: Card) -> Standing:
    """What follows from how familiar a photo is."""
    if familiarity < card.none_below:
        return "none"
    return "known" if familiarity >= card.known_from else "doubtful"


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows (m, channels) at length 1."""
    scaled: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
    return scaled


def _products(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """``rows @ others.T``."""
    if len(rows) > 1:
        return rows @ others.T
    # Not as a product of matrices: after one, the threads of NumPy's library for them keep spinning for some
    # milliseconds, on cores that other photos could have.
    return np.vecdot(others, rows)[None]


def _full(array: np.ndarray) -> np.ndarray:
    # Converted once: it would be again for every photo.
    return np.ascontiguousarray(array, np.float32)
