"""How a model does on photos that are not like its training photos: what its card tells of elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.features.scan import Featurizer, scan_folder, scan_variants
from bearclf.models.measures import measure_standings
from bearclf.models.wilson import wilson_interval
from bearclf.photos.folders import FolderPhoto, check_known
from bearclf.photos.progress import ProgressBar
from bearclf.photos.store import FeatureStore
from bearclf.training.novelty import FittedNovelty

SAMPLED = 120
"""Training photos of which all variants are looked at: as many forward passes more for each variant."""

AS_THEY_ARE = "as they are"

Answers = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From features (m, channels) to probabilities (m, classes) and familiarities (m,), NaN where not judged."""


def sample(photos: Sequence[FolderPhoto], among: Iterable[int]) -> np.ndarray:
    """Indices of at most ``SAMPLED`` photos, drawn by their content: mostly the same ones tomorrow."""
    drawn = sorted(among, key=lambda index: photos[index].digest)[:SAMPLED]
    return np.array(sorted(drawn), int)


def measure_held_out(
    labels: np.ndarray, seen: Mapping[str, np.ndarray], answers: Answers, novelty: FittedNovelty
) -> dict[str, Any]:
    """What a card's ``elsewhere`` has, from training photos that ``answers`` had not learned from.

    ``seen`` has, for each variant, the features (n, channels) of the photos whose class indices are
    ``labels`` (n,).
    """
    return _measure("", labels, seen, answers, novelty)


def measure_folder(
    folder: Path,
    vocab: Sequence[str],
    featurizer: Featurizer,
    answers: Answers,
    novelty: FittedNovelty,
    store: FeatureStore,
    progress: ProgressBar,
) -> dict[str, Any]:
    """What a card's ``elsewhere`` has, from class folders of photos that the model has not learned from.

    Raises UserError if there are none, or of a class that it doesn't know.
    """
    scanned = scan_folder(folder, store, progress, featurizer)
    check_known(scanned.labels, vocab, folder)
    labels = np.array([vocab.index(label) for label in scanned.labels])
    seen = {AS_THEY_ARE: scanned.features, **scan_variants(scanned.photos, store, progress, featurizer)}
    return _measure(folder.resolve().name, labels, seen, answers, novelty)


def _measure(
    folder: str,
    labels: np.ndarray,
    seen: Mapping[str, np.ndarray],
    answers: Answers,
    novelty: FittedNovelty,
) -> dict[str, Any]:
    variants = {}
    for name, features in seen.items():
        probabilities, familiarities = answers(features)
        judged = ~np.isnan(familiarities)
        right = probabilities.argmax(axis=1)[judged] == labels[judged]
        variants[name] = {
            "n": len(right),
            "accuracy": float(right.mean()),
            "accuracy_interval": list(wilson_interval(int(right.sum()), len(right))),
            **measure_standings(familiarities[judged], novelty.none_below, novelty.known_from),
        }
    return {"folder": folder, "n": variants[AS_THEY_ARE]["n"], "variants": variants}
