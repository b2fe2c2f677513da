"""The photos of a training folder, and which are held out: the same picture is never on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bearclf.errors import UserError
from bearclf.features.scan import Featurizer, scan_files, scan_folder
from bearclf.models.measures import measure
from bearclf.models.several_labels import measure_several
from bearclf.photos.folders import check_known, check_trainable
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import ScannedFolder, SkippedFile, hash_photos
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import VALID_SHARE, valid_part
from bearclf.training.elsewhere import Right, right_class
from bearclf.training.options import FOLDER

TRAIN, VALID = "train", "valid"
"""The folders, each with the class folders, of a training folder that says itself what is held out."""


@dataclass(frozen=True)
class TrainingPhotos:
    """The usable photos of a folder, scanned, with the class indices of their labels (n,).

    ``in_valid`` (n,) tells which are held out; ``how`` says it in words. Where a photo may have several
    labels, ``truth`` (n, labels) ``bool`` says which, and ``labels`` has the rarest of each, -1 for none.
    """

    folder: Path
    scanned: ScannedFolder
    vocab: list[str]
    labels: np.ndarray
    in_valid: np.ndarray
    how: str
    truth: np.ndarray | None = None

    def counts(self) -> dict[str, int]:
        """Photos of each class, or with each label."""
        one_each = np.eye(len(self.vocab), dtype=int)[self.labels]
        totals = (one_each if self.truth is None else self.truth).sum(axis=0)
        return dict(zip(self.vocab, totals.tolist(), strict=True))

    @property
    def learned(self) -> np.ndarray:
        """The indices of those that are learned from."""
        return np.flatnonzero(~self.in_valid)

    @property
    def held_out(self) -> np.ndarray:
        """The indices of those that are not."""
        return np.flatnonzero(self.in_valid)

    def measure(
        self, judged: np.ndarray, probabilities: np.ndarray, threshold: float | None
    ) -> dict[str, Any]:
        """Figures for the photos ``judged`` (m,), indices, from ``probabilities`` (m, classes).

        With ``threshold`` those of :func:`bearclf.models.several_labels.measure_several`, and how many
        ``photos`` there are in all; else those of :func:`bearclf.models.measures.measure`.
        """
        if self.truth is None or threshold is None:
            return measure(self.vocab, self.labels[judged], probabilities)
        measured = measure_several(self.vocab, self.truth[judged], probabilities, threshold)
        return {"photos": len(self.labels), **measured}

    def judge(self, judged: np.ndarray, threshold: float | None) -> Right:
        """A function that says how right each answer to these photos (m,), indices, is."""
        if self.truth is None or threshold is None:
            return right_class(self.labels[judged])
        truth = self.truth[judged]
        return lambda probabilities: ((probabilities >= threshold) == truth).mean(axis=1)

    def check_all_are_learned(self) -> None:
        """Raises UserError if a class is held out as a whole."""
        lacking = (
            np.setdiff1d(self.labels, self.labels[self.learned])
            if self.truth is None
            else np.flatnonzero(~self.truth[self.learned].any(axis=0))
        ).tolist()
        if lacking:
            raise UserError(
                f"All photos of “{self.vocab[lacking[0]]}” would be held out, and none learned from. Add "
                "some, or hold out a smaller share with --valid."
            )


def places(folder: Path, valid: float | str | None) -> list[Path]:
    """The folders that the class folders lie in.

    Raises UserError if ``valid`` is "folder" and there aren't both.
    """
    if valid != FOLDER:
        return [folder]
    parts = [folder / TRAIN, folder / VALID]
    if not all(part.is_dir() for part in parts):
        raise UserError(
            f"--valid {FOLDER} needs the folders {TRAIN} and {VALID} in {folder}, and class folders in each. "
            "Give a share such as 0.2 instead, and photos are drawn."
        )
    return parts


def scan_training_photos(
    folder: Path,
    valid: float | str | None,
    store: FeatureStore,
    progress: ProgressBar,
    featurizer: Featurizer | None = None,
) -> TrainingPhotos:
    """Scan the folder; hold out a share of its pictures, or what lies in its ``valid``.

    Raises UserError if there are too few classes or photos to learn from.
    """
    if valid == FOLDER:
        scanned, in_valid = _scan_both(folder, store, progress, featurizer)
        how = f"the photos of the folder {VALID}, versions of whose pictures were not learned from"
    else:
        scanned = scan_folder(folder, store, progress, featurizer)
        in_valid, how = drawn(scanned, valid)
    if valid == FOLDER:
        in_train = [label for label, held in zip(scanned.labels, in_valid, strict=True) if not held]
        vocab = check_trainable(in_train, scanned.groups[~in_valid].tolist(), folder / TRAIN)
        held_out = [label for label, held in zip(scanned.labels, in_valid, strict=True) if held]
        check_known(held_out, vocab, folder / VALID)
    else:
        vocab = check_trainable(scanned.labels, scanned.groups.tolist(), folder)
    labels = np.array([vocab.index(label) for label in scanned.labels])
    return TrainingPhotos(folder, scanned, vocab, labels, in_valid, how)


def drawn(scanned: ScannedFolder, valid: float | str | None) -> tuple[np.ndarray, str]:
    """Which photos are held out, (n,) bool, if ``valid`` is a share or None; and how, in words."""
    share = VALID_SHARE if valid is None else float(valid)
    in_valid = valid_part([photo.digest for photo in scanned.photos], scanned.groups, share)
    part = "a fifth" if share == VALID_SHARE else f"{100 * share:g} %"
    return in_valid, f"{part} of the pictures held out, versions of one picture kept together"


def _scan_both(
    folder: Path, store: FeatureStore, progress: ProgressBar, featurizer: Featurizer | None
) -> tuple[ScannedFolder, np.ndarray]:
    """The photos of both folders, less those to learn from of which a version is held out."""
    listed = [hash_photos(part) for part in places(folder, FOLDER)]
    photos = [photo for found, _ in listed for photo in found]
    unreadable = [file for _, found in listed for file in found]
    scanned = scan_files(photos, unreadable, store, progress, featurizer)
    in_valid = np.array([photo.path.is_relative_to(folder / VALID) for photo in scanned.photos], bool)
    leaks = ~in_valid & np.isin(scanned.groups, scanned.groups[in_valid])
    kept = np.flatnonzero(~leaks)
    reason = f"The same picture is in {VALID}, so it was not learned from."
    skipped = [SkippedFile(scanned.photos[i].path, reason) for i in np.flatnonzero(leaks)]
    return ScannedFolder(
        [scanned.photos[i] for i in kept],
        scanned.groups[kept],
        scanned.features[kept],
        sorted(scanned.skipped + skipped, key=lambda file: file.path),
    ), in_valid[kept]
