"""The four questions that fastai's ``DataBlock`` asks, and our answers, with their code.

:func:`four_answers` is the one place that says what a photo and a label are, where the photos come from and
which of them are held out, :func:`transforms` how they become a network's input. Training uses the answers,
and :mod:`bearclf.training.show_code` prints them: each stands beside the plain fastai that does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastai.vision.all import (
    CategoryBlock,
    DataBlock,
    DataLoaders,
    FBetaMulti,
    ImageBlock,
    L,
    MultiCategoryBlock,
    Normalize,
    accuracy_multi,
    error_rate,
    get_image_files,
    image_extensions,
    parent_label,
)

from bearclf.features.backbones import input_stats
from bearclf.features.pipeline import Photo
from bearclf.models.several_labels import BETA
from bearclf.photos.decode import SUFFIXES
from bearclf.training.calls import Call
from bearclf.training.held_out import TrainingPhotos
from bearclf.training.labelled import LabelsOf
from bearclf.training.options import FOLDER, Options
from bearclf.training.splits import valid_splitter
from bearclf.training.transforms import augmentation_call, resizing_call

BATCH_SIZE = 32

# fastai asks the system for the endings of image files, and not every system knows WebP.
image_extensions.update(SUFFIXES)


@dataclass(frozen=True)
class Answer:
    """What the ``DataBlock`` is given, and the plain fastai code for the same.

    That code may name ``photos``, ``is_held_out`` and ``labels_of``, functions of
    :mod:`bearclf.training.show_code`.
    """

    value: Any
    code: str


def four_answers(photos: TrainingPhotos, options: Options) -> dict[str, Answer]:
    """By the names of the arguments of ``DataBlock``."""
    usable = [photo.path for photo in photos.scanned.photos]
    one_each = photos.truth is None
    block = CategoryBlock if one_each else MultiCategoryBlock
    return {
        # What is the input, and what the answer? A photo, opened upright, and one class, or several labels.
        "blocks": Answer(
            (ImageBlock(cls=Photo), block(vocab=list(photos.vocab))), f"(ImageBlock, {block.__name__})"
        ),
        # Where are the items? All photos below the folder, but those that can't be used.
        "get_items": Answer(partial(_usable_photos, usable=usable), "photos"),
        # Which are held out? A share of the pictures, drawn by their content, or those of the folder "valid".
        "splitter": Answer(
            valid_splitter(photos.in_valid),
            "GrandparentSplitter()" if options.valid == FOLDER else "FuncSplitter(is_held_out)",
        ),
        # What is an item's label? The name of the folder that it lies in, or what a table says.
        "get_y": Answer(parent_label, "parent_label")
        if one_each
        else Answer(_labels_of(photos), "labels_of"),
    }


def metrics(photos: TrainingPhotos) -> Answer:
    """What is measured after each epoch, beside the loss."""
    if photos.truth is None:
        return Answer([error_rate], "[error_rate]")
    return Answer(
        [accuracy_multi, FBetaMulti(BETA, average="samples")],
        f"[accuracy_multi, FBetaMulti({BETA:g}, average='samples')]",
    )


def transforms(options: Options, size: int) -> dict[str, Answer]:
    """How photos become an input of ``size`` x ``size`` pixels, by the names of the arguments of
    ``DataBlock``.
    """
    item = resizing_call(options.resized, size)
    augmented = augmentation_call(options.augment, options.flip_vert)
    normalised = Call(Normalize.from_stats, *input_stats(options.architecture))
    code = f"[*{augmented}, {normalised}]" if augmented else f"[{normalised}]"
    return {
        "item_tfms": Answer(item(), str(item)),
        "batch_tfms": Answer([*(augmented() if augmented else []), normalised()], code),
    }


def batch_size(photos: TrainingPhotos) -> int:
    """fastai leaves out a last batch that isn't full: with fewer photos nothing would be learned."""
    return min(BATCH_SIZE, len(photos.learned))


def fine_tuning_transforms(options: Options, size: int) -> tuple[Any, list]:
    """The values of :func:`transforms`, for an item and for a batch."""
    item, batch = (answer.value for answer in transforms(options, size).values())
    return item, batch


def data_loaders(photos: TrainingPhotos, options: Options, item: Any, batch: list) -> DataLoaders:
    """The loaders of photos that are learned from, and of those held out, with these transforms."""
    answers = {name: answer.value for name, answer in four_answers(photos, options).items()}
    block = DataBlock(**answers, item_tfms=item, batch_tfms=batch)
    # Worker processes would each import torch again; decoding leaves the interpreter's lock anyway.
    return block.dataloaders(photos.folder, bs=batch_size(photos), num_workers=0)


def _labels_of(photos: TrainingPhotos) -> LabelsOf:
    return LabelsOf({photo.path: photo.labels for photo in photos.scanned.photos})


def _usable_photos(folder: Path, usable: list[Path]) -> L:
    """``get_image_files``, less what the scan has skipped, in the scan's order."""
    found = set(get_image_files(folder))
    return L(path for path in usable if path in found)
