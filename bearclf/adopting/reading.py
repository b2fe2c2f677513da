"""What a learner's stand-in tells: its classes, how photos come to its network, and why it can't be used."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

from bearclf.adopting.messages import Step
from bearclf.adopting.stand_in import StandIn, listed, names_within, origin
from bearclf.errors import UserError

_TRAIN_ONLY = ("FlipItem", "DihedralItem", "RandomErasing", "MixUp", "CutMix")
_LIGHT = ("Brightness", "Contrast", "Saturation", "Hue", "LightingTfm", "SpaceTfm", "HSVTfm")
_SPATIAL = (
    "AffineCoordTfm",
    "Flip",
    "DeterministicFlip",
    "Dihedral",
    "DeterministicDihedral",
    "Rotate",
    "Zoom",
    "Warp",
)
_NOTHING_TO_DO = ("ToTensor", "ToImageTensor", "Cuda", "noop", "FlatCheck", *_TRAIN_ONLY)

# What photos or their classes are made of, by names that are found among their transforms: what it is then.
_OTHER_INPUTS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("PILImageBW",), "learned from grey pictures, while photos come in colour here"),
    (("PILDicom", "TensorDicom"), "learned from medical scans"),
    (("Tokenizer", "TokenizeWithRules", "Numericalize"), "reads text, not photos"),
    (("TabularPandas", "ReadTabBatch"), "reads tables, not photos"),
)
_OTHER_TARGETS: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("MultiCategorize", "OneHotEncode", "EncodedMultiCategorize"),
        "gives a photo several labels at once (multi-label)",
    ),
    (("RegressionSetup",), "predicts numbers (regression), not classes"),
    (("PILMask", "AddMaskCodes"), "marks regions of a photo (segmentation)"),
    (("PointScaler", "BBoxLabeler", "TensorPoint", "TensorBBox"), "finds points or boxes in a photo"),
)
_OTHER_LEARNERS = {
    "TextLearner": "reads text, not photos",
    "LMLearner": "reads text, not photos",
    "TabularLearner": "reads tables, not photos",
    "CollabLearner": "recommends things (collaborative filtering)",
}
NOT_YET = "A model of photos, each of one class, is all that can be adopted so far."


def the_learner(loaded: Any) -> StandIn:
    """The learner that a file holds; raises UserError, with a sentence on what it is, if it holds another
    thing.
    """
    name = origin(loaded).rpartition(".")[2]
    if isinstance(loaded, StandIn) and name in _OTHER_LEARNERS:
        raise UserError(f"This learner {_OTHER_LEARNERS[name]}. {NOT_YET}")
    if isinstance(loaded, StandIn) and name.endswith("Learner") and loaded.field("dls") is not None:
        return loaded
    if isinstance(loaded, StandIn) and loaded.field("_modules") is not None:
        raise UserError(
            "This file holds a network alone: neither its classes nor how photos are prepared for it. In the "
            "notebook where it was trained, run learn.export() and choose the export.pkl that it writes."
        )
    if isinstance(loaded, dict):
        raise UserError(
            "This file holds weights alone (a state_dict, as torch.save or learn.save writes it): neither "
            "the network that they belong to nor its classes. In the notebook where it was trained, load "
            "them with learn.load(…), run learn.export(), and choose the export.pkl that it writes."
        )
    what = origin(loaded) if isinstance(loaded, StandIn) else type(loaded).__name__
    raise UserError(
        f"This file holds no fastai learner but something else ({what[:120]}). An export.pkl is written by "
        "learn.export() in the notebook where the model was trained."
    )


def the_network(learner: StandIn) -> Any:
    """The learner's network: a layer, or the stand-in of one that isn't known here."""
    network = learner.field("model")
    while origin(network).rpartition(".")[2] in ("DataParallel", "DistributedDataParallel"):
        network = (network.field("_modules") or {}).get("module")
    return network


def the_architecture(learner: StandIn) -> str:
    """Its name, or nothing where the learner hasn't kept it."""
    named = learner.field("arch")
    name = named if isinstance(named, str) else origin(named).rpartition(".")[2] if named is not None else ""
    return name if re.fullmatch(r"[\w.+-]{1,100}", name, re.ASCII) else ""


