"""Look at every photo of a folder once: is it one, what picture does it show, and what does a network see?

What is found out is kept in the feature store by content, so that a second look costs a hash of the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import Image
from torch import nn

from bearclf.duplicates import perceptual_hashes, same_picture_groups
from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.features.store import FeatureStore
from bearclf.folders import FolderPhoto, content_digest, list_photos
from bearclf.photos import PhotoError, decode, read_photo_file

BATCH_SIZE = 4
"""Photos in one forward pass. On CPUs more are slower: what they need no longer fits the caches."""

MIN_DETAIL = 1.5
"""Bits: a grey 64 x 64 version with less entropy is a placeholder. Photos of a thing before a plain wall
have over 2.5, a grey panel with the words "no image" 0.3."""

T = TypeVar("T")
R = TypeVar("R")

Progress = Callable[[Iterable, int, str], Iterable]
"""Wraps an iterable to show how far it is: ``progress(iterable, total, description)``."""

_FACTS = "facts 1"  # the kind under which the store keeps [hash, mirrored hash, detail in millibits]


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


class Featurizer:
    """A frozen network that turns model inputs into vectors of pooled features.

    ``kind`` is what the features depend on besides the photo: the key in the store.
    """

    def __init__(self, kind: str, pipeline: InputPipeline, pooled_body: nn.Module) -> None:
        self.kind = kind
        self.pipeline = pipeline
        self._body = channels_last(pooled_body)

    @torch.inference_mode()
    def __call__(self, items: list[torch.Tensor]) -> np.ndarray:
        """``float32`` of shape (n, channels)."""
        return self._body(self.pipeline.batch(items)).numpy()


def scan_folder(
    folder: Path, store: FeatureStore, progress: Progress, featurizer: Featurizer | None = None
) -> ScannedFolder:
    """Look at all photos of ``folder``, computing only what the store doesn't have yet.

    Files that can't be used are in ``skipped``, each with its reason. Raises UserError if there is no such
    folder.
    """
    listed = list_photos(folder)
    skipped: list[SkippedFile] = []
    photos: list[FolderPhoto] = []
    with ThreadPoolExecutor(_workers()) as pool:
        for (path, label), digest in zip(listed, pool.map(_try(_file_digest), listed), strict=True):
            if isinstance(digest, PhotoError):
                skipped.append(SkippedFile(path, str(digest)))
            else:
                photos.append(FolderPhoto(path, label, digest))
        facts, features, refused = _look_at_new(photos, store, progress, featurizer, pool)
    usable = []
    for photo in photos:
        reason = refused.get(photo.digest) or _placeholder_reason(facts[photo.digest])
        if reason:
            skipped.append(SkippedFile(photo.path, reason))
        else:
            usable.append(photo)
    hashes = np.array([facts[photo.digest][:2] for photo in usable], np.uint64).reshape(-1, 2)
    rows = [features[photo.digest] for photo in usable] if featurizer else []
    return ScannedFolder(
        usable,
        same_picture_groups(hashes) if usable else np.zeros(0, int),
        np.array(rows, np.float32) if rows else np.zeros((len(usable), 0), np.float32),
        sorted(skipped, key=lambda file: file.path),
    )


def _look_at_new(
    photos: list[FolderPhoto],
    store: FeatureStore,
    progress: Progress,
    featurizer: Featurizer | None,
    pool: ThreadPoolExecutor,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, str]]:
    """Facts, features and refusals by digest; what is new is computed, and stored batch by batch."""
    path_of = {photo.digest: photo.path for photo in photos}
    facts = store.get(_FACTS, list(path_of))
    features = store.get(featurizer.kind, list(path_of)) if featurizer else facts
    refused: dict[str, str] = {}
    new = [digest for digest in path_of if digest not in facts or digest not in features]

    def look(digest: str) -> tuple[np.ndarray, torch.Tensor | None]:
        photo = decode(read_photo_file(path_of[digest]))
        return _facts(photo), featurizer.pipeline.item(photo) if featurizer else None

    seen_photos = iter(progress(_ahead(pool, _try(look), new), len(new), "Looking at photos"))
    while some := list(islice(seen_photos, BATCH_SIZE)):
        looks = {}
        for digest, seen in some:
            if isinstance(seen, PhotoError):
                refused[digest] = str(seen)
            else:
                looks[digest] = seen
        new_facts = {digest: found for digest, (found, _) in looks.items()}
        store.put(_FACTS, new_facts)
        facts |= new_facts
        if featurizer and looks:
            vectors = featurizer([item for _, item in looks.values() if item is not None])
            new_features = dict(zip(looks, vectors, strict=True))
            store.put(featurizer.kind, new_features)
            features |= new_features
    return facts, features, refused


def _facts(photo: Image.Image) -> np.ndarray:
    grey = np.asarray(photo.convert("L").resize((64, 64), Image.Resampling.BILINEAR))
    share = np.bincount(grey.ravel(), minlength=256) / grey.size
    share = share[share > 0]
    detail = -(share * np.log2(share)).sum()
    return np.array([*perceptual_hashes(photo), round(1000 * detail)], np.uint64)


def _placeholder_reason(facts: np.ndarray) -> str | None:
    if facts[2] < 1000 * MIN_DETAIL:
        return "There is hardly anything in this picture: it seems to be a placeholder, not a photo."
    return None


def _file_digest(listed: tuple[Path, str]) -> str:
    return content_digest(read_photo_file(listed[0]))


def _try(function: Callable[[T], R]) -> Callable[[T], R | PhotoError]:
    """Give PhotoError back instead of raising it, so that one bad file doesn't end a whole batch."""

    def tried(argument: T) -> R | PhotoError:
        try:
            return function(argument)
        except PhotoError as error:
            return error

    return tried


def _ahead(pool: ThreadPoolExecutor, function: Callable[[T], R], arguments: list[T]) -> Iterator[tuple[T, R]]:
    """Map in threads, in order, never many photos ahead, so that memory stays small."""
    ahead = 8 * BATCH_SIZE
    futures = [pool.submit(function, argument) for argument in arguments[:ahead]]
    for index, argument in enumerate(arguments):
        yield argument, futures[index].result()
        futures[index].cancel()
        if index + ahead < len(arguments):
            futures.append(pool.submit(function, arguments[index + ahead]))


def _workers() -> int:
    return min(8, os.cpu_count() or 1)
