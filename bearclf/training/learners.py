"""fastai Learners for both recipes: what is exported, and what ``load_learner`` gives back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fastai.vision.all import (
    CategoryBlock,
    CrossEntropyLossFlat,
    DataBlock,
    DataLoaders,
    ImageBlock,
    L,
    Learner,
    Normalize,
    default_split,
    error_rate,
    get_image_files,
    image_extensions,
    parent_label,
    vision_learner,
)
from torch import nn

from bearclf.features.backbones import (
    Backbone,
    find_architecture,
    load_packaged_weights,
    plain_download_errors,
)
from bearclf.features.pipeline import Photo, squish_transforms
from bearclf.photos.decode import SUFFIXES
from bearclf.photos.scan_results import ScannedFolder
from bearclf.photos.validation_set import valid_part
from bearclf.settings import DEFAULT_ARCHITECTURE
from bearclf.training.probe import Head
from bearclf.training.splits import valid_splitter
from bearclf.training.transforms import augmentation, resizing

BATCH_SIZE = 32

# fastai asks the system for the endings of image files, and not every system knows WebP.
image_extensions.update(SUFFIXES)


def probe_learner(
    folder: Path,
    scanned: ScannedFolder,
    vocab: Sequence[str],
    backbone: Backbone,
    head: Head,
    size: int,
) -> Learner:
    """The frozen backbone with a fitted head, as a Learner that needs no more training."""
    item, batch = squish_transforms(size, backbone.mean, backbone.std)
    dls = _data_loaders(folder, scanned, vocab, item, batch)
    return Learner(
        dls,
        nn.Sequential(backbone.body, nn.Sequential(backbone.pool(), head.as_linear())),
        loss_func=CrossEntropyLossFlat(),
        splitter=default_split,
        metrics=error_rate,
    )


def fine_tuning_learner(
    folder: Path, scanned: ScannedFolder, vocab: Sequence[str], architecture: str, size: int
) -> Learner:
    """The course's Learner: augmented crops, a pretrained body and a new head, ready for ``fine_tune``.

    Raises UserError if the architecture's weights can't be had.
    """
    named = find_architecture(architecture)
    packaged = named == DEFAULT_ARCHITECTURE
    item = [resizing("random", size)]
    batch = augmentation("course")
    if packaged:  # vision_learner adds what other weights are normalised with
        batch.append(Normalize.from_stats((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), cuda=False))
    dls = _data_loaders(folder, scanned, vocab, item, batch)
    with plain_download_errors(architecture):
        learner = vision_learner(dls, named, metrics=error_rate, pretrained=not packaged)
    if packaged:
        load_packaged_weights(learner.model[0].model)
        learner.freeze()
    return learner


def _data_loaders(
    folder: Path, scanned: ScannedFolder, vocab: Sequence[str], item: list, batch: list
) -> DataLoaders:
    in_valid = valid_part([photo.digest for photo in scanned.photos], scanned.groups)
    splitter = valid_splitter(in_valid)
    block = DataBlock(
        blocks=(ImageBlock(cls=Photo), CategoryBlock(vocab=list(vocab))),
        get_items=partial(_usable_photos, usable=[photo.path for photo in scanned.photos]),
        splitter=splitter,
        get_y=parent_label,
        item_tfms=item,
        batch_tfms=batch,
    )
    # Worker processes would each import torch again; decoding leaves the interpreter's lock anyway.
    learned_from, _ = splitter(scanned.photos)
    return block.dataloaders(folder, bs=min(BATCH_SIZE, len(learned_from)), num_workers=0)


def _usable_photos(folder: Path, usable: list[Path]) -> L:
    """``get_image_files``, less what the scan has skipped, in the scan's order."""
    found = set(get_image_files(folder))
    return L(path for path in usable if path in found)
