"""How work that takes long shows its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bearclf.errors import UserError

ProgressBar = Callable[[Iterable, int, str], Iterable]
"""Wraps an iterable to show how far it is: ``progress(iterable, total, description)``."""


class Stopped(UserError):
    """Raised by a progress bar, between two steps, once the person has asked to stop."""


def progress_bar(steps: Iterable, total: int, description: str) -> Iterable:
    """Show a bar in a terminal or a notebook; it goes when the work is done."""
    from tqdm.auto import tqdm

    return tqdm(steps, description, total, leave=False, disable=total == 0)


def unseen(steps: Iterable, total: int, description: str) -> Iterable:
    """No bar, for work that nobody waits for."""
    return steps
