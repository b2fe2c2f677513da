"""A passphrase, and no server that would say who may curate."""

from __future__ import annotations

import pytest

from bearclf.access.passphrase import hash_passphrase

RIGHT = "four quite unlike words"


@pytest.fixture(autouse=True)
def _alone(outside_any_server: None) -> None:
    """Who may curate is what a test says."""


@pytest.fixture(scope="session")
def hashed() -> str:
    return hash_passphrase(RIGHT)
