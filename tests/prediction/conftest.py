"""What answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.prediction.predictor import Predictor


@pytest.fixture(scope="package")
def predictor(pattern_bundle: Path) -> Predictor:
    return Predictor(pattern_bundle)
