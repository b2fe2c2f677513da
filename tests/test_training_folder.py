"""What a curator does to a training folder, and what may be wrong with it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bearclf.curation.file_work.history import Flow
from bearclf.curation.file_work.places import check_class_name
from bearclf.curation.file_work.training_folder import Change, TrainingFolder
from bearclf.settings import UserError
from tests.training_folders import change, contents, digest_of, make_folder, private_area, tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def failing(name: str, code: int, monkeypatch: pytest.MonkeyPatch, when: Callable[..., bool]) -> None:
    """Let the system refuse ``os.NAME`` when its arguments are such."""
    original = getattr(os, name)

    def operation(*args: Any, **options: Any) -> Any:
        if when(*args):
            raise OSError(code, os.strerror(code), str(args[0]))
        return original(*args, **options)

    monkeypatch.setattr(os, name, operation)


def about(name: str) -> Callable[..., bool]:
    return lambda *args: any(str(one).endswith(name) for one in args)


def test_a_photo_moves_and_undo_brings_it_back_after_a_restart(folder: Path) -> None:
    before = tree(folder)
    applied = TrainingFolder(folder).apply([change(folder, "black/0.jpg", "brown")])
    assert (applied.done, applied.problems) == (1, [])
    assert (folder / "brown" / "0.jpg").read_text("utf-8") == "black 0"
    assert not (folder / "black" / "0.jpg").exists()
    again = TrainingFolder(folder)
    assert applied.step is not None
    assert again.undo(applied.step).done == 1
    assert tree(folder) == before, "the class folder that was made is gone too"


def test_a_taken_name_gets_a_number_and_undo_gives_the_old_one_back(folder: Path) -> None:
    before = tree(folder)
    curated = TrainingFolder(folder)
    curated.apply([change(folder, "black/0.jpg", "teddy")])
    curated.apply([change(folder, "grizzly/0.jpg", "teddy")])
    assert (folder / "teddy" / "0.jpg").read_text("utf-8") == "teddy 0"
    assert (folder / "teddy" / "0 (2).jpg").read_text("utf-8") == "black 0"
    assert (folder / "teddy" / "0 (3).jpg").read_text("utf-8") == "grizzly 0"
    curated.undo(2)
    curated.undo(1)
    assert tree(folder) == before


def test_a_very_long_name_is_shortened_to_make_room_for_the_number(folder: Path) -> None:
    name = "é" * 125 + ".jpg"
    for label in ("black", "teddy"):
        (folder / label / name).write_text(label, "utf-8")
    assert TrainingFolder(folder).apply([change(folder, f"black/{name}", "teddy")]).problems == []
    assert sorted(path.name[-8:] for path in (folder / "teddy").glob("é*")) == [" (2).jpg", "éééé.jpg"]


def test_delete_goes_to_a_bin_outside_the_folder_and_comes_back(folder: Path) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    curated.apply([change(folder, "black/0.jpg", None)])
    assert "black/0.jpg" not in tree(folder)
    binned = list((private_area(folder) / "bin").iterdir())
    assert [path.read_text("utf-8") for path in binned] == ["black 0"]
    assert binned[0].name.endswith("0.jpg")
    assert private_area(folder).stat().st_mode & 0o777 == 0o700
    curated.undo(1)
    assert tree(folder) == before


def test_the_history_tells_what_went_where(folder: Path) -> None:
    curated = TrainingFolder(folder)
    curated.apply([change(folder, f"black/{name}.jpg", "teddy") for name in (0, 1)])
    curated.apply([change(folder, "teddy/2.jpg", None)])
    curated.add([("teddy", "new.jpg", b"new")])
    curated.undo(2)
    undo, added, deleted, moved = TrainingFolder(folder).steps()
    assert (moved.moved, moved.flows) == (2, (Flow("black", "teddy", 2),))
    assert (deleted.deleted, deleted.flows, deleted.undone) == (1, (Flow("teddy", None, 1),), True)
    assert (added.added, added.flows, added.undone) == (1, (Flow(None, "teddy", 1),), False)
    assert (undo.restored, undo.undoes, undo.number) == (1, 2, 4)
    assert undo.time.endswith("+00:00")


def test_any_earlier_step_is_undone_wherever_its_photos_are_now(folder: Path) -> None:
    curated = TrainingFolder(folder)
    curated.apply([change(folder, "black/0.jpg", "teddy")])
    curated.apply([change(folder, "teddy/0 (2).jpg", "grizzly")])
    assert curated.undo(1).done == 1
    assert (folder / "black" / "0.jpg").read_text("utf-8") == "black 0"


def test_undo_is_undone_but_nothing_is_undone_twice(folder: Path) -> None:
    curated = TrainingFolder(folder)
    curated.apply([change(folder, "black/0.jpg", "brown"), change(folder, "black/1.jpg", None)])
    after = tree(folder)
    undo = curated.undo(1).step
    with pytest.raises(UserError, match="undone already"):
        curated.undo(1)
    assert undo is not None
    assert curated.undo(undo).done == 2
    assert tree(folder) == after
    assert not next(step for step in curated.steps() if step.number == 1).undone
    with pytest.raises(UserError, match="no such step"):
        curated.undo(99)


def test_what_could_not_be_undone_can_be_tried_again(folder: Path) -> None:
    before, curated = tree(folder), TrainingFolder(folder)
    curated.apply([change(folder, f"black/{name}.jpg", "brown") for name in (0, 1)])
    (folder / "brown" / "0.jpg").rename(folder / "elsewhere.jpg")
    first = curated.undo(1)
    assert (first.done, len(first.problems)) == (1, 1)
    (folder / "brown").mkdir()
    (folder / "elsewhere.jpg").rename(folder / "brown" / "0.jpg")
    assert curated.undo(1).done == 1
    assert tree(folder) == before


def test_added_photos_are_there_and_undo_puts_them_into_the_bin(folder: Path, tmp_path: Path) -> None:
    before, file = tree(folder), tmp_path / "phone.jpg"
    file.write_bytes(b"from a file")
    curated = TrainingFolder(folder)
    told: list[tuple[int, int]] = []
    photos: list[tuple[str, str, bytes | Path]] = [
        ("teddy", "0.jpg", b"from memory"),
        ("brown", "x.jpg", file),
    ]
    assert curated.add(photos, lambda *parts: told.append(parts)).done == 2
    assert told[-1] == (4, 4)
    assert (folder / "teddy" / "0 (2).jpg").read_bytes() == b"from memory"
    assert (folder / "brown" / "x.jpg").read_bytes() == b"from a file"
    curated.undo(1)
    assert tree(folder) == before
    assert contents(folder)[digest_of(b"from memory")] == 1


@pytest.mark.parametrize("name", ["../x.jpg", "a/b.jpg", ".hidden.jpg", "", "..", "x\0.jpg"])
def test_nothing_outside_the_folder_is_touched(name: str, folder: Path) -> None:
    (folder.parent / "x.jpg").write_bytes(b"not ours")
    before, curated = contents(folder), TrainingFolder(folder)
    for label, file in (("black", name), (name, "0.jpg"), ("/bin", "0.jpg")):
        applied = curated.apply([Change(label, file, digest_of(b"not ours"), "teddy")])
        assert (applied.step, len(applied.problems)) == (None, 1)
        assert curated.add([(label, file, b"new")]).step is None
        if label != "black":
            assert curated.apply([change(folder, "black/0.jpg", label)]).step is None
    assert contents(folder) == before
    assert (folder.parent / "x.jpg").read_bytes() == b"not ours"


def test_links_are_refused_and_the_rest_goes_on(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "0.jpg").write_bytes(b"outside")
    (folder / "linked").symlink_to(outside)
    (folder / "black" / "link.jpg").symlink_to(outside / "0.jpg")
    digest = digest_of(b"outside")
    applied = TrainingFolder(folder).apply(
        [
            Change("linked", "0.jpg", digest, "teddy"),
            Change("black", "link.jpg", digest, "teddy"),
            change(folder, "black/1.jpg", "linked"),
            change(folder, "black/2.jpg", "teddy"),
        ]
    )
    assert applied.done == 1
    assert [("link" in problem.sentence) for problem in applied.problems] == [True] * 3
    assert [path.name for path in outside.iterdir()] == ["0.jpg"]
    assert (folder / "black" / "1.jpg").exists()


def test_changed_and_vanished_photos_are_reported_and_the_rest_goes_on(folder: Path) -> None:
    changes = [change(folder, f"black/{name}.jpg", "teddy") for name in range(3)]
    (folder / "black" / "0.jpg").write_bytes(b"edited")
    (folder / "black" / "1.jpg").unlink()
    applied = TrainingFolder(folder).apply(changes)
    assert applied.done == 1
    assert [(one.label, one.name) for one in applied.problems] == [("black", "0.jpg"), ("black", "1.jpg")]
    assert "“0.jpg” has changed since you looked at it" in applied.problems[0].sentence
    assert "“1.jpg” is no longer in “black”" in applied.problems[1].sentence
    assert (folder / "black" / "0.jpg").read_bytes() == b"edited"


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


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        TrainingFolder(tmp_path / "nowhere")


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


@pytest.mark.parametrize(
    "text",
    ["", "  ", ".hidden", "..", "a/b", "a\\b", "c:", "x" * 81, "a\nb", "\x1b[0m", "😀" * 70, "a\ud800"],
)
def test_class_names_that_no_folder_should_have_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        check_class_name(text)


def test_class_names_are_tidied_and_existing_spelling_is_kept(folder: Path) -> None:
    assert check_class_name("  polar bear ") == "polar bear"
    assert check_class_name("Ours polaire e\u0301") == "Ours polaire é"
    assert check_class_name("TEDDY", ["black", "teddy"]) == "teddy"
    assert TrainingFolder(folder).apply([change(folder, "black/0.jpg", " Teddy ")]).done == 1
    assert sorted(path.name for path in folder.iterdir()) == ["black", "grizzly", "teddy"]


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


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
