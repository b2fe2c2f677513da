from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.photos.folders import (
    FolderPhoto,
    check_classes,
    list_nested_photos,
    list_photos,
    training_set_digest,
)


def test_photos_are_listed_by_class_and_other_files_passed_over(tmp_path: Path) -> None:
    for name in ("b/2.JPG", "b/1.png", "a/x.heic", "a/notes.txt", "a/.hidden.jpg", ".git/y.jpg", "loose.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    listed = [(path.relative_to(tmp_path).as_posix(), label) for path, label in list_photos(tmp_path)]
    assert listed == [("a/x.heic", "a"), ("b/1.png", "b"), ("b/2.JPG", "b")]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder"):
        list_photos(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("labels", "says"),
    [([], "no photos"), (["a"] * 9, "only “a”"), (["a"] * 9 + ["b"], "“b” has only one photo")],
)
def test_too_few_classes_or_photos_are_said(labels: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=says):
        check_classes(labels, tmp_path, at_least=3)


def test_the_digest_of_a_training_set_is_of_labels_and_contents_alone() -> None:
    one = FolderPhoto(Path("a/1.jpg"), "a", "11" * 32)
    two = FolderPhoto(Path("b/1.jpg"), "b", "22" * 32)
    renamed = FolderPhoto(Path("a/other.jpg"), "a", "11" * 32)
    moved = FolderPhoto(Path("b/1.jpg"), "b", "11" * 32)
    assert training_set_digest([one, two]) == training_set_digest([two, renamed])
    assert training_set_digest([one, two]) != training_set_digest([moved, two])


def test_what_is_hidden_is_passed_over_however_deep(tmp_path: Path) -> None:
    for place in ("trip/day 1", ".bin/day 1"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "photo.jpg").touch()
    assert list_nested_photos(tmp_path) == [tmp_path / "trip/day 1/photo.jpg"]
