"""From a network, its classes and how photos are prepared: a learner of ours, as training makes one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
from fastai.vision.all import (
    AffineCoordTfm,
    Categorize,
    CropPad,
    CrossEntropyLossFlat,
    DataLoaders,
    Datasets,
    IntToFloatTensor,
    Learner,
    Normalize,
    PadMode,
    RandomCrop,
    RandomResizedCrop,
    RandomResizedCropGPU,
    Resize,
    ResizeMethod,
    TensorCategory,
    TensorImage,
    TfmdDL,
    ToTensor,
    default_split,
    error_rate,
    parent_label,
)
from PIL import Image
from torch import nn

from bearclf.adopting.messages import Found, Step
from bearclf.features.pipeline import Photo


def learner_of(found: Found, network: nn.Sequential, vocab: Sequence[str]) -> Learner:
    """A learner that answers as the export did, made of nothing but what was found in it; ``vocab`` is what
    its classes are called.
    """
    labels = [parent_label, Categorize(list(vocab), sort=False)]
    # Without the set-up, which would look at a first photo.
    datasets = Datasets([], tfms=[[Photo.create], labels], n_inp=1, do_setup=False)
    datasets.tls[0].types = [(Path, str, bytes, Image.Image), Photo]
    datasets.tls[1].types = [Path, str, TensorCategory]
    items = [*(_transform(step) for step in found.item_steps), ToTensor()]
    batches = [_transform(step) for step in found.batch_steps]
    loaders = [
        TfmdDL(datasets, bs=1, num_workers=0, after_item=items, after_batch=batches, do_setup=False)
        for _ in range(2)
    ]
    for loader in loaders:  # what fastai finds out by looking at a first photo, too
        loader._n_inp, loader._types = 1, {tuple: [TensorImage, TensorCategory]}
    return Learner(
        DataLoaders(*loaders),
        network,
        loss_func=CrossEntropyLossFlat(),
        splitter=default_split,
        metrics=error_rate,
    )


def _transform(step: Step) -> Any:
    """fastai's own, with the options that matter once a network is trained."""
    size, words, numbers = step.size, step.words, step.numbers
    resamples = (Image.Resampling(int(numbers.get("resample", 2)) % 6), Image.Resampling.NEAREST)
    pad_mode = words.get("pad_mode", PadMode.Reflection)
    match step.name:
        case "Resize":
            method = words.get("method", ResizeMethod.Crop)
            return Resize(size, method=method, pad_mode=pad_mode, resamples=resamples)
        case "RandomResizedCrop":
            return RandomResizedCrop(size, val_xtra=numbers.get("val_xtra", 0.14), resamples=resamples)
        case "RandomCrop":
            return RandomCrop(size)
        case "CropPad":
            return CropPad(size, pad_mode=pad_mode)
        case "IntToFloatTensor":
            return IntToFloatTensor(div=numbers.get("div", 255.0))
        case "Normalize":
            return Normalize.from_stats(step.mean, step.std, cuda=False)
        case "AffineCoordTfm":
            return AffineCoordTfm(
                size=size,
                mode=words.get("mode", "bilinear"),
                pad_mode=pad_mode,
                align_corners=bool(numbers.get("align_corners", 1.0)),
            )
        case "RandomResizedCropGPU":
            mode = words.get("mode", "bilinear")
            return RandomResizedCropGPU(size, mode=mode, valid_scale=numbers.get("valid_scale", 1.0))
