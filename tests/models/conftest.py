"""A model that was configured, and versions of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.models.versions import Versions
from tests.helpers.versions import make_bundle


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def base(data: Path, tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "base")


@pytest.fixture
def versions(base: Path) -> Versions:
    return Versions(base)
