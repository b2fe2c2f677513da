"""The network of an export as today's libraries run it: split in two, mended, tried and packed."""

from __future__ import annotations

import inspect
import io
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType
from typing import Any

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import timm
import torch
from fastai.vision.all import create_body, create_timm_model, model_meta
from torch import nn

from bearclf.adopting.inert import layer_or_function
from bearclf.adopting.reading import NOT_YET
from bearclf.adopting.stand_in import StandIn, origin
from bearclf.errors import UserError
from bearclf.features.backbones import pooling

_POOLS = ("AdaptiveAvgPool2d", "AdaptiveConcatPool2d", "AdaptiveMaxPool2d", "SelectAdaptivePool2d")


def runnable(
    network: Any, architecture: str, size: tuple[int, int], classes: int
) -> tuple[nn.Sequential, list[str]]:
    """The network as a body and a head that give scores to ``classes`` classes, and notes on what was mended.

    ``size`` is the height and width that it sees. Raises UserError, which names the cause, if it doesn't run.
    """
    if not isinstance(network, nn.Module):
        raise UserError(
            f"Its network is “{origin(network)[:120]}”, a class of somebody's own. An export holds no code, "
            "so it can't be made here. Please train with vision_learner or cnn_learner, and export again."
        )
    missing = [origin(part) for part in stand_ins(network)]
    trouble = f"{missing[0]} isn't known here" if missing else ""
    if not missing:
        split = _split(network)
        mended = [_complete(layer) for layer in split.modules()]
        try:
            _try(split, size, classes)
        except UserError:
            raise
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
        else:
            notes = sorted({name for names in mended for name in names})
            return split, [
                f"Layers lacked what today's libraries ask for, and were given it: {', '.join(notes)}."
            ] if notes else []
    again = _anew(network, architecture)
    if again is not None:
        try:
            _try(again, size, classes)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}"
        else:
            anew = f"Its {architecture} was made anew with today's libraries, and given its weights"
            return again, [f"{anew} ({trouble[:200]})."]
    raise UserError(
        f"Its network ({architecture}) was made with other versions of torchvision or timm, and doesn't run "
        f"with timm {timm.__version__} and torch {torch.__version__}: {trouble[:300]}. Please load it in the "
        "notebook where it was trained, bring fastai and timm up to date there, and export it again."
    )


def stand_ins(network: nn.Module) -> list[StandIn]:
    """Parts of a network that are no layers here."""
    found: list[Any] = []
    seen, ahead = set(), [network]
    while ahead:
        layer = ahead.pop()
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        parts = [*vars(layer).get("_modules", {}).values(), *vars(layer).values()]
        found += [part for part in parts if isinstance(part, StandIn) or _is_stand_in(part)]
        ahead += [part for part in parts if isinstance(part, nn.Module)]
    return found


def _is_stand_in(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, StandIn)


def _split(network: nn.Module) -> nn.Sequential:
    """As vision_learner makes it, of two parts; other rows of layers are cut before they pool."""
    children = list(network.children()) if isinstance(network, nn.Sequential) else []
    if len(children) == 2:
        return nn.Sequential(*children)
    for index, child in enumerate(children):
        if type(child).__name__ in _POOLS and index > 0:
            return nn.Sequential(nn.Sequential(*children[:index]), nn.Sequential(*children[index:]))
    raise UserError(
        f"Its network ({type(network).__name__}) isn't made of a body and a head, as vision_learner and "
        f"cnn_learner make them. {NOT_YET}"
    )


@torch.inference_mode()
def _try(network: nn.Sequential, size: tuple[int, int], classes: int) -> None:
    network.eval().float()
    body, head = network
    maps = body(torch.zeros(2, 3, *size))
    scores = head(maps)
    pooling(body)(maps)
    if tuple(scores.shape) != (2, classes):
        raise UserError(
            f"Its network gives {tuple(scores.shape)[1:]} scores for {classes} classes. {NOT_YET}"
        )


def _complete(layer: nn.Module) -> list[str]:
    """Give a layer the attributes that its class has today and hadn't when it was written.

    They are those of a new layer that is made with what this one remembers. Returns their names.
    """
    remembered = {**vars(layer), **vars(layer).get("_modules", {})}
    parameters = inspect.signature(type(layer).__init__).parameters
    known = {
        name: remembered[name]
        for name, parameter in list(parameters.items())[1:]
        if name in remembered and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }
    if isinstance(layer, nn.Sequential | nn.ModuleList | nn.ModuleDict):
        return []
    try:
        with torch.device("meta"):
            new = type(layer)(**known)
    except Exception:  # it can't be told what it was made with
        return []
    lacking = [
        name
        for name, value in vars(new).items()
        if name not in vars(layer) and not isinstance(value, torch.Tensor | nn.Module)
    ]
    for name in lacking:
        vars(layer)[name] = vars(new)[name]
    return [f"{type(layer).__name__}.{name}" for name in lacking]


