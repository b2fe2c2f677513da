from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.card import introduction, read_card, read_examples
from tests.helpers.drawings import CLASSES
from tests.helpers.fakes import card


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


@pytest.mark.parametrize(
    ("none_below", "known_from"),
    [
        (0.9, 0.4),
        (math.nan, 0.9),
        (0.4, math.nan),
        ("0.4", 0.9),
        ("0.4", "0.9"),
        (0.4, None),
        (0.4, math.inf),
    ],
)
def test_thresholds_that_cannot_be_are_damage(
    pattern_bundle: Path, tmp_path: Path, none_below: object, known_from: object
) -> None:
    content = json.loads((pattern_bundle / "card.json").read_text("utf-8"))
    content |= {"none_below": none_below, "known_from": known_from}
    (tmp_path / "card.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="is damaged"):
        read_card(tmp_path)


@pytest.mark.parametrize("elsewhere", [[], None, {"variants": {"as they are": {}}}, {"variants": 3}])
def test_figures_that_no_sentence_can_be_made_of_are_damage(
    pattern_bundle: Path, tmp_path: Path, elsewhere: object
) -> None:
    content = json.loads((pattern_bundle / "card.json").read_text("utf-8")) | {"elsewhere": elsewhere}
    (tmp_path / "card.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="is damaged"):
        read_card(tmp_path)


@pytest.mark.parametrize(("right", "wrong"), [(1.0, "none"), (2 / 3, "1")])
def test_of_a_few_photos_no_share_is_claimed(right: float, wrong: str) -> None:
    variants = {name: {"n": 3, "accuracy": right} for name in ("as they are", "drawn")}
    elsewhere = {"folder": "", "n": 3, "variants": variants}
    _, limits = introduction(card(["black", "grizzly"], "bear", elsewhere=elsewhere))
    sentence = f"Of 3 photos unlike those I learned from I got {wrong} wrong, too few to say more. "
    assert limits == sentence + ANYTHING_ELSE


def test_of_several_labels_each_is_a_yes_or_no() -> None:
    variants = {"as they are": {"n": 60, "accuracy": 1 - 8 / 180}}
    elsewhere = {"folder": "", "n": 60, "variants": variants}
    _, limits = introduction(card(["dog", "fog", "sea"], elsewhere=elsewhere, threshold=0.5))
    assert limits.startswith("Of 180 yeses and noes about photos unlike those I learned from I got 8 wrong, ")


ANYTHING_ELSE = "Anything else, I'll say so, though I can be fooled by what looks much like one of them."


@pytest.mark.parametrize(
    ("accuracies", "sentence"),
    [
        ({}, ""),
        ({"small": 0.5}, ""),  # more than what?
        ({"as they are": 0.998, "small": 0.95}, "Of photos from elsewhere I get fewer than 1 in 100 wrong. "),
        (
            {"as they are": 0.982, "small": 0.96, "dark": 0.94, "drawn": 0.8, "far away": 0.87},
            "Of photos from elsewhere I get about 2 in 100 wrong, "
            "of dark, drawn and far-away ones about 6 to 20. ",
        ),
        (
            {"as they are": 0.93, "grey": 0.87, "drawn": 0.7},  # grey isn't much worse
            "Of photos from elsewhere I get about 7 in 100 wrong, of drawn ones about 30. ",
        ),
    ],
)
def test_it_says_how_often_it_is_wrong_about_photos_from_elsewhere(
    accuracies: dict[str, float], sentence: str
) -> None:
    variants = {name: {"n": 223, "accuracy": accuracy} for name, accuracy in accuracies.items()}
    elsewhere = {"folder": "bears-elsewhere", "n": 223, "variants": variants} if variants else {}
    knows, limits = introduction(card(["black", "grizzly"], "bear", elsewhere=elsewhere))
    assert knows == "I can tell black bears and grizzly bears apart."
    assert limits == sentence + ANYTHING_ELSE


@pytest.mark.parametrize("name", ["../../.bashrc", "/etc/passwd", "examples/../../x", "a\\..\\b", "C:x", ""])
def test_a_card_that_names_files_outside_of_its_bundle_is_not_understood(name: str, tmp_path: Path) -> None:
    told = card(["a", "b"], files={name: "0" * 64})
    (tmp_path / "card.json").write_text(told.to_json(), encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        read_card(tmp_path)
