"""``docs/subjects.md`` from start to finish: its commands, as they stand there, on small photos."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from bearclf.cli import main
from bearclf.models.card import Card, read_card
from bearclf.prediction.predictor import Predictor
from tests.conftest import ROOT
from tests.helpers.composed import write_composed
from tests.helpers.drawings import CLASSES, pattern
from tests.helpers.subjects import BRANDS, FAMILIES, MANY, face, shoe, thing, write_subject

PAGE = (ROOT / "docs" / "subjects.md").read_text("utf-8")
NOT_RUN = ("gather", "serve")  # they ask other hosts, and go on until they are stopped


@pytest.fixture
def follow(slow: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Card]:
    """Run the commands under a heading, with some more words for training; returns the card of the model."""

    def run(heading: str, *more: str) -> Card:
        [block] = re.findall(rf"## {heading}\n\n```sh\n(.*?)```", PAGE, re.S)
        for line in block.strip().splitlines():
            _, _, _, command, *words = shlex.split(line)
            if command not in NOT_RUN:
                assert main([command, *words, *(more if command == "train" else ())]) == 0, line
        [card] = tmp_path.glob("*-model/card.json")
        return read_card(card.parent)

    monkeypatch.chdir(tmp_path)
    return run


def test_cat_or_dog(follow: Callable[..., Card], tmp_path: Path, shared_photos: Path) -> None:
    (tmp_path / "pets").symlink_to(shared_photos / "pets")
    [block] = re.findall(r"## Cat or dog\n\n```sh\n(.*?)```", PAGE, re.S)
    assert len(block.strip().splitlines()) <= 5
    assert follow("Cat or dog").metrics["accuracy"] >= 0.98


def test_many_classes(follow: Callable[..., Card], tmp_path: Path) -> None:
    write_subject(tmp_path / "breeds", MANY, thing, 8)
    card = follow("Many classes: breeds", "--size", "96")
    assert len(card.classes) == 37
    assert card.metrics["accuracy"] >= 0.7
    assert "taken for" in (tmp_path / "breeds.html").read_text("utf-8")


def test_brands_of_shoes(follow: Callable[..., Card], tmp_path: Path) -> None:
    write_subject(tmp_path / "shoes", BRANDS, shoe, 16)
    card = follow("Brands of shoes", "--size", "96")
    assert card.metrics["accuracy"] >= 0.8
    assert Predictor(tmp_path / "shoes-model").predict(tmp_path / "shoes" / "star" / "3.jpg").label == "star"


def test_family_likeness(follow: Callable[..., Card], tmp_path: Path) -> None:
    write_subject(tmp_path / "families", FAMILIES, face, 12)
    card = follow("Family likeness", "--size", "96")
    assert card.metrics["accuracy"] >= 0.8
    report = tmp_path / "families-model" / "report"
    assert not (report / "top_losses.png").exists()  # people are in none of it


def test_several_things_in_one_photo(follow: Callable[..., Card], tmp_path: Path) -> None:
    drawn = {kind: [pattern(kind, seed) for seed in range(40)] for kind in CLASSES}
    truth = write_composed(tmp_path / "views", tmp_path / "views.csv", drawn, 60)
    card = follow("Several things in one photo", "--size", "96")
    assert card.metrics["accuracy"] >= 0.85
    assert card.metrics["f2"] >= 0.8
    predictor = Predictor(tmp_path / "views-model")
    answers = {name: predictor.predict(tmp_path / "views" / name) for name in truth}
    right = [set(answers[name].labels) == set(truth[name]) for name in truth]
    assert sum(right) >= 50
