"""Stand-ins for what a pickle names and isn't made here, and what can be read off them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import Any, ClassVar

import torch

_MOST_WALKED = 50_000


class StandIn:
    """What a pickle made that isn't made here: of the class or function ``origin``, from ``args``, with
    ``state`` and, if it is a collection, ``items``.
    """

    origin: ClassVar[str] = ""
    args: tuple[Any, ...]
    state: Any
    items: list[Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> StandIn:
        """An object that has remembered what it would have been made of."""
        made = super().__new__(cls)
        made.args, made.state, made.items = args, None, []
        return made

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        """What pickle gives an object back."""
        self.state = state

    def append(self, item: Any) -> None:
        """As of a list."""
        self.items.append(item)

    def extend(self, items: Any) -> None:
        """As of a list."""
        self.items.extend(items)

    def add(self, item: Any) -> None:
        """As of a set."""
        self.items.append(item)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items.append((key, value))

    def field(self, name: str, default: Any = None) -> Any:
        """An attribute by its name."""
        for part in self.state if isinstance(self.state, tuple) else (self.state,):
            if isinstance(part, dict) and name in part:
                return part[name]
        return default


def origin(thing: Any) -> str:
    """Module and name of what a thing is an instance of, or stands for; of a class or function, its own."""
    if isinstance(thing, StandIn):
        return type(thing).origin
    if isinstance(thing, type) and issubclass(thing, StandIn):
        return thing.origin
    named = thing if isinstance(thing, type | FunctionType) else type(thing)
    return f"{named.__module__}.{named.__qualname__}"


def listed(thing: Any) -> list[Any]:
    """The elements of a list, or of a stand-in for one of fastcore's kinds of list."""
    for _ in range(5):
        if isinstance(thing, list | tuple):
            return list(thing)
        if not isinstance(thing, StandIn):
            return []
        inside = thing.field("items")
        if inside is None and thing.items:
            return list(thing.items)
        thing = inside if inside is not None else next(iter(thing.args), None)
    return []


def names_within(thing: Any) -> Iterator[str]:
    """The names, without modules, of all classes and functions below some transforms."""
    seen: set[int] = set()
    ahead = [thing]
    while ahead and len(seen) < _MOST_WALKED:
        one = ahead.pop()
        if id(one) in seen or isinstance(one, str | int | float | torch.Tensor | torch.nn.Module):
            continue
        seen.add(id(one))
        if isinstance(one, StandIn) or (isinstance(one, type) and issubclass(one, StandIn)):
            yield origin(one).rpartition(".")[2]
        if isinstance(one, StandIn):
            ahead += [one.args, one.state, one.items]
        elif isinstance(one, dict):
            ahead += [*one.keys(), *one.values()]
        elif isinstance(one, Iterable) and not isinstance(one, type | bytes):
            ahead += list(one)
