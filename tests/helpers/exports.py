"""Exports of fastai's own, made at test time, and files that only say they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import torch
from fastai.vision.all import ImageDataLoaders, Learner, Resize, get_image_files, resnet18, vision_learner

from tests.helpers.drawings import CLASSES, encoded, pattern


def is_cat(path: str) -> bool:
    """As in the course's first lesson; a name in ``__main__`` for exports that say so."""
    return path[0].isupper()


def drawn_photos(folder: Path) -> list[Path]:
    """Photos whose names say what they show."""
    folder.mkdir()
    for number in range(8):
        name = f"{'Cat' if number % 2 else 'dog'}_{number}.jpg"
        (folder / name).write_bytes(encoded(pattern(CLASSES[number % 3], number), "JPEG"))
    return sorted(folder.iterdir())


def learner(
    photos: Path, item: Any = None, batch: Any = None, label: Callable[[str], Any] = is_cat
) -> Learner:
    """A small learner with random weights."""
    torch.manual_seed(1)
    dls = ImageDataLoaders.from_name_func(
        photos,
        get_image_files(photos),
        valid_pct=0.3,
        seed=1,
        label_func=label,
        item_tfms=item or Resize(64),
        batch_tfms=batch,
        bs=4,
        num_workers=0,
    )
    return vision_learner(dls, resnet18, pretrained=False)


def exported(made: Learner, path: Path, **options: Any) -> tuple[Path, list[list[float]]]:
    """The learner's export, and what it answers to its photos."""
    photos = sorted(made.path.glob("*.jpg"))
    with made.no_bar():
        answers = [made.predict(photo)[2].tolist() for photo in photos]
    made.path = path.parent
    made.export(path.name, **options)
    return path, answers


class Calls:
    """Pickled, it calls ``function`` as soon as somebody unpickles it."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call
