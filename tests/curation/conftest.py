"""What is known of the photos of a folder."""

from __future__ import annotations

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
def scores(pattern_bundle: Path) -> Scores:
    return Scores.of(CLASSES, TrainingRecord.load((pattern_bundle / FEATURES).read_bytes()))
