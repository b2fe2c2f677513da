"""What the journal knows after a move, damage, or a program that was stopped."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from tests.helpers.faults import failing, interrupted
from tests.helpers.training_folders import change, private_area, tree


def test_the_history_moves_with_the_folder(folder: Path, tmp_path: Path) -> None:
    before = tree(folder)
    TrainingFolder(folder).apply([change(folder, "black/0.jpg", None)])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for one in (folder, private_area(folder)):
        shutil.copytree(one, elsewhere / one.name)
        shutil.rmtree(one)
    assert TrainingFolder(elsewhere / folder.name).undo(1).done == 1
    assert tree(elsewhere / folder.name) == before


def test_damaged_lines_of_the_journal_cost_no_other_step(folder: Path) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    curated.apply([change(folder, "black/0.jpg", "teddy")])
    with (private_area(folder) / "journal.jsonl").open("ab") as journal:
        journal.write(b'\x00\xff\n{"step":"x","moves":3}\n[1]\n{"step":2,"time":"20')
    curated = TrainingFolder(folder)
    assert curated.apply([change(folder, "black/1.jpg", "teddy")]).done == 1
    for step in TrainingFolder(folder).steps():
        curated.undo(step.number)
    assert tree(folder) == before


def test_what_was_not_begun_when_the_program_stopped_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [change(folder, f"black/{name}.jpg", "teddy") for name in range(2)]
    original = os.link

    def link(source: Path, target: Path, **options: Any) -> None:
        if Path(source).name == "1.jpg":
            raise KeyboardInterrupt
        original(source, target, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link)
        with pytest.raises(KeyboardInterrupt):
            TrainingFolder(folder).apply(changes)
    curated = TrainingFolder(folder)
    assert [(one.label, one.name) for one in curated.recovered] == [("black", "1.jpg")]
    assert "it is where it was" in curated.recovered[0].sentence
    assert [step.moved for step in curated.steps()] == [1]


def test_a_photo_that_had_arrived_when_the_program_stopped_is_added(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curated = TrainingFolder(folder)
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", interrupted)
        with pytest.raises(KeyboardInterrupt):
            curated.add([("brown", "new.jpg", b"new")])
    again = TrainingFolder(folder)
    assert again.recovered == []
    assert (folder / "brown" / "new.jpg").read_bytes() == b"new"
    assert again.steps()[0].added == 1


def test_a_name_that_was_only_reserved_when_the_program_stopped_is_free_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    changes = [change(folder, "black/0.jpg", "brown")]
    with monkeypatch.context() as patch:
        failing("link", errno.EPERM, patch, lambda *_: True)
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            curated.apply(changes)
    assert tree(folder) != before
    assert len(TrainingFolder(folder).recovered) == 1
    assert tree(folder) == before
