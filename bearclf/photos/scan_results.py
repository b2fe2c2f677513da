"""Scan results: which files are usable photos, and which of them show the same picture.

Everything here is kept in the feature store by content, so that no network and no decoding is needed to know
it again. :mod:`bearclf.features.scan` does the looking.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bearclf.photos.decode import PhotoError, read_photo_file
from bearclf.photos.duplicates import perceptual_hashes, same_picture_groups
from bearclf.photos.folders import FolderPhoto, content_digest, list_photos

MIN_DETAIL = 1.5
"""Bits: a grey 64 x 64 version with less entropy is a placeholder. Photos of a thing before a plain wall
have over 2.5, a grey panel with the words "no image" 0.3."""

TRAITS = "traits 1"
"""The kind under which the store keeps a photo's hash, its mirror image's, and its detail in millibits."""

_PLACEHOLDER = "There is hardly anything in this picture: it seems to be a placeholder, not a photo."

REFUSED = "refused 2"
"""The kind under which the store keeps why a file is no photo: a sentence, as UTF-8 bytes."""


@dataclass(frozen=True)
class SkippedFile:
    """A file of the folder that is not used, and the sentence that says why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class ScannedFolder:
    """The usable photos of a folder of class folders, in the order of their paths.

    ``groups`` (n,) numbers photos of the same picture alike; ``features`` is ``float32`` of shape
    (n, channels), without any channels where no network was asked for.
    """

    photos: list[FolderPhoto]
    groups: np.ndarray
    features: np.ndarray
    skipped: list[SkippedFile]

    @property
    def labels(self) -> list[str]:
        """The class folder of each photo."""
        return [photo.label for photo in self.photos]


def hash_photos(folder: Path) -> tuple[list[FolderPhoto], list[SkippedFile]]:
    """Every photo file with its digest, and those that can't be read.

    Raises UserError if there is no such folder.
    """
    return hash_listed(list_photos(folder), {})


def hash_listed(
    listed: Sequence[tuple[Path, str]], known_digests: Mapping[Path, str]
) -> tuple[list[FolderPhoto], list[SkippedFile]]:
    """As :func:`hash_photos`, of ``(path, label)``; files in ``known_digests`` are not read."""
    photos: list[FolderPhoto] = []
    unreadable: list[SkippedFile] = []
    new = [path for path, _ in listed if path not in known_digests]
    with ThreadPoolExecutor(workers()) as pool:
        digests = {**known_digests, **dict(zip(new, pool.map(file_digest, new), strict=True))}
    for path, label in listed:
        digest = digests[path]
        if isinstance(digest, PhotoError):
            unreadable.append(SkippedFile(path, str(digest)))
        else:
            photos.append(FolderPhoto(path, label, digest))
    return photos, unreadable


def file_digest(path: Path) -> str | PhotoError:
    """The digest of a file's content, or why it can't be read."""
    try:
        return content_digest(read_photo_file(path))
    except PhotoError as error:
        return error


def sort_out(
    photos: Sequence[FolderPhoto],
    unreadable: Sequence[SkippedFile],
    traits: Mapping[str, np.ndarray],
    refused: Mapping[str, str],
) -> tuple[list[FolderPhoto], list[SkippedFile]]:
    """The usable ones among ``photos``, and all other files with their reasons, in the order of their paths.

    ``traits`` and ``refused`` (sentences) are by digest; every photo is in one of them.
    """
    usable, skipped = [], list(unreadable)
    for photo in photos:
        reason = refused.get(photo.digest) or _placeholder_reason(traits[photo.digest])
        if reason:
            skipped.append(SkippedFile(photo.path, reason))
        else:
            usable.append(photo)
    return usable, sorted(skipped, key=lambda file: file.path)


def picture_groups(photos: Sequence[FolderPhoto], traits: Mapping[str, np.ndarray]) -> np.ndarray:
    """Number photos of the same picture alike: (n,)."""
    hashes = np.array([traits[photo.digest][:2] for photo in photos], np.uint64).reshape(-1, 2)
    return same_picture_groups(hashes) if len(photos) else np.zeros(0, int)


def photo_traits(photo: Image.Image) -> np.ndarray:
    """``uint64`` of shape (3,); see :data:`TRAITS`."""
    return np.array([*perceptual_hashes(photo), _detail(photo)], np.uint64)


def check_not_placeholder(photo: Image.Image) -> None:
    """Raises PhotoError for a decoded picture that training passes over: hardly anything is in it."""
    if _detail(photo) < 1000 * MIN_DETAIL:
        raise PhotoError(_PLACEHOLDER)


def _detail(photo: Image.Image) -> int:
    """In millibits."""
    grey = np.asarray(photo.convert("L").resize((64, 64), Image.Resampling.BILINEAR))
    share = np.bincount(grey.ravel(), minlength=256) / grey.size
    share = share[share > 0]
    return round(-1000 * float((share * np.log2(share)).sum()))


def workers() -> int:
    """How many threads decode photos."""
    return min(8, os.cpu_count() or 1)


def _placeholder_reason(traits: np.ndarray) -> str | None:
    if traits[2] < 1000 * MIN_DETAIL:
        return _PLACEHOLDER
    return None
