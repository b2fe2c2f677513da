"""Which pictures a training folder has already, to know copies of them by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.duplicates import shows_same_picture
from bearclf.photos.folders import FolderPhoto
from bearclf.photos.progress import ProgressBar
from bearclf.photos.scan_results import TRAITS, photo_traits, workers
from bearclf.photos.store import FeatureStore


class Pictures:
    """The pictures of some photos and their classes; ``counts`` says how many photos each class has."""

    def __init__(self, photos: Sequence[FolderPhoto], store: FeatureStore, progress: ProgressBar) -> None:
        self.counts = Counter(photo.label for photo in photos)
        traits = store.get(TRAITS, [photo.digest for photo in photos])
        new = [photo for photo in photos if photo.digest not in traits]
        with ThreadPoolExecutor(workers()) as pool:
            looks = pool.map(_look, new)
            for photo, seen in progress(zip(new, looks, strict=True), len(new), "Looking at what is there"):
                if seen is not None:
                    traits[photo.digest] = seen
                    store.put(TRAITS, {photo.digest: seen})
        usable = [photo for photo in photos if photo.digest in traits]
        self._labels = [photo.label for photo in usable]
        self._hashes = np.array([traits[photo.digest][:2] for photo in usable], np.uint64).reshape(-1, 2)

    def add(self, label: str, traits: np.ndarray) -> None:
        """Remember a photo that has just come into a class."""
        self.counts[label] += 1
        self._labels.append(label)
        self._hashes = np.vstack([self._hashes, traits[:2]])

    def class_of(self, traits: np.ndarray) -> str | None:
        """The class that has this picture; ``traits`` are those of a photo."""
        [same] = np.nonzero(shows_same_picture(traits[:2], self._hashes))
        return self._labels[same[0]] if len(same) else None


def _look(photo: FolderPhoto) -> np.ndarray | None:
    try:
        return photo_traits(decode(read_photo_file(photo.path)))
    except PhotoError:
        return None
