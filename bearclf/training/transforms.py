"""How photos become a network's input in training: ways of resizing, and augmentation, by name.

Each is one of fastai's own transforms, as the course uses them.
"""

from __future__ import annotations

from typing import Any

from fastai.vision.all import PadMode, RandomResizedCrop, Resize, ResizeMethod, aug_transforms

from bearclf.training.calls import Call

RESIZES = ("crop", "pad", "squish", "random")
AUGMENTS = ("none", "light", "course")

MIN_SCALE = 0.5
"""The least share of a photo that a random crop keeps."""


def resizing(way: str, size: int, min_scale: float = MIN_SCALE) -> Any:
    """fastai's item transform for one of :data:`RESIZES`, to ``size`` x ``size`` pixels."""
    return resizing_call(way, size, min_scale)()


def resizing_call(way: str, size: int, min_scale: float = MIN_SCALE) -> Call:
    """The call that :func:`resizing` makes."""
    if way == "random":
        return Call(RandomResizedCrop, size, min_scale=min_scale)
    methods = {"crop": ResizeMethod.Crop, "pad": ResizeMethod.Pad, "squish": ResizeMethod.Squish}
    edges = {"pad_mode": PadMode.Zeros} if way == "pad" else {}
    return Call(Resize, size, method=methods[way], **edges)


def augmentation(level: str, flip_vert: bool = False) -> list[Any]:
    """fastai's batch transforms for one of :data:`AUGMENTS`: ``course`` is what ``aug_transforms`` gives.

    ``light`` only mirrors a photo and changes its light. ``flip_vert`` also turns it upside down and by
    quarters, for what has no up and down, such as photos from above.
    """
    call = augmentation_call(level, flip_vert)
    return call() if call else []


def augmentation_call(level: str, flip_vert: bool = False) -> Call | None:
    """The call that :func:`augmentation` makes, if it makes any."""
    if level == "none":
        return None
    turned = {"flip_vert": True} if flip_vert else {}
    still = {"max_rotate": 0, "max_zoom": 1, "max_warp": 0} if level == "light" else {}
    return Call(aug_transforms, **turned, **still)
