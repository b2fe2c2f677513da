"""Unpickle without running anything: what isn't a layer of a network becomes a stand-in.

A pickle is a program for a small machine, whose instructions call what it names. Here nothing is called but
a handful of functions that put tensors together. Layers of torch, torchvision, timm and fastai are made,
without their constructors, and given their state. Whatever else is named, or called, is a :class:`StandIn`
that remembers it: a labelling function, a path of another system, a transform of fastai 2.1, ``os.system``.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType
from typing import Any, BinaryIO, ClassVar

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import numpy as np
import torch

from bearclf.adopting.stand_in import StandIn, origin

LAYER_ROOMS = ("torch.nn.", "torchvision.models.", "torchvision.ops.", "timm.", "fastai.")
"""Beginnings of the modules that layers come from."""

FUNCTION_ROOMS = ("torch.nn.functional", "torch._C._nn", "timm.layers.", "torchvision.ops.")
"""And of those whose functions a layer may remember, to call them with tensors."""

MOVED = (
    ("fastai2.", "fastai."),
    ("timm.models.layers.", "timm.layers."),
    ("torchvision.models.mobilenet.", "torchvision.models.mobilenetv2."),
    ("torchvision.models.utils.", "torchvision.models._utils."),
)
"""Where modules have gone since."""

_ALSO_IN = ("timm.layers", "torchvision.ops.misc", "fastai.layers", "fastai.vision.learner")


def layer_or_function(module: str, name: str) -> Any:
    """The class of a layer, or of an enumeration or a function that layers remember, by the name that a
    pickle has for it; else None.
    """
    for found in _candidates(module, name):
        if (isinstance(found, type) and issubclass(found, torch.nn.Module)) or (
            isinstance(found, type) and issubclass(found, Enum)
        ):
            if _begins(found.__module__, LAYER_ROOMS):
                return found
        elif isinstance(found, FunctionType | BuiltinFunctionType):
            home = getattr(found, "__module__", None) or module
            if _begins(home, FUNCTION_ROOMS) and _begins(module, FUNCTION_ROOMS):
                return found
    return None


def _candidates(module: str, name: str) -> Iterator[Any]:
    for before, now in MOVED:
        if f"{module}.".startswith(before):
            module = now + module[len(before) :] if module != before[:-1] else now[:-1]
    if not _begins(module, (*LAYER_ROOMS, *FUNCTION_ROOMS)) or not name.isidentifier():
        return
    homes = [module, *(_ALSO_IN if _begins(module, LAYER_ROOMS) else ())]
    for home in homes:
        try:
            yield getattr(importlib.import_module(home), name)
        except Exception:  # noqa: S112 - no such module, or one that can't be imported here
            continue


def _begins(module: str, rooms: tuple[str, ...]) -> bool:
    return f"{module}.".startswith(tuple(room if room.endswith(".") else f"{room}." for room in rooms))


def _tensor(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> torch.Tensor:
    return torch._utils._rebuild_tensor_v2(storage, offset, tuple(size), tuple(stride), False, OrderedDict())


def _parameter(data: Any, requires_grad: bool, *_: Any) -> torch.nn.Parameter:
    return torch.nn.Parameter(data, requires_grad=bool(requires_grad) and data.is_floating_point())


def _of_type(function: Any, kind: Any, args: Any, *_: Any) -> Any:
    """A tensor of a class of fastai's own, which is an ordinary one here."""
    return _tensor(*args) if function in (_tensor, _of_fastai) else _parameter(*args)


def _of_fastai(kind: Any, *args: Any) -> torch.Tensor:
    return _tensor(*args)


def _bytes(text: str = "", encoding: str = "latin1", *_: Any) -> bytes:
    return text.encode("latin1") if encoding == "latin1" else b""


def _dict(pairs: Any = ()) -> OrderedDict:
    return OrderedDict(pairs)


_numpy_scalar: Any = np.float32(0).__reduce__()[0]  # it has had several homes

_MADE: dict[tuple[str, str], Callable[..., Any]] = {
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("torch._tensor", "_rebuild_from_type"): _of_type,
    ("torch._tensor", "_rebuild_from_type_v2"): _of_type,
    ("torch.tensor", "_rebuild_from_type"): _of_type,
    ("fastai.torch_core", "_fa_rebuild_tensor"): _of_fastai,
    ("collections", "OrderedDict"): _dict,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "slice"): slice,
    ("builtins", "complex"): complex,
    ("builtins", "bytearray"): bytearray,
    ("_codecs", "encode"): _bytes,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "scalar"): _numpy_scalar,
    ("numpy._core.multiarray", "scalar"): _numpy_scalar,
    ("functools", "partial"): partial,
}
"""What is called, by its name: these only make what they are given."""

_CALLED = frozenset(map(id, _MADE.values()))
_PLAIN = ("int", "float", "bool", "str", "bytes", "list", "dict", "tuple", "object", "type", "NoneType")


