"""Which photos a model is judged on: the same ones, whatever happens to the folder around them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bearclf.photos.folders import content_digest

VALID_SHARE = 0.2


def valid_part(digests: Sequence[str], groups: np.ndarray, share: float = VALID_SHARE) -> np.ndarray:
    """Which photos belong to the validation set: (n,) bool, about this share of the pictures.

    That is drawn from the photos' contents and from nothing else. A photo stays on its side when others come
    or go, when it is renamed, or when it turns out to be of another class, so that models trained before and
    after can be compared on it. ``digests`` are SHA-256 in hex; photos whose ``groups`` (n,) are equal stay
    together, and at least one picture is on each side.
    """
    first: dict[int, str] = {}
    for digest, group in zip(digests, groups.tolist(), strict=True):
        first[group] = min(first.get(group, digest), digest)
    # Hashed once more: the least of many digests is small, and would draw pictures with many versions.
    lots = {group: int(content_digest(digest.encode())[:8], 16) for group, digest in first.items()}
    limit = share * (1 << 32)
    if len(lots) > 1:
        in_order = sorted(lots.values())
        limit = min(max(limit, in_order[0] + 1), in_order[-1])
    return np.array([lots[group] < limit for group in groups.tolist()], bool)
