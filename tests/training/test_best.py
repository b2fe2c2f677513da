"""The recipe that tries the others and keeps the best."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.training import best
from bearclf.training.best import ways
from bearclf.training.options import Options
from bearclf.training.train import train

pytestmark = pytest.mark.slow

WAYS = [
    Options(size=32),
    Options(size=32, resize="pad"),
    Options(recipe="fine-tune", size=32, epochs=1, lr=1e-9),
]


@pytest.fixture(autouse=True)
def few_small_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best, "ways", lambda _: WAYS)


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]


def test_what_was_tried_is_told_and_the_best_is_kept(patterns: Path, tmp_path: Path) -> None:
    told: list[str] = []
    options = Options(recipe="best", minutes=10)
    card, _ = train(
        patterns,
        tmp_path / "out",
        options,
        FeatureStore(None),
        unseen,
        lambda event: told.append(str(event)),
    )
    table = (tmp_path / "out" / "report" / "tried.md").read_text("utf-8")
    assert table in told
    tried = rows(table)
    assert len(tried) == 3
    [kept] = [row for row in tried if row[0]]
    assert (int(kept[2]), float(kept[3])) == min((int(row[2]), float(row[3])) for row in tried)
    assert kept[1].strip("`") in card.command, "the command trains the one that was kept"
    assert card.recipe == "probe", "nothing was learned with such a learning rate"
    assert "chosen among 3 ways" in card.metrics["method"]


def test_a_fine_tuned_best_is_not_trained_twice(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Options(recipe="fine-tune", size=32, epochs=1)
    monkeypatch.setattr(best, "ways", lambda _: [way, replace(way, lr=1e-9)])
    steps: list[str] = []

    def counted(iterable: Iterable, total: int, description: str) -> Iterable:
        steps.append(description)
        return iterable

    options = Options(recipe="best")
    card, _ = train(patterns, tmp_path / "out", options, FeatureStore(None), counted)
    assert steps.count("Fine-tuning") == 2, "one for each way"
    assert "a little too good" in card.metrics["method"]
    kept = replace(way, lr=1e-9) if "1e-09" in card.command else way
    again, _ = train(patterns, tmp_path / "again", kept, FeatureStore(None), unseen)
    assert again.metrics["log_loss"] == pytest.approx(card.metrics["log_loss"], abs=1e-5)


def test_what_there_is_no_time_for_is_left_out_but_the_first(patterns: Path, tmp_path: Path) -> None:
    options = Options(recipe="best", minutes=1e-6)
    card, _ = train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)
    tried = rows((tmp_path / "out" / "report" / "tried.md").read_text("utf-8"))
    assert [row[2] for row in tried] == [tried[0][2], "no time", "no time"]
    assert re.search("--size 32", card.command)


def test_who_stops_it_keeps_the_best_so_far(patterns: Path, tmp_path: Path) -> None:
    def stopping(steps: Iterable, total: int, description: str) -> Iterator:
        if description == "Fine-tuning":
            raise KeyboardInterrupt
        yield from steps

    card, _ = train(patterns, tmp_path / "out", Options(recipe="best"), FeatureStore(None), stopping)
    assert card.recipe == "probe"


def test_the_ways_share_what_is_for_every_recipe() -> None:
    chosen = ways(Options(recipe="best", seed=7, valid=0.3, minutes=3, noun="bear"))
    for way in chosen:
        way.check()
        assert (way.seed, way.valid, way.noun) == (7, 0.3, "bear")
    assert {way.recipe for way in chosen} == {"probe", "fine-tune"}
