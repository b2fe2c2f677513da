"""What is left alone: links, places outside, names that no folder should have, photos that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.curation.file_work.training_folder import TrainingFolder
from bearclf.errors import UserError
from bearclf.photos.folders import check_class_name
from bearclf.protocol.records import Change
from tests.helpers.training_folders import change, contents, digest_of


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


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        TrainingFolder(tmp_path / "nowhere")


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
