"""What a model said of its own training photos, each by one that had not learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bearclf.models.bundle import FEATURES, TrainingRecord, read_checked
from bearclf.models.card import read_card


@dataclass(frozen=True)
class Judgement:
    """What one model said of photos that it had not learned from.

    ``probabilities`` (classes,) and ``familiarities`` are by digest; ``vocab`` and ``none_below`` are the
    model's. ``unasked`` are the digests of the other training photos: it learned from them, and was never
    asked about them before.
    """

    vocab: list[str]
    none_below: float
    probabilities: Mapping[str, np.ndarray]
    familiarities: Mapping[str, float]
    unasked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, bundle: Path) -> Judgement:
        """From what a bundle remembers of its training. Raises UserError if it isn't what its card says."""
        card = read_card(bundle)
        if FEATURES not in card.files:  # it was adopted, and nobody had any photos
            return cls(card.classes, card.none_below, {}, {})
        record = TrainingRecord.load(read_checked(bundle, FEATURES, card))
        judged = np.flatnonzero(~np.isnan(record.out_of_sample).any(axis=1))
        digests = [record.digests[index] for index in judged]
        return cls(
            card.classes,
            card.none_below,
            dict(zip(digests, record.out_of_sample[judged].astype(np.float64), strict=True)),
            dict(zip(digests, record.familiarities[judged].tolist(), strict=True)),
            frozenset(record.digests).difference(digests),
        )
