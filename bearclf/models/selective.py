"""What answering only when sure would bring: how often it is right, how many photos a person would get.

After El-Yaniv and Wiener, "On the foundations of noise-free selective classification", 2010: the risk is the
share of wrong ones among the answers that are given, the coverage the share of photos that get one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RiskCoverage:
    """The surest answers, ever more of them; photos that are equally sure come together.

    ``thresholds`` (m,) are the distinct probabilities of answers, falling; ``answered`` (m,) counts the
    photos whose answer is at least as sure, ``right`` (m,) those of them that are right.
    """

    thresholds: np.ndarray
    answered: np.ndarray
    right: np.ndarray

    @property
    def photos(self) -> int:
        """All of them."""
        return int(self.answered[-1])

    @property
    def coverage(self) -> np.ndarray:
        """Share of the photos that are answered: (m,)."""
        return self.answered / self.photos

    @property
    def accuracy(self) -> np.ndarray:
        """Share of right ones among the answered: (m,); the risk is what is missing to 1."""
        return self.right / self.answered

    @property
    def area(self) -> float:
        """Area under the risk-coverage curve (AURC): the mean risk, less is better."""
        sizes = np.diff(self.answered, prepend=0)
        return float(((1 - self.accuracy) * sizes).sum() / self.photos)

    def at_threshold(self, threshold: float) -> tuple[int, int]:
        """How many photos have an answer at least so sure, and how many of these are right."""
        chosen = int((self.thresholds >= threshold).sum())
        return (int(self.answered[chosen - 1]), int(self.right[chosen - 1])) if chosen else (0, 0)

    def at_coverage(self, share: float) -> int | None:
        """Where on the curve (an index) as many are answered as can be, but no more than ``share`` of all.

        None if even the surest ones, being equally sure, are more.
        """
        fitting = np.flatnonzero(self.answered <= share * self.photos + 1e-9)
        return int(fitting[-1]) if len(fitting) else None

    @property
    def without_error(self) -> int:
        """How many of the surest photos are answered before the first wrong one is among them."""
        flawless = np.flatnonzero(self.right == self.answered)
        return int(self.answered[flawless[-1]]) if len(flawless) else 0


def risk_coverage(labels: np.ndarray, probabilities: np.ndarray) -> RiskCoverage:
    """From class indices (n,) and probabilities (n, classes). Raises ValueError without any photos."""
    if len(labels) == 0:
        raise ValueError("no photos to measure on")
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence, kind="stable")
    last_of_equals = np.r_[np.flatnonzero(np.diff(confidence[order])), len(order) - 1]
    return RiskCoverage(
        thresholds=confidence[order][last_of_equals],
        answered=last_of_equals + 1,
        right=np.cumsum(right[order])[last_of_equals],
    )