def _anew(network: nn.Module, architecture: str) -> nn.Sequential | None:
    """The same network with a body that today's libraries make by its name, if the weights fit into it."""
    weights = _weights(network)
    parts = list(vars(network).get("_modules", {}).values())
    if len(parts) != 2 or not isinstance(parts[1], nn.Module) or stand_ins(parts[1]):
        return None
    body = _new_body(architecture)
    if body is None:
        return None
    own = {name.partition(".")[2]: tensor for name, tensor in weights.items() if name.startswith("0.")}
    target = body.state_dict()
    if set(own) != set(target):
        shapes = [tensor.shape for tensor in own.values()]
        if shapes != [tensor.shape for tensor in target.values()]:
            return None
        own = dict(zip(target, own.values(), strict=True))  # the same tensors under other names
    try:
        body.load_state_dict(own)
    except RuntimeError:
        return None
    return nn.Sequential(body, parts[1])


def _new_body(architecture: str) -> nn.Module | None:
    try:
        for function in model_meta:
            if function.__name__ == architecture:
                return create_body(function(weights=None), cut=model_meta[function]["cut"])
        if architecture in timm.list_models():
            made, _ = create_timm_model(architecture, 2, pretrained=False)
            body: nn.Module = made[0]
            return body
    except Exception:
        return None
    return None


def _weights(part: Any, prefix: str = "") -> dict[str, torch.Tensor]:
    """The tensors below a layer, or a stand-in for one, by their names in a state_dict."""
    inside = part.field if isinstance(part, StandIn) else vars(part).get
    tensors = {**(inside("_parameters") or {}), **(inside("_buffers") or {})}
    found = {
        f"{prefix}{name}": tensor for name, tensor in tensors.items() if isinstance(tensor, torch.Tensor)
    }
    for name, child in (inside("_modules") or {}).items():
        if child is not None:
            found |= _weights(child, f"{prefix}{name}.")
    return found


def pack(network: nn.Sequential) -> tuple[bytes, list[tuple[str, str]]]:
    """A network as torch saves it, and the modules and names of the layers and functions in it."""
    for tensor in [*network.parameters(), *network.buffers()]:
        tensor.data = tensor.data.detach().clone().contiguous()
        tensor.requires_grad_(False)
    content = io.BytesIO()
    torch.save(network, content)
    named: dict[tuple[str, str], None] = {}
    for layer in network.modules():
        for thing in (type(layer), *vars(layer).values()):
            functions = (thing.func, partial) if isinstance(thing, partial) else (thing,)
            functions = (type(thing),) if isinstance(thing, Enum) else functions
            for function in functions:
                if isinstance(function, type | FunctionType | BuiltinFunctionType):
                    named[function.__module__ or "", function.__qualname__] = None
    return content.getvalue(), list(named)


def unpack(content: bytes, layers: list[tuple[str, str]]) -> nn.Sequential:
    """What :func:`pack` gave, in another process: nothing is made but tensors and ``layers``.

    Raises UserError if it is anything else.
    """
    allowed: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = []
    for module, name in layers:
        if (module, name) == ("functools", "partial"):
            allowed.append(partial)
        elif (found := layer_or_function(module, name)) is not None:
            allowed.append((found, f"{module}.{name}"))
    try:
        with torch.serialization.safe_globals(allowed):
            network = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        body, head = network
        hooks = [
            value for layer in network.modules() for name, value in vars(layer).items() if "_hooks" in name
        ]
        if (
            type(network) is not nn.Sequential
            or any(hooks)
            or "forward" in {n for m in network.modules() for n in vars(m)}
        ):
            raise TypeError("not a network as it was asked for")
        return nn.Sequential(OrderedDict([("0", body), ("1", head)])).eval()
    except Exception as error:
        raise UserError(
            f"Its network ({type(error).__name__}: {str(error)[:200]}) holds more than layers of torch, "
            "torchvision, timm and fastai, so it wasn't taken over. Please train with vision_learner, and "
            "export again."
        ) from error
