"""Photos of a folder, drawn by lot, to look at what a network sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bearclf.errors import UserError
from bearclf.photos.decode import PhotoError, decode, read_photo_file
from bearclf.photos.folders import list_photos
from bearclf.photos.scan_results import SkippedFile


@dataclass(frozen=True)
class DrawnPhotos:
    """Decoded photos with their classes, and the files that were passed over on the way to them."""

    photos: list[Image.Image]
    labels: list[str]
    skipped: list[SkippedFile]


def draw_photos(folder: Path, number: int, seed: int, label: str = "") -> DrawnPhotos:
    """Up to ``number`` photos from class ``label``, or from as many classes as can be ("").

    The same again for the same seed. Raises UserError if there is no such folder or class, or no photo that
    can be read.
    """
    files = list_photos(folder)
    if not files:
        raise UserError(
            f"There are no photos in the class folders of {folder}. "
            "Each class is a folder in it, with photos of that class."
        )
    if label:
        files = [file for file in files if file[1] == label]
        if not files:
            raise UserError(f"There are no photos of a class “{label}” in {folder}.")
    drawn = DrawnPhotos([], [], [])
    for path, of in _from_all_classes(files, np.random.default_rng(seed)):
        if len(drawn.photos) == number:
            break
        try:
            drawn.photos.append(decode(read_photo_file(path)))
            drawn.labels.append(of)
        except PhotoError as error:
            drawn.skipped.append(SkippedFile(path, str(error)))
    if not drawn.photos:
        first = drawn.skipped[0]
        raise UserError(f"None of these photos can be read. {first.path.name}: {first.reason}")
    return drawn


def _from_all_classes(files: Sequence[tuple[Path, str]], lot: np.random.Generator) -> list[tuple[Path, str]]:
    """All files in an order drawn by lot, in which classes take turns."""
    shuffled = [files[index] for index in lot.permutation(len(files))]
    seen: dict[str, int] = {}
    turns = []
    for _, label in shuffled:
        turns.append(seen.get(label, 0))
        seen[label] = turns[-1] + 1
    return [file for _, file in sorted(zip(turns, shuffled, strict=True), key=lambda pair: pair[0])]
