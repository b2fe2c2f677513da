"""What a curator does to a training folder, and the way back from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from bearclf.errors import UserError
from tests.helpers.training_folders import change, contents, digest_of, private_area, tree


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
    assert moved.moved == 2
    assert (deleted.deleted, deleted.undone) == (1, True)
    assert (added.added, added.undone) == (1, False)
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