def the_vocab(learner: StandIn) -> list[str]:
    """The classes, in the order of the network's outputs. Raises UserError if it has none, or others."""
    tls = [_functions(part) for part in listed((_dataset(learner) or _Nothing()).field("tls"))]
    if not tls:
        raise UserError(f"This learner has no photos and classes as fastai's DataBlock makes them. {NOT_YET}")
    inputs, targets = tls[:-1] or tls, tls[-1]
    if len(tls) > 2:
        raise UserError(f"This learner takes or gives {len(tls)} things at once. {NOT_YET}")
    for names, what in _OTHER_INPUTS:
        if any(name in names for part in inputs for name in names_within(part)):
            raise UserError(f"This learner {what}. {NOT_YET}")
    for names, what in _OTHER_TARGETS:
        if any(name in names for name in names_within(targets)):
            raise UserError(f"This learner {what}. {NOT_YET}")
    for function in targets:
        if _name(function) == "Categorize":
            labels = [_plain(label) for label in listed(function.field("vocab"))]
            if all(isinstance(label, str | int | float | bool) for label in labels):
                return [str(label) for label in labels]
    raise UserError(f"This learner doesn't say what its classes are. {NOT_YET}")


class _Nothing:
    def field(self, _: str) -> None:
        """As of a stand-in."""
        return


def _dataset(learner: StandIn) -> Any:
    return _loader(learner).field("dataset")


def _loader(learner: StandIn) -> StandIn:
    loaders = listed(learner.field("dls").field("loaders"))
    if not loaders or not isinstance(loaders[-1], StandIn):
        raise UserError(f"This learner doesn't say how photos are prepared for it. {NOT_YET}")
    return loaders[min(1, len(loaders) - 1)]


def the_steps(learner: StandIn) -> tuple[list[Step], list[Step], tuple[int, int]]:
    """What happens to a photo, and to a batch, when one is answered; and the height and width that the
    network sees. Raises UserError for a step that can't be made here.
    """
    loader = _loader(learner)
    before = [name for part in ("after_create", "before_batch", "create_item") for name in _own(loader, part)]
    if before:
        raise UserError(_unknown_step(before[0]))
    items = [step for made in _pipeline(loader, "after_item") if (step := _item_step(made)) is not None]
    batches = [step for made in _pipeline(loader, "after_batch") if (step := _batch_step(made)) is not None]
    size = next((step.size for step in reversed([*items, *batches]) if step.size is not None), None)
    if size is None:
        raise UserError(
            "This learner doesn't resize photos, so nobody knows how large its network wants them. Give its "
            "DataBlock item_tfms=Resize(224), and export it again."
        )
    return items, batches, size


def _pipeline(loader: StandIn, name: str) -> list[Any]:
    return _functions_of(loader.field(name))


def _own(loader: StandIn, name: str) -> list[str]:
    made = [_name(function) for function in _pipeline(loader, name)]
    return [name for name in made if name not in ("noop", "partial", "DisplayedTransform")]


def _functions(part: Any) -> list[Any]:
    return _functions_of(part.field("tfms")) if isinstance(part, StandIn) else []


def _functions_of(pipeline: Any) -> list[Any]:
    functions = listed(pipeline.field("fs")) if isinstance(pipeline, StandIn) else []
    order = [
        function.field("order", _order(function)) if isinstance(function, StandIn) else 0
        for function in functions
    ]
    by_order = sorted(
        range(len(functions)), key=lambda i: order[i] if isinstance(order[i], int | float) else 0
    )
    return [functions[i] for i in by_order]


def _order(function: Any) -> int:
    """When it has its turn; as a rule only its class knows."""
    own = function.field("order") if isinstance(function, StandIn) else None
    if isinstance(own, int):
        return own
    orders = {"Resize": 1, "RandomResizedCrop": 1, "RandomCrop": 1, "ToTensor": 5, "IntToFloatTensor": 10}
    name = _name(function)
    return (
        99
        if name == "Normalize"
        else 30
        if name in (*_SPATIAL, "RandomResizedCropGPU")
        else orders.get(name, 0)
    )


def _name(thing: Any) -> str:
    return origin(thing).rpartition(".")[2]


def _trains_only(made: Any) -> bool:
    return isinstance(made, StandIn) and made.field("split_idx") == 0


