"""From a decoded photo to a model's input, by the transforms that a fastai Learner carries.

Training, prediction and the features all take this one way, so that none can see a photo differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from fastai.vision.all import (
    IntToFloatTensor,
    Learner,
    Normalize,
    PILImage,
    Pipeline,
    TensorImage,
    ToTensor,
)
from PIL import Image

from bearclf.photos.decode import decode, read_photo_file


def open_photo(source: Path | str | bytes | Image.Image) -> Photo:
    """A path, a file's content or a decoded photo; raises PhotoError for what is no photo."""
    # fastai reads the annotation, to find out what ``learn.predict`` may be given.
    if isinstance(source, Image.Image):
        return Photo(source)
    data = source if isinstance(source, bytes) else read_photo_file(Path(source))
    return Photo(decode(data))


class Photo(PILImage):
    """fastai's picture type, decoded our way."""

    # Exported learners name the function above. A method would be exported as bytecode, with the path of
    # the machine it was made on.
    create = staticmethod(open_photo)


class InputPipeline:
    """The transforms of one photo (``item``) and of a batch, without a DataLoader around them."""

    def __init__(self, after_item: Pipeline, after_batch: Pipeline) -> None:
        self._after_item = after_item
        self._after_batch = after_batch

    @classmethod
    def frozen(cls, resize: Any, mean: Sequence[float], std: Sequence[float]) -> InputPipeline:
        """The pipeline of the ``probe`` recipe: fastai's transform ``resize``, and no augmentation."""
        item, batch = frozen_transforms(resize, mean, std)
        return cls(Pipeline([*item, ToTensor()], split_idx=1), Pipeline(batch, split_idx=1))

    @classmethod
    def of(cls, learner: Learner) -> InputPipeline:
        """The pipeline that ``learner.predict`` uses."""
        loader = learner.dls.valid
        # Without augmentation. The loader itself says so, too, but only when it is iterated.
        for transforms in (loader.after_item, loader.after_batch):
            transforms.split_idx = 1
        return cls(loader.after_item, loader.after_batch)

    def item(self, photo: Image.Image) -> torch.Tensor:
        """``uint8`` of shape (3, height, width)."""
        # Plain tensors from here on: fastai's subclasses cost some microseconds at every operation.
        return self._after_item(Photo(photo)).as_subclass(torch.Tensor)

    def batch(self, items: Sequence[torch.Tensor]) -> torch.Tensor:
        """Normalised ``float32`` of shape (n, 3, height, width), in the memory order that CPUs like best."""
        return self.normalised(torch.stack(list(items))).contiguous(memory_format=torch.channels_last)

    def normalised(self, photos: torch.Tensor) -> torch.Tensor:
        """``float32`` of the same shape, (n, 3, height, width)."""
        return self._after_batch(photos.as_subclass(TensorImage)).as_subclass(torch.Tensor)


def channels_last(model: Any) -> Any:
    """``model`` for inference, with its weights in the order that convolutions on CPUs like best."""
    return model.eval().to(memory_format=torch.channels_last)


def frozen_transforms(resize: Any, mean: Sequence[float], std: Sequence[float]) -> tuple[list, list]:
    """fastai's item and batch transforms for a frozen backbone."""
    return [resize], [IntToFloatTensor(), Normalize.from_stats(mean, std, cuda=False)]
