"""How a model does on photos that are not like its training photos: what its card tells of elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.errors import UserError
from bearclf.features.scan import Featurizer, scan_folder, scan_variants
from bearclf.models.measures import measure_standings
from bearclf.models.wilson import wilson_interval
from bearclf.photos.folders import FolderPhoto, check_known
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import SkippedFile
from bearclf.photos.store import FeatureStore
from bearclf.training.novelty import FittedNovelty

SAMPLED, SAMPLED_ELSEWHERE = 120, 250
"""Photos, of training and from elsewhere, of which all variants are looked at: a forward pass for each."""

AS_THEY_ARE = "as they are"

Answers = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From features (m, channels) to probabilities (m, classes) and familiarities (m,), NaN where not judged."""


Right = Callable[[np.ndarray], np.ndarray]
"""From probabilities (m, classes) to how right each of these answers is, (m,), from 0 to 1."""


def right_class(labels: np.ndarray) -> Right:
    """1 where the most probable class is that of ``labels`` (m,), class indices, else 0."""
    return lambda probabilities: probabilities.argmax(axis=1) == labels


def sample(photos: Sequence[FolderPhoto], among: Iterable[int], count: int = SAMPLED) -> np.ndarray:
    """Indices of at most ``count`` photos, drawn by their content: mostly the same ones tomorrow."""
    drawn = sorted(among, key=lambda index: photos[index].digest)[:count]
    return np.array(sorted(drawn), int)


def measure_held_out(
    right: Right, seen: Mapping[str, np.ndarray], answers: Answers, novelty: FittedNovelty
) -> dict[str, Any]:
    """What a card's ``elsewhere`` has, from training photos that ``answers`` had not learned from.

    ``seen`` has, for each variant, the features (n, channels) of the photos that ``right`` judges.
    """
    return _measure("", dict.fromkeys(seen, right), seen, answers, novelty)


def measure_folder(
    folder: Path,
    vocab: Sequence[str],
    featurizer: Featurizer,
    answers: Answers,
    novelty: FittedNovelty,
    learned: Sequence[FolderPhoto],
    store: FeatureStore,
    progress: ProgressBar,
) -> tuple[dict[str, Any], list[SkippedFile]]:
    """What a card's ``elsewhere`` has, from class folders of photos other than ``learned``; and files that
    could not be used.

    Raises UserError if there are none, or of a class that the model doesn't know.
    """
    scanned = scan_folder(folder, store, progress, featurizer)
    digests = {photo.digest for photo in learned}
    new = [index for index, photo in enumerate(scanned.photos) if photo.digest not in digests]
    known = [photo for photo in scanned.photos if photo.digest in digests]
    skipped = scanned.skipped + [SkippedFile(photo.path, "It is a training photo, too.") for photo in known]
    if known and not new:
        raise UserError(
            f"All photos of {folder} are training photos. Please name photos from another source."
        )
    photos = [scanned.photos[index] for index in new]
    check_known((photo.label for photo in photos), vocab, folder)
    labels = np.array([vocab.index(photo.label) for photo in photos])
    sampled = sample(photos, range(len(photos)), SAMPLED_ELSEWHERE)
    variants = scan_variants([photos[index] for index in sampled], store, progress, featurizer)
    seen = {AS_THEY_ARE: scanned.features[new], **variants}
    right = {AS_THEY_ARE: right_class(labels), **dict.fromkeys(variants, right_class(labels[sampled]))}
    return _measure(folder.resolve().name, right, seen, answers, novelty), skipped


def _measure(
    folder: str,
    right_of: Mapping[str, Right],
    seen: Mapping[str, np.ndarray],
    answers: Answers,
    novelty: FittedNovelty,
) -> dict[str, Any]:
    variants = {}
    for name, features in seen.items():
        probabilities, familiarities = answers(features)
        judged = ~np.isnan(familiarities)
        right = right_of[name](probabilities)[judged]
        variants[name] = {
            "n": len(right),
            "accuracy": float(right.mean()),
            "accuracy_interval": list(wilson_interval(float(right.sum()), len(right))),
            **measure_standings(familiarities[judged], novelty.none_below, novelty.known_from),
        }
    return {"folder": folder, "n": variants[AS_THEY_ARE]["n"], "variants": variants}
