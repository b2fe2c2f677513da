"""Pictures that show several things: two or three others side by side, each with all their labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from bearclf.photos.decode import decode, read_photo_file

SIDE = 320


def compose(pictures: Sequence[Image.Image]) -> Image.Image:
    """One to three pictures in one: side by side, or two above the third."""
    boxes = {
        1: [(0, 0, SIDE, SIDE)],
        2: [(0, 0, SIDE // 2, SIDE), (SIDE // 2, 0, SIDE, SIDE)],
        3: [(0, 0, SIDE // 2, SIDE // 2), (SIDE // 2, 0, SIDE, SIDE // 2), (0, SIDE // 2, SIDE, SIDE)],
    }[len(pictures)]
    composed = Image.new("RGB", (SIDE, SIDE))
    for picture, (left, top, right, bottom) in zip(pictures, boxes, strict=True):
        composed.paste(ImageOps.fit(picture, (right - left, bottom - top)), (left, top))
    return composed


def write_composed(
    folder: Path,
    table: Path,
    photos_of: Mapping[str, Sequence[Path | Image.Image]],
    count: int,
    seed: int = 0,
) -> dict[str, tuple[str, ...]]:
    """Write ``count`` composed pictures into ``folder``, and their labels into ``table``.

    ``photos_of`` has photos of one thing each, by its label. Each is taken once before one is taken twice.
    """
    random = np.random.default_rng(seed)
    left = {label: [] for label in photos_of}  # type: dict[str, list[Path | Image.Image]]
    labels_of: dict[str, tuple[str, ...]] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        labels = sorted(
            random.choice(sorted(photos_of), random.integers(1, min(3, len(photos_of)) + 1), False)
        )
        parts = []
        for label in labels:
            if not left[label]:
                photos = list(photos_of[label])
                left[label] = [photos[i] for i in random.permutation(len(photos))]
            photo = left[label].pop()
            parts.append(photo if isinstance(photo, Image.Image) else decode(read_photo_file(photo)))
        random.shuffle(parts)
        name = f"composed {number:04}.jpg"
        compose(parts).save(folder / name, quality=90)
        labels_of[name] = tuple(str(label) for label in labels)
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["fname", "labels"])
        rows.writerows([name, " ".join(labels)] for name, labels in labels_of.items())
    return labels_of
