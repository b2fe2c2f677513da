"""Objects that can be shown as the code that makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Call:
    """A call, to be made by calling it, and in words: the code that makes it, as text."""

    def __init__(self, function: Callable, *arguments: Any, **named: Any) -> None:
        self._function, self._arguments, self._named = function, arguments, named

    def __call__(self) -> Any:
        """Make the call."""
        return self._function(*self._arguments, **self._named)

    def __str__(self) -> str:
        words = [repr(value) for value in self._arguments]
        words += [f"{name}={value!r}" for name, value in self._named.items()]
        return f"{self._function.__qualname__}({', '.join(words)})"
