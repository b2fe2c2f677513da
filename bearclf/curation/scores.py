"""What models say of photos that they had not seen: kept from one training to the next."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path

import numpy as np

from bearclf.curation.label_quality import label_quality, likely_mislabelled, typicality
from bearclf.models.bundle import TrainingRecord
from bearclf.models.novelty import unit
from bearclf.photos.store import FeatureStore

_KIND = "scores 2"  # the kind under which the store keeps a folder's scores, by its path


@dataclass(frozen=True)
class Scores:
    """Scores of the photos that were in a folder when it was last scored.

    ``vocab`` (classes,) are class names, ``digests`` (n,) 32 bytes each. ``labels`` (n,) are class indices
    at that time, ``groups`` (n,) equal for photos of the same picture, ``probabilities`` (n, classes) out of
    sample, NaN where a photo was not judged. ``quality``, ``mislabelled`` and ``typicality`` (n,) are those
    of :mod:`bearclf.curation.label_quality`.
    """

    vocab: np.ndarray
    digests: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    probabilities: np.ndarray
    quality: np.ndarray
    mislabelled: np.ndarray
    typicality: np.ndarray

    @classmethod
    def of(cls, vocab: Sequence[str], record: TrainingRecord) -> Scores:
        """Scores from what is known after a training."""
        vectors = unit(record.features.astype(np.float32))
        probabilities = record.out_of_sample.astype(np.float64)
        return cls(
            vocab=np.array(vocab, dtype=np.str_),
            digests=np.array([bytes.fromhex(digest) for digest in record.digests], "S32"),
            labels=record.labels,
            groups=record.groups,
            probabilities=probabilities.astype(np.float32),
            quality=label_quality(record.labels, probabilities),
            mislabelled=likely_mislabelled(record.labels, probabilities),
            typicality=typicality(vectors, record.labels, record.groups),
        )

    def rows(self, digests: Sequence[str]) -> np.ndarray:
        """Where each photo of these digests (hex) is: (len(digests),), -1 for photos that have no scores."""
        row_of = {_padded(digest): row for row, digest in enumerate(self.digests)}
        return np.array([row_of.get(bytes.fromhex(digest), -1) for digest in digests], int)


def save_scores(scores: Scores, folder: Path, store: FeatureStore) -> None:
    """Keep the scores of a folder, in place of earlier ones."""
    out = io.BytesIO()
    np.savez(out, **{field.name: getattr(scores, field.name) for field in fields(Scores)})
    store.put(_KIND, {_key(folder): np.frombuffer(out.getvalue(), np.uint8)})


def load_scores(folder: Path, store: FeatureStore) -> Scores | None:
    """The stored scores of a folder, or None."""
    stored = store.get(_KIND, [_key(folder)]).get(_key(folder))
    if stored is None:
        return None
    with np.load(io.BytesIO(stored.tobytes()), allow_pickle=False) as arrays:
        return Scores(**{field.name: arrays[field.name] for field in fields(Scores)})


def _key(folder: Path) -> str:
    return sha256(str(folder.resolve()).encode()).hexdigest()


def _padded(digest: bytes) -> bytes:
    return digest.ljust(32, b"\0")  # numpy drops zeros at the end of byte strings
