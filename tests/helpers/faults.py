"""Faults of the system, made to happen."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest


def failing(name: str, code: int, monkeypatch: pytest.MonkeyPatch, when: Callable[..., bool]) -> None:
    """Let the system refuse ``os.NAME`` when its arguments are such."""
    original = getattr(os, name)

    def operation(*args: Any, **options: Any) -> Any:
        if when(*args):
            raise OSError(code, os.strerror(code), str(args[0]))
        return original(*args, **options)

    monkeypatch.setattr(os, name, operation)


def about(name: str) -> Callable[..., bool]:
    return lambda *args: any(str(one).endswith(name) for one in args)


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
