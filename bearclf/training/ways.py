"""Every way in which training may show a photo to a network: what it does, and what that costs.

Ways of resizing turn a photo into a square. Augmentation then changes the square, differently each time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from fastai.torch_core import no_random
from fastai.vision.all import (
    Brightness,
    Contrast,
    Dihedral,
    Flip,
    IntToFloatTensor,
    Pipeline,
    Rotate,
    TensorImage,
    ToTensor,
    Warp,
    Zoom,
    aug_transforms,
    setup_aug_tfms,
)
from PIL import Image
from torch import Tensor, stack

from bearclf.features.pipeline import Photo
from bearclf.training.transforms import MIN_SCALE, augmentation, resizing

Kind = Literal["resize", "augment"]

HEADINGS: dict[Kind, str] = {
    "resize": "Ways of resizing: from a photo to a square",
    "augment": "Augmentation: each change alone as strong as it gets",
}

OFF = "none"
"""The name of augmentation that changes nothing."""

AS_IT_IS = "The photo as it is"
SHAPES = "Of any shape. A network takes squares, all of one size."


@dataclass(frozen=True)
class Way:
    """One of fastai's transforms, under the name that the command line has for it if it has one.

    ``cost`` says in a sentence or two what it does to photos and what is lost by that. ``seen`` goes on after
    "The same photos, ", for people who can't see them.
    """

    name: str
    kind: Kind
    title: str
    cost: str
    seen: str
    item: Any
    batch: tuple[Any, ...] = ()

    def of(self, photos: Sequence[Image.Image], seed: int) -> list[Image.Image]:
        """What a network is shown of each photo in training; the same again for the same seed.

        Draws from the process's random numbers, and leaves them as they were.
        """
        # Where augmentation is looked at, all photos are cut alike: from the middle, as those to be answered.
        split = 0 if self.kind == "resize" else 1
        with no_random(seed, reproducible=False):
            to_square = Pipeline([self.item, ToTensor()], split_idx=split)
            squares = stack([to_square(Photo(photo)) for photo in photos]).as_subclass(TensorImage)
            changed = Pipeline([IntToFloatTensor(), *self.batch], split_idx=0)(squares)
        pixels = changed.as_subclass(Tensor).clamp(0, 1).mul(255).round().byte()
        return [Image.fromarray(np.ascontiguousarray(one)) for one in pixels.permute(0, 2, 3, 1).numpy()]


def ways(size: int, min_scale: float = MIN_SCALE) -> list[Way]:
    """All of them, for squares of ``size`` x ``size`` pixels; those of resizing come first."""
    return [*_ways_of_resizing(size, min_scale), *_augmentations(size)]


def _ways_of_resizing(size: int, min_scale: float) -> list[Way]:
    described = {
        "crop": (
            "Crop",
            "Loses parts: a square is cut out, at another place each time, and the ends of a long photo are "
            "gone, perhaps with the subject. Nothing is distorted.",
            "each cut to a square",
        ),
        "pad": (
            "Pad",
            "Wastes pixels: all of the photo is there, undistorted, but smaller, and the network computes "
            "the black rest as well.",
            "whole, with black beside or above them",
        ),
        "squish": (
            "Squish",
            "Distorts: all of the photo is there, but whatever is in a long one gets thinner or wider, which "
            "hurts where classes differ in proportions.",
            "each squeezed into a square",
        ),
        "random": (
            "Random crop",
            f"Loses parts: each time a network sees another piece, of {100 * min_scale:.3g} % of the photo "
            "or more, a little distorted. It learns that place and size don't matter; a small subject may be "
            "missing.",
            "of each another part",
        ),
    }
    return [
        Way(name, "resize", *words, item=resizing(name, size, min_scale)) for name, words in described.items()
    ]


def _augmentations(size: int) -> list[Way]:
    """Off, each member of ``aug_transforms`` alone and as strong as it gets, and all of them together."""
    most = {name: of.default for name, of in inspect.signature(aug_transforms).parameters.items()}
    turned, warped, zoomed, lit = (most[f"max_{what}"] for what in ("rotate", "warp", "zoom", "lighting"))
    square = resizing("crop", size)

    def way(name: str, title: str, cost: str, seen: str, *batch: Any) -> Way:
        return Way(name, "augment", title, cost, seen, square, tuple(batch))

    return [
        way(
            OFF,
            "Off",
            "The same square in every epoch: nothing is lost, but a network sooner learns photos by heart.",
            "without augmentation",
        ),
        way(
            "flip",
            "Flip",
            "Mirrors half of the photos, which costs animals and plants nothing. It changes the meaning of "
            "letters such as b and d, digits, words, arrows, traffic signs, and left and right hands: leave "
            "it out there.",
            "each mirrored",
            Flip(p=1.0),
        ),
        way(
            "rotate",
            "Rotate",
            f"Tilts by up to {turned:g}°. Corners are lost, and filled with a mirror image of what is beside "
            "them. Wrong where the angle is the answer, as on a clock.",
            "each tilted",
            Rotate(max_deg=turned, p=1.0, draw=_in_turn(turned, -turned)),
        ),
        way(
            "zoom",
            "Zoom",
            f"Enlarges up to {zoomed:g} times. What is at the edges is lost.",
            "each enlarged a little",
            Zoom(max_zoom=zoomed, p=1.0, draw=zoomed, draw_x=0.5, draw_y=0.5),
        ),
        way(
            "warp",
            "Warp",
            f"Distorts by up to {100 * warped:.3g} %, as if seen from another side. Wrong for what always "
            "lies flat before the camera, such as scans, and where shapes are measured.",
            "each in another perspective",
            Warp(
                magnitude=warped,
                p=1.0,
                draw_x=_in_turn(warped, 0, -warped, 0),
                draw_y=_in_turn(0, warped, 0, -warped),
            ),
        ),
        way(
            "lighting",
            "Light",
            "Darker or brighter, with less contrast or more: detail gets lost in shadows and in lights. "
            "Wrong where brightness is the answer, as with ripe and unripe fruit.",
            "each darker or brighter",
            *setup_aug_tfms(
                [
                    Brightness(max_lighting=lit, p=1.0, draw=_in_turn((1 - lit) / 2, (1 + lit) / 2)),
                    Contrast(
                        max_lighting=lit, p=1.0, draw=_in_turn(1 - lit, 1 - lit, 1 / (1 - lit), 1 / (1 - lit))
                    ),
                ]
            ),
        ),
        way(
            "flip_vert",
            "Flip, also upside down",
            "Turns by quarters and mirrors; off unless asked for. Only for what has no up and down, such as "
            "photos from above or through a microscope: a 6 turns into a 9, and no bear stands on its head.",
            "each turned upside down or by a quarter",
            Dihedral(p=1.0, draw=_in_turn(4, 5, 2, 6)),
        ),
        way(
            "course",
            "All together",
            "What the course's aug_transforms draws: flip for half of the photos, each of rotate, zoom, warp "
            "and light for three quarters, from weak to strong. It costs what they cost, and time: a network "
            "has more to learn.",
            "each changed in several of these ways",
            *augmentation("course"),
        ),
    ]


def _in_turn(*values: float) -> Callable[[Tensor], Tensor]:
    """In place of fastai's random draw for each photo of a batch: these, one after the other."""
    return lambda batch: batch.new_tensor([values[index % len(values)] for index in range(len(batch))])
