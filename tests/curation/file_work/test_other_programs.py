"""Programs that change the same files at the same moment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from tests.helpers.training_folders import change, private_area, tree


def test_a_photo_that_another_program_replaces_just_then_is_not_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, original = folder / "black" / "0.jpg", os.rename

    def rename(source: Path, target: Path) -> None:
        if Path(source) == photo:
            (folder / "edited.jpg").write_bytes(b"edited")
            (folder / "edited.jpg").replace(photo)
        original(source, target)

    changes = [change(folder, "black/0.jpg", "teddy")]
    monkeypatch.setattr(os, "rename", rename)
    TrainingFolder(folder).apply(changes)
    assert photo.read_bytes() == b"edited"
    assert (folder / "teddy" / "0 (2).jpg").read_text("utf-8") == "black 0"


def test_a_name_that_another_program_takes_just_then_is_not_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, taken = os.link, folder / "teddy" / "new.jpg"

    def link(source: Path, target: Path, **options: Any) -> None:
        if Path(target) == taken and not taken.exists():
            taken.write_bytes(b"somebody else's")
        original(source, target, **options)

    curated, before = TrainingFolder(folder), tree(folder)
    monkeypatch.setattr(os, "link", link)
    assert curated.add([("teddy", "new.jpg", b"ours")]).done == 1
    assert taken.read_bytes() == b"somebody else's"
    assert (folder / "teddy" / "new (2).jpg").read_bytes() == b"ours"
    taken.unlink()
    assert TrainingFolder(folder).undo(1).done == 1
    assert tree(folder) == before


def test_of_two_who_open_a_folder_for_the_first_time_at_once_both_use_one_private_area(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.mkdir

    def mkdir(path: Path, mode: int = 0o777) -> None:
        if Path(path) == private_area(folder) and not Path(path).exists():
            original(path, mode)  # by the other, just before
        original(path, mode)

    monkeypatch.setattr(os, "mkdir", mkdir)
    TrainingFolder(folder)
    assert not (folder / ".bearclf").exists()
    assert (private_area(folder) / "bin").is_dir()
