from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.card import read_card, read_examples
from tests.helpers.drawings import CLASSES


def test_the_card_is_valid_json_that_people_can_read(pattern_bundle: Path) -> None:
    text = (pattern_bundle / "card.json").read_text("utf-8")
    assert json.loads(text)["classes"] == list(CLASSES)
    assert text.count("\n") > 20


def test_examples_come_with_the_bundle_and_are_checked(example_bundle: Path, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(example_bundle, tmp_path / "bundle"))
    examples = read_examples(bundle, read_card(bundle))
    assert [name for name, _ in examples] == ["example 1.jpg", "example 2.jpg", "example 3.jpg"]
    (bundle / "examples" / "example 2.jpg").write_bytes(b"another")
    with pytest.raises(UserError, match="was changed"):
        read_examples(bundle, read_card(bundle))
