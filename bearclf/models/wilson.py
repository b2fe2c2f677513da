"""The confidence interval of a share that was counted."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def wilson_interval(count: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, ``count`` out of ``n`` (Wilson 1927).

    scipy has the same, but takes a second to import, which a page that is opened would wait for.
    """
    share = count / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)
