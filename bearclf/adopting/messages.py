"""What the confined process says of a file: typed, and checked as it comes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(max_length=300)]
Names = Annotated[tuple[Name, ...], msgspec.Meta(max_length=2000)]
Side = Annotated[int, msgspec.Meta(ge=8, le=2048)]
Small = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True):
    """Whatever the confined process says."""


class Refused(Said, frozen=True):
    """The file can't be used, for a reason in a sentence."""

    sentence: Annotated[str, msgspec.Meta(max_length=1500)]


class Contents(Said, frozen=True):
    """What a file would import: ``usual`` for fastai's exports, functions of the person's ``own``, and
    ``unusual`` names. ``unlimited`` is what of the process could not be limited.
    """

    usual: Names
    own: Names
    unusual: Names
    unlimited: Names


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A transform that photos pass, by fastai's name; ``size`` is height and width."""

    name: Literal[
        "Resize",
        "RandomResizedCrop",
        "RandomCrop",
        "CropPad",
        "IntToFloatTensor",
        "Normalize",
        "AffineCoordTfm",
        "RandomResizedCropGPU",
    ]
    size: tuple[Side, Side] | None = None
    numbers: Annotated[dict[Name, Small], msgspec.Meta(max_length=12)] = {}
    words: Annotated[dict[Name, Name], msgspec.Meta(max_length=12)] = {}
    mean: tuple[Small, Small, Small] | None = None
    std: tuple[Small, Small, Small] | None = None


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A layer of the head, and what it was made with; ``bias`` is whether it has one."""

    name: Literal[
        "Linear",
        "BatchNorm1d",
        "AdaptiveConcatPool2d",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
        "Flatten",
        "ReLU",
        "Dropout",
        "Identity",
    ]
    numbers: Annotated[dict[Name, Small], msgspec.Meta(max_length=4)] = {}
    bias: bool = False


class Found(Said, frozen=True, kw_only=True):
    """A network: its ``head``, and the ``architecture`` that its body is called, or nothing. What follows in
    ``network_bytes`` are its weights, as torch saves them.
    """

    vocab: Annotated[tuple[Name, ...], msgspec.Meta(min_length=2, max_length=10_000)]
    architecture: Annotated[str, msgspec.Meta(pattern=r"^[\w.+-]{0,100}$")]
    item_steps: Annotated[tuple[Step, ...], msgspec.Meta(max_length=12)]
    batch_steps: Annotated[tuple[Step, ...], msgspec.Meta(max_length=12)]
    input_size: tuple[Side, Side]
    head: Annotated[tuple[Layer, ...], msgspec.Meta(max_length=60)]
    unlimited: Names
    network_bytes: int


Answer = Refused | Contents | Found
