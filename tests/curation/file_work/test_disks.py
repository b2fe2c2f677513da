"""Disks that are full, may not be written to, or can't do all that others can."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from bearclf.errors import UserError
from tests.helpers.faults import about, failing
from tests.helpers.training_folders import change, contents, private_area, tree


def test_a_disk_that_fills_up_stops_the_step_with_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, everything = tree(folder), contents(folder)
    changes = [change(folder, f"black/{name}.jpg", "teddy") for name in range(4)]
    with monkeypatch.context() as patch:
        failing("link", errno.ENOSPC, patch, about("/black/2.jpg"))
        applied = TrainingFolder(folder).apply(changes)
    assert applied.done == 2
    assert [(one.name, one.sentence[:17]) for one in applied.problems] == [("", "The disk is full.")]
    assert contents(folder) == everything
    assert TrainingFolder(folder).undo(1).done == 2
    assert tree(folder) == before


@pytest.mark.parametrize("name", ["write", "fsync"])
def test_on_a_disk_that_is_full_at_any_moment_nothing_is_lost(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, everything, curated = tree(folder), contents(folder), TrainingFolder(folder)
    for moment in range(1, 20):
        calls = 0

        def is_full_now(*_: object, moment: int = moment) -> bool:
            nonlocal calls
            calls += 1
            return calls >= moment

        changes = [change(folder, f"black/{number}.jpg", "brown") for number in range(2)]
        with monkeypatch.context() as patch:
            failing(name, errno.ENOSPC, patch, is_full_now)
            applied = curated.apply(changes)
        assert contents(folder) == everything
        if calls < moment:
            assert applied.problems == []
            break
        assert "disk is full" in applied.problems[0].sentence
        for step in TrainingFolder(folder).steps():
            if step.undoes is None and not step.undone:
                curated.undo(step.number)
        assert tree(folder) == before
    else:
        pytest.fail("the step never got through")


def test_a_full_disk_keeps_new_photos_out_and_leaves_no_halves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    with monkeypatch.context() as patch:
        failing("write", errno.ENOSPC, patch, lambda _, data: bytes(data).startswith(b"large"))
        applied = curated.add([("teddy", "a.jpg", b"small"), ("teddy", "b.jpg", b"large")])
    assert applied.done == 1
    assert "The disk is full, so “b.jpg”" in applied.problems[0].sentence
    assert set(tree(folder)) - set(before) == {"teddy/a.jpg"}
    assert not list((private_area(folder) / "incoming").iterdir())


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("name", ["link", "rename"])
def test_a_read_only_class_is_said_and_the_rest_goes_on(
    name: str, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    changes = [change(folder, f"{label}/1.jpg", "brown") for label in ("black", "grizzly", "teddy")]
    failing(name, code, monkeypatch, lambda source, *_: "grizzly" in str(source))
    applied = curated.apply(changes)
    assert applied.done == 2
    assert [one.label for one in applied.problems] == ["grizzly"]
    assert "you may not change this folder" in applied.problems[0].sentence
    assert (folder / "grizzly" / "1.jpg").exists()
    assert len(list((folder / "brown").iterdir())) == 2
    curated.undo(1)
    assert tree(folder) == before


def test_a_folder_that_may_not_be_changed_at_all_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing("mkdir", errno.EROFS, monkeypatch, lambda *_: True)
    with pytest.raises(UserError, match="can be looked at but not changed"):
        TrainingFolder(folder)


def test_where_files_have_no_second_name_photos_move_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, everything = tree(folder), contents(folder)
    failing("link", errno.EPERM, monkeypatch, lambda *_: True)
    curated = TrainingFolder(folder)
    applied = curated.apply([change(folder, "black/0.jpg", "teddy"), change(folder, "black/1.jpg", None)])
    assert (applied.done, contents(folder)) == (2, everything)
    assert (folder / "teddy" / "0.jpg").read_text("utf-8") == "teddy 0"
    assert curated.undo(1).done == 2
    assert tree(folder) == before


def test_if_nothing_may_be_written_beside_the_folder_the_bin_is_hidden_in_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing("mkdir", errno.EACCES, patch, about(private_area(folder).name))
        TrainingFolder(folder).apply([change(folder, "black/0.jpg", None)])
    assert len(list((folder / ".bearclf" / "bin").iterdir())) == 1
    assert TrainingFolder(folder).undo(1).done == 1, "once chosen, it is kept on"


def test_where_nothing_can_be_moved_to_the_parent_the_bin_is_hidden_in_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = str(private_area(folder))
    failing("rename", errno.EXDEV, monkeypatch, lambda *args: str(args[0]).startswith(outside))
    before = tree(folder)
    TrainingFolder(folder).apply([change(folder, "black/0.jpg", None)])
    assert not private_area(folder).exists()
    assert len(list((folder / ".bearclf" / "bin").iterdir())) == 1
    assert set(before) - set(tree(folder)) == {"black/0.jpg"}
