"""How each class fares: recall, precision and F-score, and which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bearclf.models.wilson import wilson_interval


@dataclass(frozen=True)
class Proportion:
    """``count`` out of ``n``; without any, there is neither a share nor an interval."""

    count: int
    n: int

    @property
    def share(self) -> float | None:
        """From 0 to 1."""
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval."""
        return wilson_interval(self.count, self.n) if self.n else None


@dataclass(frozen=True)
class ClassFigures:
    """Of one class: how many ``photos`` there are, how many ``answers`` name it, how many are both."""

    name: str
    photos: int
    answers: int
    right: int

    @property
    def recall(self) -> Proportion:
        """Of the photos of this class, those that were recognised."""
        return Proportion(self.right, self.photos)

    @property
    def precision(self) -> Proportion:
        """Of the answers that name this class, those that are right."""
        return Proportion(self.right, self.answers)

    @property
    def f_score(self) -> float | None:
        """F1, the harmonic mean of both; None if there is neither a photo nor an answer of this class."""
        both = self.photos + self.answers
        return 2 * self.right / both if both else None


@dataclass(frozen=True)
class ConfusedPair:
    """So many ``photos`` of class ``label``, of ``of``, were taken for ``answer``."""

    label: str
    answer: str
    photos: int
    of: int


def by_class(vocab: Sequence[str], matrix: np.ndarray) -> list[ClassFigures]:
    """The figures of each class, from a confusion matrix with true classes in rows: (classes, classes)."""
    return [
        ClassFigures(name, int(matrix[i].sum()), int(matrix[:, i].sum()), int(matrix[i, i]))
        for i, name in enumerate(vocab)
    ]


def macro_f_score(classes: Sequence[ClassFigures]) -> float:
    """The mean F1 of the classes that have photos. Raises ValueError if none has."""
    scores = [one.f_score for one in classes if one.photos and one.f_score is not None]
    if not scores:
        raise ValueError("no photos to measure on")
    return sum(scores) / len(scores)


def confused_pairs(vocab: Sequence[str], matrix: np.ndarray) -> list[ConfusedPair]:
    """Which class was taken for which, most often first; of those that are alike, the larger share first."""
    rows, columns = np.nonzero(matrix)
    pairs = [
        ConfusedPair(vocab[row], vocab[column], int(matrix[row, column]), int(matrix[row].sum()))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if row != column
    ]
    return sorted(pairs, key=lambda pair: (-pair.photos, pair.of, pair.label, pair.answer))
