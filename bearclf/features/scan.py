"""Look at every photo of a folder once: is it one, what picture does it show, and what does a network see?

What is found out is kept in the feature store by content, so that a second look costs a hash of the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import Image
from torch import nn

from bearclf.features.pipeline import InputPipeline, channels_last
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import (
    REFUSED,
    TRAITS,
    ScannedFolder,
    SkippedFile,
    hash_photos,
    photo_traits,
    picture_groups,
    sort_out,
    workers,
)
from bearclf.photos.store import FeatureStore
from bearclf.photos.variants import VARIANTS

SCAN_BATCH = 4
"""Photos in one forward pass. On CPUs more are slower: what they need no longer fits the caches."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Extra:
    """Something else to compute when a photo is decoded anyway: a one-dimensional array, kept as ``kind``."""

    kind: str
    compute: Callable[[Image.Image], np.ndarray]


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
    folder: Path, store: FeatureStore, progress: ProgressBar, featurizer: Featurizer | None = None
) -> ScannedFolder:
    """Look at all photos of ``folder``, computing only what the store doesn't have yet.

    Files that can't be used are in ``skipped``, each with its reason. Raises UserError if there is no such
    folder.
    """
    photos, unreadable = hash_photos(folder)
    return scan_files(photos, unreadable, store, progress, featurizer)


def scan_files(
    photos: Sequence[FolderPhoto],
    unreadable: Sequence[SkippedFile],
    store: FeatureStore,
    progress: ProgressBar,
    featurizer: Featurizer | None = None,
    extras: Sequence[Extra] = (),
) -> ScannedFolder:
    """See :func:`scan_folder`, for files that :func:`bearclf.photos.scan_results.hash_photos` has found.

    ``extras`` are put into the store, for whoever asked for them.
    """
    with ThreadPoolExecutor(workers()) as pool:
        traits, features, refused = _scan_new(photos, store, progress, featurizer, extras, pool)
    usable, skipped = sort_out(photos, unreadable, traits, refused)
    rows = [features[photo.digest] for photo in usable] if featurizer else []
    return ScannedFolder(
        usable,
        picture_groups(usable, traits),
        np.array(rows, np.float32) if rows else np.zeros((len(usable), 0), np.float32),
        skipped,
    )


def scan_variants(
    photos: Sequence[FolderPhoto], store: FeatureStore, progress: ProgressBar, featurizer: Featurizer
) -> dict[str, np.ndarray]:
    """Features (len(photos), channels) of each of :data:`bearclf.photos.variants.VARIANTS` of usable photos.

    Computed for those that the store doesn't have yet; NaN for a photo that was moved before that.
    """
    digests = [photo.digest for photo in photos]
    kinds = {name: f"{featurizer.kind} {name}" for name in VARIANTS}
    stored = {name: store.get(kind, digests) for name, kind in kinds.items()}
    new = [photo for photo in photos if any(photo.digest not in stored[name] for name in VARIANTS)]

    def look(photo: FolderPhoto) -> list[torch.Tensor]:
        decoded = decode(read_photo_file(photo.path))
        return [featurizer.pipeline.item(variant(decoded)) for variant in VARIANTS.values()]

    with ThreadPoolExecutor(workers()) as pool:
        for photo, items in progress(ahead(pool, _try(look), new), len(new), "Looking at variants"):
            if isinstance(items, PhotoError):
                continue
            for name, item in zip(VARIANTS, items, strict=True):  # one by one: see SCAN_BATCH
                [vector] = featurizer([item])
                store.put(kinds[name], {photo.digest: vector})
                stored[name][photo.digest] = vector
    seen = [vector for vectors in stored.values() for vector in vectors.values()]
    moved = np.full_like(seen[0], np.nan) if seen else np.zeros(0, np.float32)
    return {
        name: np.array([vectors.get(digest, moved) for digest in digests]) for name, vectors in stored.items()
    }


def _scan_new(
    photos: Sequence[FolderPhoto],
    store: FeatureStore,
    progress: ProgressBar,
    featurizer: Featurizer | None,
    extras: Sequence[Extra],
    pool: ThreadPoolExecutor,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, str]]:
    """Traits, features and refusals by digest; what is new is computed, and stored batch by batch."""
    path_of = {photo.digest: photo.path for photo in photos}
    digests = list(path_of)
    traits = store.get(TRAITS, digests)
    features = store.get(featurizer.kind, digests) if featurizer else traits
    refused = {digest: reason.tobytes().decode() for digest, reason in store.get(REFUSED, digests).items()}
    lacking = set().union(*(store.missing(extra.kind, digests) for extra in extras))
    known = (traits.keys() & features.keys() - lacking) | refused.keys()
    new = [digest for digest in digests if digest not in known]

    def look(digest: str) -> tuple[dict[str, np.ndarray], torch.Tensor | None]:
        try:
            content = read_photo_file(path_of[digest])
        except PhotoError as error:
            raise _Unread(str(error)) from None
        photo = decode(content)
        computed = {TRAITS: photo_traits(photo)} | {extra.kind: extra.compute(photo) for extra in extras}
        return computed, featurizer.pipeline.item(photo) if featurizer else None

    seen_photos = iter(progress(ahead(pool, _try(look), new), len(new), "Looking at photos"))
    while batch := list(islice(seen_photos, SCAN_BATCH)):
        looks = {}
        for digest, seen in batch:
            if isinstance(seen, PhotoError):
                refused[digest] = str(seen)
                if isinstance(seen, _Unread):
                    continue
                store.put(REFUSED, {digest: np.frombuffer(str(seen).encode(), np.uint8)})
            else:
                looks[digest] = seen
        for kind in (TRAITS, *(extra.kind for extra in extras)):
            store.put(kind, {digest: computed[kind] for digest, (computed, _) in looks.items()})
        traits |= {digest: computed[TRAITS] for digest, (computed, _) in looks.items()}
        if featurizer and looks:
            vectors = featurizer([item for _, item in looks.values() if item is not None])
            new_features = dict(zip(looks, vectors, strict=True))
            store.put(featurizer.kind, new_features)
            features |= new_features
    return traits, features, refused


class _Unread(PhotoError):
    """The file was moved since it was listed: nothing is known of its content, and nothing to be kept."""


def _try(function: Callable[[T], R]) -> Callable[[T], R | PhotoError]:
    """Give PhotoError back instead of raising it, so that one bad file doesn't end a whole batch."""

    def tried(argument: T) -> R | PhotoError:
        try:
            return function(argument)
        except PhotoError as error:
            return error

    return tried


def ahead(pool: ThreadPoolExecutor, function: Callable[[T], R], arguments: list[T]) -> Iterator[tuple[T, R]]:
    """Arguments and results, in order, from threads that are never many photos ahead: memory stays small."""
    to_come = iter(arguments)
    started = deque((item, pool.submit(function, item)) for item in islice(to_come, 8 * SCAN_BATCH))
    while started:
        argument, future = started.popleft()
        yield argument, future.result()
        started.extend((item, pool.submit(function, item)) for item in islice(to_come, 1))