class InertUnpickler(pickle._Unpickler):
    """Python's own unpickler in Python, but that it calls nothing a pickle names.

    ``stood_in`` collects the names of what it would have imported.
    """

    stood_in: ClassVar[dict[str, None]] = {}
    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)
    _classes: ClassVar[dict[str, type[StandIn]]] = {}
    stack: list[Any]
    append: Callable[[Any], None]

    def find_class(self, module: str, name: str) -> Any:
        """A layer, one of the few functions that are called, or a class of stand-ins."""
        module = {"__builtin__": "builtins"}.get(module, module)
        made = _MADE.get((module, name)) or layer_or_function(module, name)
        if made is not None:
            return made
        if module == "torch" and (name.endswith("Storage") or hasattr(torch, name)):
            kept = getattr(torch, name, None)
            if isinstance(kept, torch.dtype) or name.endswith("Storage"):
                return kept
        if module == "builtins" and name in _PLAIN:
            return getattr(builtins, name, type(None))
        if module == "torch.serialization" and name == "_get_layout":
            return lambda _: torch.strided
        return self._stand_in(module, name)

    def _stand_in(self, module: str, name: str) -> type[StandIn]:
        whole = f"{module}.{name}"
        self.stood_in.setdefault(whole)
        if whole not in self._classes:
            self._classes[whole] = type("StandIn", (StandIn,), {"origin": whole})
        return self._classes[whole]

    def _called(self, function: Any, args: Any) -> Any:
        if isinstance(function, type) and issubclass(function, StandIn):
            return function(*args)
        if function is partial:
            if not args or not _is_layer_or_function(args[0]):
                return self._stand_in("functools", "partial")(*args)
            return partial(args[0])
        if isinstance(function, type) and issubclass(function, Enum) and len(args) == 1:
            return function(args[0])
        if id(function) in _CALLED:
            return function(*args)
        if function in (bytes, tuple, list, dict, str, int, float, bool) and len(args) <= 1:
            return function(*args)
        return self._stand_in("a call of", origin(function))(function, *args)

    def load_reduce(self) -> None:
        """A call, which isn't made."""
        args, function = self.stack.pop(), self.stack[-1]
        self.stack[-1] = self._called(function, args)

    def _new(self, made: Any, args: Any) -> Any:
        if isinstance(made, type) and issubclass(made, torch.nn.Module):
            return made.__new__(made)
        return self._called(made, args)

    def load_newobj(self) -> None:
        """An object, without its constructor."""
        args, made = self.stack.pop(), self.stack.pop()
        self.append(self._new(made, args))

    def load_newobj_ex(self) -> None:
        """The same."""
        self.stack.pop()
        self.load_newobj()

    def _instantiate(self, klass: Any, args: Any) -> None:
        self.append(self._new(klass, tuple(args)))

    def load_build(self) -> None:
        """What an object remembers."""
        state, made = self.stack.pop(), self.stack[-1]
        if isinstance(made, StandIn):
            made.__setstate__(state)
        elif isinstance(made, torch.nn.Module):
            if isinstance(state, dict) and all(isinstance(name, str) for name in state):
                _give_state(made, state)
        elif isinstance(made, partial):
            if isinstance(state, tuple) and len(state) == 4 and state[0] is made.func:
                self.stack[-1] = partial(made.func, *state[1], **state[2])
        elif isinstance(made, np.dtype) and isinstance(state, tuple):
            getattr(made, "__setstate__")(state)  # noqa: B009 - numpy's types don't tell of it

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build


def _is_layer_or_function(thing: Any) -> bool:
    if isinstance(thing, type):
        return issubclass(thing, torch.nn.Module)
    return isinstance(thing, FunctionType | BuiltinFunctionType) and id(thing) not in _CALLED


def _give_state(layer: torch.nn.Module, state: dict[str, Any]) -> None:
    """What a layer remembers, without anything that is called at each step."""
    state = {name: value for name, value in state.items() if name not in _METHODS}
    try:
        layer.__setstate__(state)
    except Exception:  # it wants what it didn't have yet when this was written
        layer.__dict__.update(state)
    for name in _HOOKS:
        layer.__dict__[name] = OrderedDict() if name != "_is_full_backward_hook" else None


_HOOKS = tuple(name for name in torch.nn.Module().__dict__ if "hook" in name)
_METHODS = frozenset(name for name, _ in inspect.getmembers(torch.nn.Module, inspect.isfunction))


class InertPickle:
    """Stands for the module pickle where torch asks for one."""

    Unpickler = InertUnpickler

    @staticmethod
    def load(file: BinaryIO, **options: Any) -> Any:
        """As of the module."""
        return InertUnpickler(file, **options).load()


def load_inert(file: BinaryIO) -> tuple[Any, list[str]]:
    """What torch has saved in a file, on the CPU; and the names of all that a stand-in was put in place of.

    Raises whatever the file makes torch and Python raise.
    """
    InertUnpickler.stood_in.clear()
    loaded = torch.load(file, map_location="cpu", pickle_module=InertPickle, weights_only=False)
    return loaded, list(InertUnpickler.stood_in)
