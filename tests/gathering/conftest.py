from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.other_hosts import Elsewhere, played


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    (tmp_path / "elsewhere").mkdir()
    with played(tmp_path / "elsewhere", monkeypatch) as servers:
        yield servers


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return tmp_path / "training"
