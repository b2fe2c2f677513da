"""A folder of patterns to curate, and what is known of its photos."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bearclf.curation.scores import Scores
from bearclf.models.bundle import FEATURES, TrainingRecord
from bearclf.photos.store import FeatureStore
from tests.helpers.drawings import CLASSES


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeatureStore]:
    with FeatureStore(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def folder(patterns: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(patterns, tmp_path / "patterns"))


@pytest.fixture
def scores(pattern_bundle: Path) -> Scores:
    return Scores.of(CLASSES, TrainingRecord.load((pattern_bundle / FEATURES).read_bytes()))
