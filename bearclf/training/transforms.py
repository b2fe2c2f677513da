"""How photos become a network's input in training: ways of resizing, and augmentation, by name.

Each is one of fastai's own transforms, as the course uses them.
"""

from __future__ import annotations

from typing import Any

from fastai.vision.all import PadMode, RandomResizedCrop, Resize, ResizeMethod, aug_transforms

RESIZES = ("crop", "pad", "squish", "random")
AUGMENTS = ("none", "light", "course")

MIN_SCALE = 0.5
"""The least share of a photo that a random crop keeps."""


def resizing(way: str, size: int, min_scale: float = MIN_SCALE) -> Any:
    """fastai's item transform for one of :data:`RESIZES`, to ``size`` x ``size`` pixels."""
    if way == "random":
        return RandomResizedCrop(size, min_scale=min_scale)
    methods = {"crop": ResizeMethod.Crop, "pad": ResizeMethod.Pad, "squish": ResizeMethod.Squish}
    return Resize(size, method=methods[way], pad_mode=PadMode.Zeros)


def augmentation(level: str, flip_vert: bool = False) -> list[Any]:
    """fastai's batch transforms for one of :data:`AUGMENTS`: ``course`` is what ``aug_transforms`` gives.

    ``light`` only mirrors a photo and changes its light. ``flip_vert`` also turns it upside down and by
    quarters, for what has no up and down, such as photos from above.
    """
    if level == "none":
        return []
    if level == "light":
        return aug_transforms(flip_vert=flip_vert, max_rotate=0, max_zoom=1, max_warp=0)
    return aug_transforms(flip_vert=flip_vert)
