"""Photos that are added: whatever a browser or a zip says, only photos come in, under names of ours."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from bearclf.curation.arrivals import MAX_OPEN_ARCHIVES, Arrivals, check_photo, unpack
from bearclf.errors import UserError
from bearclf.photos.decode import PhotoError
from tests.helpers.drawings import encoded, pattern

PHOTO = encoded(pattern("dots", 1))


def archive(tmp_path: Path, members: dict[str, bytes]) -> Path:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def unpacked(
    tmp_path: Path, members: dict[str, bytes], existing: list[str] | None = None
) -> list[tuple[str, str]]:
    into = tmp_path / "into"
    into.mkdir()
    return [
        (label, name) for label, name, _ in unpack(archive(tmp_path, members), into, existing or []).photos
    ]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("IMG_1.JPG", "IMG_1.jpg"),
        ("../../etc/passwd.png", "passwd.jpg"),
        ("C:\\photos\\tom.jpeg", "tom.jpg"),
        (".hidden.jpg", "hidden.jpg"),
        ("", "photo.jpg"),
        ("tab\there\n.jpg", "tabhere.jpg"),
        ("x" * 300 + ".jpg", "x" * 100 + ".jpg"),
    ],
)
def test_names_are_made_harmless_and_end_as_the_content_says(name: str, kept: str) -> None:
    assert check_photo(name, PHOTO) == kept


def test_the_ending_is_that_of_the_content() -> None:
    assert check_photo("IMG_2.jpg", encoded(pattern("dots", 1), "PNG")) == "IMG_2.png"
    assert check_photo("IMG_2.jpg", encoded(pattern("dots", 1), "HEIF")) == "IMG_2.heic"


def test_what_is_no_photo_does_not_come_in() -> None:
    with pytest.raises(PhotoError, match="text file"):
        check_photo("notes.jpg", b"not a photo")


def test_a_zip_of_class_folders_may_lie_in_a_folder_itself(tmp_path: Path) -> None:
    members = {
        "pets/Cat/tom.jpg": PHOTO,
        "pets/dog/rex.JPG": PHOTO,
        "pets/dog/notes.txt": b"hello",
        "__MACOSX/pets/dog/._rex.jpg": b"x",
        "pets/dog/.DS_Store.jpg": b"x",
    }
    assert unpacked(tmp_path, members, ["cat"]) == [("cat", "tom.jpg"), ("dog", "rex.jpg")]


def test_a_zip_leads_nowhere_else(tmp_path: Path) -> None:
    members = {"../../../evil/a.jpg": PHOTO, "/etc/b.jpg": PHOTO, "cat\\c.jpg": PHOTO}
    assert unpacked(tmp_path, members) == [("etc", "b.jpg"), ("cat", "c.jpg")]
    assert {path.name for path in tmp_path.rglob("*")} == {"photos.zip", "into", "0", "1"}


def test_bad_files_in_a_zip_are_named_and_the_rest_comes_in(tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    members = {"cat/bad.jpg": b"no photo", "lost.jpg": PHOTO, "cat/good.jpg": PHOTO}
    found = unpack(archive(tmp_path, members), into, [])
    assert [(label, name) for label, name, _ in found.photos] == [("cat", "good.jpg")]
    assert [problem.name for problem in found.problems] == ["bad.jpg", "lost.jpg"]
    assert "no class folder" in found.problems[1].sentence


@pytest.mark.parametrize(("content", "says"), [(b"PK no zip", "no zip"), (None, "no photos")])
def test_what_is_no_zip_of_photos_is_said(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = archive(tmp_path, {"readme.txt": b"hello"})
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=says):
        unpack(path, tmp_path, [])


def test_a_zip_that_lies_about_its_size_is_a_sentence(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("cat/huge.jpg", b"\0" * (65 * 2**20))
        packed.writestr("cat/good.jpg", PHOTO)
    path = tmp_path / "bomb.zip"
    path.write_bytes(out.getvalue())
    into = tmp_path / "into"
    into.mkdir()
    found = unpack(path, into, [])
    assert [name for _, name, _ in found.photos] == ["good.jpg"]
    assert "larger than 64 MB" in found.problems[0].sentence


def test_a_batch_waits_until_it_is_complete() -> None:
    arrivals = Arrivals()
    arrivals.take("one", "cat", "tom.jpg", PHOTO)
    arrivals.take("other", "cat", "tim.jpg", PHOTO)
    arrivals.take("one", "cat", "notes.jpg", b"no photo")
    complete = arrivals.complete("one", 2)
    assert [(label, name, path.read_bytes()) for label, name, path in complete.photos] == [
        ("cat", "tom.jpg", PHOTO)
    ]
    assert [problem.name for problem in complete.problems] == ["notes.jpg"]
    assert len(arrivals.complete("other", 1).photos) == 1


def test_a_batch_that_came_in_part_is_refused_whole() -> None:
    """The worker that had the first half may have died: half of it as if it were all would be a lie."""
    arrivals = Arrivals()
    arrivals.take("half", "cat", "tom.jpg", PHOTO)
    for batch, photos in (("half", 2), ("half", 2), ("never sent", 1)):
        with pytest.raises(UserError, match="only in part"):
            arrivals.complete(batch, photos)


def test_zips_that_nobody_completes_are_given_up_for_others() -> None:
    arrivals = Arrivals()
    for number in range(MAX_OPEN_ARCHIVES + 2):
        arrivals.take_slice(f"zip {number}", 0, b"PK")
    with pytest.raises(UserError, match="only in part"):
        arrivals.take_slice("zip 0", 2, b"more")
    with arrivals.archive(f"zip {MAX_OPEN_ARCHIVES + 1}") as path:
        assert path.read_bytes() == b"PK"
        assert len(list(path.parent.iterdir())) <= MAX_OPEN_ARCHIVES
    assert not path.exists()