def _item_step(made: Any) -> Step | None:
    name = _name(made)
    if name in _NOTHING_TO_DO or _trains_only(made):
        return None
    words, numbers = {}, {}
    if name in ("Resize", "RandomResizedCrop"):
        resample = listed(made.field("resamples"))[:1] or [made.field("mode")]
        if (number := _number(resample[0])) is not None:
            numbers["resample"] = number
    if name == "Resize":
        words = _words(made, method="crop", pad_mode="reflection")
    elif name == "RandomResizedCrop":
        numbers |= _numbers(made, "val_xtra")
    elif name == "CropPad":
        words = _words(made, pad_mode="zeros")
    elif name != "RandomCrop":
        raise UserError(_unknown_step(origin(made)))
    known: Any = name
    return Step(name=known, size=_size(made.field("size")), numbers=numbers, words=words)


def _batch_step(made: Any) -> Step | None:
    name = _name(made)
    if name in (*_NOTHING_TO_DO, *_LIGHT) or _trains_only(made):
        return None
    if name == "IntToFloatTensor":
        return Step(name="IntToFloatTensor", numbers=_numbers(made, "div"))
    if name == "Normalize":
        mean, std = (_channels(made.field(which)) for which in ("mean", "std"))
        return Step(name="Normalize", mean=mean, std=std)
    if name in _SPATIAL:
        if made.field("size") is None:
            return None
        size = _size(made.field("size"), swapped=False)
        words = _words(made, mode="bilinear", pad_mode="reflection")
        return Step(name="AffineCoordTfm", size=size, words=words, numbers=_numbers(made, "align_corners"))
    if name == "RandomResizedCropGPU":
        size = _size(made.field("size"), swapped=False)
        return Step(
            name="RandomResizedCropGPU",
            size=size,
            words=_words(made, mode="bilinear"),
            numbers=_numbers(made, "valid_scale"),
        )
    raise UserError(_unknown_step(origin(made)))


def _unknown_step(name: str) -> str:
    return (
        f"Photos pass “{name[:120]}” before this network sees them: a step that isn't fastai's own, and "
        "whose code bearclf would have to run. Without it, answers would be others. Please train with "
        "fastai's own transforms (Resize, RandomResizedCrop, aug_transforms), and export again."
    )


def _size(size: Any, swapped: bool = True) -> tuple[int, int]:
    """Height and width; item transforms keep these the other way round."""
    sides = [_number(side) for side in listed(size)] or [_number(size)] * 2
    if len(sides) != 2 or None in sides or not all(8 <= side <= 2048 for side in sides if side):
        raise UserError("This learner resizes photos to a size that makes no sense. Please export it again.")
    first, second = (int(side or 0) for side in sides)
    return (second, first) if swapped else (first, second)


def _numbers(made: StandIn, *names: str) -> dict[str, float]:
    found = {name: _number(made.field(name)) for name in names}
    return {name: number for name, number in found.items() if number is not None}


def _words(made: StandIn, **usual: str) -> dict[str, str]:
    words = {}
    for name, default in usual.items():
        value = made.field(name, default)
        if isinstance(value, StandIn):  # a value of an enumeration
            value = next(iter(value.args), default)
        words[name] = value if isinstance(value, str) and len(value) < 40 else default
    return words


def _plain(value: Any) -> Any:
    """A number or a text of NumPy's, which a pickle has as the bytes of one, as Python's."""
    if not isinstance(value, StandIn) or not origin(value).endswith("multiarray.scalar"):
        return value
    kind, content = (*value.args, None, None)[:2]
    name = kind.args[0] if isinstance(kind, StandIn) and kind.args else ""
    if not isinstance(name, str) or not re.fullmatch(r"[iuf][1248]|b1|U\d{1,3}", name):
        return value
    if not isinstance(content, bytes) or len(content) != np.dtype(name).itemsize:
        return value
    return np.frombuffer(content, name)[0].item()


def _number(value: Any) -> float | None:
    value = _plain(value)
    if isinstance(value, StandIn):  # Pillow's enumeration, or an array
        value = next(iter(value.args), None)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    return float(value) if isinstance(value, int | float) else None


def _channels(value: Any) -> tuple[float, float, float]:
    numbers = value.flatten().tolist() if isinstance(value, torch.Tensor) else listed(value)
    if len(numbers) != 3 or not all(isinstance(number, int | float) for number in numbers):
        raise UserError("This learner's Normalize isn't one of colour photos. Please export it again.")
    return float(numbers[0]), float(numbers[1]), float(numbers[2])
