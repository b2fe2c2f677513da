"""Unpickle without running anything: all but tensors and plain values becomes a stand-in.

A pickle is a program for a small machine, whose instructions call what it names. Here nothing is called but
a handful of functions that put tensors together, and nothing that it names is even looked up: a layer, a
labelling function, a path of another system, a transform of fastai 2.1 and ``os.system`` alike become a
:class:`StandIn` that remembers its name, and what it would have been made of.
"""

from __future__ import annotations

import builtins
import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO, ClassVar

import bearclf.features  # noqa: F401 - makes torchvision importable

# isort: split
import torch

from bearclf.adopting.stand_in import StandIn, origin
from bearclf.errors import UserError


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
}
"""What is called, by its name: these only make what they are given."""

_CALLED = frozenset(map(id, _MADE.values()))
_PLAIN = ("int", "float", "bool", "str", "bytes", "list", "dict", "tuple")


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
        """One of the few functions that are called, a kind of tensor, or a class of stand-ins."""
        module = {"__builtin__": "builtins"}.get(module, module)
        if (made := _MADE.get((module, name))) is not None:
            return made
        if module == "torch" and (
            name.endswith("Storage") or isinstance(getattr(torch, name, None), torch.dtype)
        ):
            return getattr(torch, name)
        if module == "builtins" and name in _PLAIN:
            return getattr(builtins, name)
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
        if id(function) in _CALLED:
            return function(*args)
        if function in (bytes, tuple, list, dict, str, int, float, bool) and len(args) <= 1:
            return function(*args)
        return self._stand_in("a call of", origin(function))(function, *args)

    def load_reduce(self) -> None:
        """A call, which isn't made."""
        args, function = self.stack.pop(), self.stack[-1]
        self.stack[-1] = self._called(function, args)

    def load_newobj(self) -> None:
        """An object, without its constructor."""
        args, made = self.stack.pop(), self.stack.pop()
        self.append(self._called(made, args))

    def load_newobj_ex(self) -> None:
        """The same."""
        self.stack.pop()
        self.load_newobj()

    def _instantiate(self, klass: Any, args: Any) -> None:
        self.append(self._called(klass, tuple(args)))

    def load_build(self) -> None:
        """What an object remembers."""
        state, made = self.stack.pop(), self.stack[-1]
        if isinstance(made, StandIn):
            made.__setstate__(state)

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build


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
    torch.jit.load = _no_torch_script  # torch would go there by itself, and that runs code
    loaded = torch.load(file, map_location="cpu", pickle_module=InertPickle, weights_only=False)
    return loaded, list(InertUnpickler.stood_in)


def _no_torch_script(*_: Any, **__: Any) -> Any:
    raise UserError(
        "This file holds TorchScript, a program of its own. An export.pkl is written by learn.export() in "
        "the notebook where the model was trained."
    )
