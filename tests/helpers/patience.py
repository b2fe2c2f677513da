"""How long a test waits for what should come at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

PATIENCE = 60.0  # seconds until a test gives up; what is waited for comes much sooner

Found = TypeVar("Found")


def until(look: Callable[[], Found | None]) -> Found:
    """What is found, once it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    pytest.fail("it did not come to pass")
