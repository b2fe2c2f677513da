"""Options, what they mean for a recipe, and the command line that says the same."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from bearclf.cli import _parser
from bearclf.errors import UserError
from bearclf.training.options import Options, options_of
from bearclf.training.transforms import AUGMENTS, RESIZES


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Options(recipe="magic"), "no recipe “magic”: choose probe, fine-tune or best"),
        (Options(lr=0.1), "--lr is for the recipe fine-tune, and means nothing for probe"),
        (Options(recipe="fine-tune", minutes=3), "--minutes is for the recipe best"),
        (Options(recipe="best", size=64), "--size is for the recipe probe or fine-tune"),
        (Options(resize="random"), "--resize random is for the recipe fine-tune"),
        (Options(architecture="resnet18", weights="package"), "Only the weights of tf_efficientnet_lite2"),
        (Options(recipe="fine-tune", progressive=(128, 64)), "sizes that grow"),
        (Options(recipe="fine-tune", progressive=(128,)), "sizes that grow"),
        (Options(recipe="fine-tune", progressive=(1, 64)), "from 32 to 1024"),
        (Options(recipe="fine-tune", progressive=(64, 128), size=224), "its last size is the model's"),
        (Options(recipe="fine-tune", lr=-1.0), "--lr can't be -1.0: give a number"),
        (Options(valid=1.5), "--valid can't be 1.5: give a share between 0 and 1"),
        (Options(recipe="best", minutes=0), "more than 0"),
    ],
)
def test_what_cannot_be_or_means_nothing_for_the_recipe_is_said(options: Options, says: str) -> None:
    with pytest.raises(UserError, match=says):
        options.check()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"recipe": "fine-tune", "lr": "fast"}, "--lr can't be fast: give a number such as 0.002, or “auto”"),
        ({"recipe": "fine-tune", "progressive": "small,large"}, "--progressive can't be “small,large”"),
        ({"valid": "half"}, "--valid can't be half"),
    ],
)
def test_text_that_is_no_number_is_said(typed: dict[str, str], says: str) -> None:
    with pytest.raises(UserError, match=says):
        options_of(typed).check()


def test_the_command_line_offers_what_there_is() -> None:
    for flag, choices in (("--resize", RESIZES), ("--augment", AUGMENTS)):
        for choice in choices:
            options = ["train", "photos", "--out", "out", flag, choice]
            assert getattr(_parser("bearclf").parse_args(options), flag[2:]) == choice


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(size=64, resize="pad", valid="folder", report_photos=False, noun="bear"),
        Options(recipe="fine-tune", progressive=(64, 96), lr="auto", patience=2, flip_vert=True, valid=0.3),
        Options(recipe="fine-tune", architecture="resnet18", weights="hub", augment="light", fp16=True),
        Options(recipe="fine-tune", epochs=2, freeze_epochs=3, lr=0.01, resize="crop", seed=7),
        Options(recipe="best", minutes=2.5),
    ],
)
def test_the_command_trains_the_same_way(options: Options) -> None:
    [_, _, _, *words] = shlex.split(options.command("photos"))
    typed = vars(_parser("bearclf").parse_args(words))
    for name in ("folder", "out", "show_code", "run"):
        del typed[name]
    again = options_of({name: value for name, value in typed.items() if value is not None})
    assert again.command("photos") == options.command("photos")
    for name in ("input_size", "resized", "weights_from", "valid", "lr", "progressive", "epochs", "patience"):
        assert getattr(again, name) == getattr(options, name), name


def test_the_command_has_no_path_of_this_machine(tmp_path: Path) -> None:
    options = Options(weights=tmp_path / "mine.pth", elsewhere=tmp_path / "other")
    assert str(tmp_path) not in options.command("photos")
    assert "--weights mine.pth" in options.command("photos")


def test_what_was_typed_is_understood() -> None:
    typed: dict[str, Any] = {"lr": "0.01", "valid": "0.3", "progressive": "64,96", "weights": "mine.pth"}
    options = options_of({"recipe": "fine-tune", **typed})
    assert (options.lr, options.valid, options.progressive) == (0.01, 0.3, (64, 96))
    assert options.weights == Path("mine.pth")


@pytest.mark.parametrize(
    "wrong", [{"valid": 1}, {"valid": 0}, {"lr": -1, "recipe": "fine-tune"}, {"size": 5000}, {"seed": -1}]
)
def test_numbers_from_python_are_checked_like_typed_ones(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        Options(**wrong).check()


def test_paths_may_be_text() -> None:
    assert Options(weights="w.pth", labels="views.csv").weights == Path("w.pth")  # type: ignore[arg-type]
    assert Options(weights="hub").weights == "hub"
