from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from bearclf.errors import UserError
from bearclf.photos.duplicates import perceptual_hashes, same_picture_groups
from bearclf.photos.folders import (
    FolderPhoto,
    check_classes,
    list_nested_photos,
    list_photos,
    training_set_digest,
)
from tests.helpers.drawings import pattern, teddy


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
    [([], "none"), (["a"] * 9, "only “a”"), (["a"] * 9 + ["b"], "“b” has only one photo")],
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


def test_versions_of_one_picture_are_one_group() -> None:
    picture = teddy()
    versions = [
        picture,
        picture.resize((150, 150)),
        ImageOps.mirror(picture),
        picture.point(lambda level: min(255, level + 12)),
        pattern("dots", 1),
        pattern("stripes", 2),
        picture.rotate(180),
    ]
    hashes = np.array([perceptual_hashes(version) for version in versions], np.uint64)
    groups = same_picture_groups(hashes)
    assert len(set(groups[:4])) == 1
    assert len(set(groups[3:])) == 4


def test_groups_reach_across_blocks_of_a_large_folder() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**63, (1500, 2), dtype=np.uint64)
    hashes[1400, 0] = hashes[3, 0] ^ np.uint64(0b10110)
    groups = same_picture_groups(hashes)
    assert groups[1400] == groups[3]
    assert len(set(groups)) == 1499


def test_an_upright_photo_and_its_turned_copy_are_two_pictures() -> None:
    assert perceptual_hashes(teddy())[0] != perceptual_hashes(teddy().transpose(Image.Transpose.ROTATE_90))[0]


def test_what_is_hidden_is_passed_over_however_deep(tmp_path: Path) -> None:
    for place in ("trip/day 1", ".bin/day 1"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "photo.jpg").touch()
    assert list_nested_photos(tmp_path) == [tmp_path / "trip/day 1/photo.jpg"]
