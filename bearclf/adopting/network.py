"""The network of an export, told in plain words by the confined process, and made anew from them here.

The confined process tells the weights, and of the head, layer by layer, what each is; of the body only what
the learner calls it. Here the body is made by today's libraries, by that name or, failing that, as one of
those whose weights have these shapes, and given the weights. Nothing that was pickled takes part.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import timm
import torch
import torchvision
from fastai.layers import AdaptiveConcatPool2d, Flatten
from fastai.vision.all import create_body, create_timm_model, model_meta
from torch import nn

from bearclf.adopting.messages import Found, Layer
from bearclf.adopting.reading import NOT_YET
from bearclf.adopting.stand_in import StandIn, origin
from bearclf.errors import UserError
from bearclf.features.backbones import pooling

_ROWS = ("Sequential", "LinBnDrop")
_NUMBERS = {"Linear": ("in_features", "out_features"), "BatchNorm1d": ("num_features", "eps")}
_NOT_KEPT = "num_batches_tracked"  # counts steps of training; older networks don't have it


def describe(network: Any) -> tuple[list[Layer], dict[str, torch.Tensor]]:
    """The layers of the head, and all weights: ``body.`` with their names, ``head.`` with a layer's number.

    Raises UserError, which names the cause, if the network isn't as ``vision_learner`` makes it.
    """
    name = origin(network)
    if not isinstance(network, StandIn) or not name.startswith(("torch.", "torchvision.", "fastai", "timm.")):
        raise UserError(
            f"Its network is “{name[:120]}”, a class of somebody's own. An export holds no code, so it can't "
            "be made here. Please train with vision_learner or cnn_learner, and export again."
        )
    parts = _children(network)
    if not name.endswith(".Sequential") or len(parts) != 2:
        raise UserError(
            f"Its network ({name.rpartition('.')[2][:80]}) isn't made of a body and a head, as "
            f"vision_learner and cnn_learner make them. {NOT_YET}"
        )
    weights = {f"body.{name}": tensor for name, tensor in _weights(parts[0]).items()}
    layers: list[Layer] = []
    for part in _leaves(parts[1]):
        own = _weights(part)
        kind = origin(part).rpartition(".")[2]
        numbers = {field: part.field(field) for field in _NUMBERS.get(kind, ())}
        if kind not in _MADE_AS or not all(isinstance(number, int | float) for number in numbers.values()):
            raise UserError(
                f"The head of its network has a layer ({origin(part)[:120]}) that vision_learner's don't "
                f"have. {NOT_YET}"
            )
        weights |= {f"head.{len(layers)}.{name}": tensor for name, tensor in own.items()}
        known: Any = kind
        layers.append(Layer(name=known, numbers=numbers, bias="bias" in own))
    return layers, weights


def _children(layer: StandIn) -> list[StandIn]:
    children = layer.field("_modules") or {}
    return [child for child in children.values() if isinstance(child, StandIn)]


def _leaves(layer: StandIn) -> Iterator[StandIn]:
    if origin(layer).rpartition(".")[2] not in _ROWS:
        yield layer
        return
    for child in _children(layer):
        yield from _leaves(child)


def _weights(layer: StandIn, prefix: str = "") -> dict[str, torch.Tensor]:
    """The tensors below a layer, by their names in a state_dict."""
    tensors = {**(layer.field("_parameters") or {}), **(layer.field("_buffers") or {})}
    made_anew = layer.field("_non_persistent_buffers_set") or ()
    found = {
        f"{prefix}{name}": tensor.detach().clone().contiguous()
        for name, tensor in tensors.items()
        if isinstance(tensor, torch.Tensor) and name != _NOT_KEPT and name not in made_anew
    }
    for name, child in (layer.field("_modules") or {}).items():
        if isinstance(child, StandIn):
            found |= _weights(child, f"{prefix}{name}.")
    return found


def pack(weights: dict[str, torch.Tensor]) -> bytes:
    """Weights as torch saves them."""
    content = io.BytesIO()
    torch.save({name: tensor.data.as_subclass(torch.Tensor) for name, tensor in weights.items()}, content)
    return content.getvalue()


def build(found: Found, packed: bytes) -> tuple[str, nn.Sequential]:
    """The architecture, and the network as a body and a head that give scores to the classes.

    Raises UserError, which names the cause, if today's libraries have no such body, or it doesn't run.
    """
    try:
        loaded = torch.load(io.BytesIO(packed), map_location="cpu", weights_only=True)
        weights = {
            str(name): tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in loaded.items()
        }
        head = nn.Sequential(*map(_layer, found.head))
        _fill(head, {name[5:]: weights[name] for name in weights if name.startswith("head.")})
        of_body = {name[5:]: weights[name] for name in weights if name.startswith("body.")}
    except Exception as error:
        raise UserError(
            f"Its network can't be taken over ({type(error).__name__}: {str(error)[:200]}). Please train "
            "with vision_learner, and export again."
        ) from error
    for architecture in _candidates(found.architecture):
        body = _body(architecture, of_body)
        if body is None:
            continue
        network = nn.Sequential(body, head).eval()
        try:
            _try(network, found.input_size, len(found.vocab))
        except RuntimeError:
            continue  # the shapes fit, but not the head
        return architecture, network
    named = f" ({found.architecture})" if found.architecture else ""
    raise UserError(
        f"Its network{named} has weights of other shapes than the networks that torchvision "
        f"{torchvision.__version__} and timm {timm.__version__} make, or was cut elsewhere than "
        "vision_learner cuts it. Please load it in the notebook where it was trained, bring fastai and timm "
        "up to date there, and export it again."
    )


_MADE_AS = {
    "Linear": lambda of: nn.Linear(
        int(of.numbers["in_features"]), int(of.numbers["out_features"]), bias=of.bias
    ),
    "BatchNorm1d": lambda of: nn.BatchNorm1d(
        int(of.numbers["num_features"]), eps=of.numbers["eps"], affine=of.bias
    ),
    "AdaptiveConcatPool2d": lambda _: AdaptiveConcatPool2d(1),
    "AdaptiveAvgPool2d": lambda _: nn.AdaptiveAvgPool2d(1),
    "AdaptiveMaxPool2d": lambda _: nn.AdaptiveMaxPool2d(1),
    "Flatten": lambda _: Flatten(),
    "ReLU": lambda _: nn.ReLU(),
    "Dropout": lambda _: nn.Identity(),
    "Identity": lambda _: nn.Identity(),
}
"""How the layers of a head are made; dropout leaves answers as they are."""


def _layer(layer: Layer) -> nn.Module:
    # Without memory first: a size that no weights belong to is refused before it is asked for.
    with torch.device("meta"):
        made: nn.Module = _MADE_AS[layer.name](layer)
    return made


def _fill(module: nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Give a module the weights. Raises RuntimeError if they aren't its own, by name and shape."""
    lacking = set(module.state_dict()) - set(weights)
    if any(not name.endswith(_NOT_KEPT) for name in lacking):
        raise RuntimeError(f"it lacks {sorted(lacking)[0]}")
    extra = {name: torch.tensor(0) for name in lacking}
    module.load_state_dict({**weights, **extra}, assign=True)


