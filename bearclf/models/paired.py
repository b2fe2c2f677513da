"""Two models' answers about the same photos: is the difference more than chance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

CHANCE = 0.05
"""A difference that chance alone would make this often, or more, is called possible chance."""


@dataclass(frozen=True)
class PairedDifference:
    """``better`` counts the photos that only the second model is right about, ``worse`` those of the first.

    ``p_value`` is that of McNemar's test in its exact form: how often chance alone would make such a
    difference or a greater one.
    """

    better: int
    worse: int
    p_value: float

    @property
    def may_be_chance(self) -> bool:
        """Whether chance explains it."""
        return self.p_value >= CHANCE


def mcnemar(right_before: np.ndarray, right_after: np.ndarray) -> PairedDifference:
    """Compare who was right, photo by photo: both (n,) bool (McNemar 1947)."""
    better = int((right_after & ~right_before).sum())
    worse = int((right_before & ~right_after).sum())
    p_value = float(binomtest(better, better + worse).pvalue) if better + worse else 1.0
    return PairedDifference(better, worse, p_value)