def _candidates(named: str) -> Iterator[str]:
    """What the body may be: what it is called, or else any that the course knows."""
    if named:
        yield named
    yield from (name for function in model_meta if (name := function.__name__) != named)


def _body(architecture: str, weights: dict[str, torch.Tensor]) -> nn.Module | None:
    """The body of that name with these weights, by their names or else in their order; None if they don't
    fit.
    """
    shapes = [tensor.shape for tensor in weights.values()]
    for make in (_of_torchvision, _of_timm):
        try:
            with torch.device("meta"):
                body = make(architecture)
        except Exception:  # noqa: S112 - it has no such name, or wants more than a name
            continue
        if body is None:
            continue
        own = {name: tensor for name, tensor in body.state_dict().items() if not name.endswith(_NOT_KEPT)}
        if set(own) == set(weights) and all(own[name].shape == weights[name].shape for name in own):
            named = weights
        elif [tensor.shape for tensor in own.values()] == shapes:
            named = dict(zip(own, weights.values(), strict=True))  # the same under other names
        else:
            continue
        body = make(architecture)  # what isn't a weight has its values, too
        assert body is not None
        _fill(body, named)
        return body
    return None


def _of_torchvision(architecture: str) -> nn.Module | None:
    for function, meta in model_meta.items():
        if function.__name__ == architecture and "weights" in meta:
            body: nn.Module = create_body(function(weights=None), cut=meta["cut"])
            return body
    if architecture not in torchvision.models.list_models(torchvision.models):
        return None
    other: nn.Module = create_body(torchvision.models.get_model(architecture, weights=None))
    return other


def _of_timm(architecture: str) -> nn.Module | None:
    name = architecture.partition(".")[0]
    if name not in timm.list_models():
        return None
    made, _ = create_timm_model(name, 2, pretrained=False)
    body: nn.Module = made[0]
    return body


@torch.inference_mode()
def _try(network: nn.Sequential, size: tuple[int, int], classes: int) -> None:
    body, head = network
    maps = body(torch.zeros(2, 3, *size))
    scores = head(maps)
    pooling(body)(maps)
    if tuple(scores.shape) != (2, classes):
        raise UserError(
            f"Its network gives {tuple(scores.shape)[1:]} scores for {classes} classes. {NOT_YET}"
        )
