from __future__ import annotations

from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.photos.label_file import check_labels, read_labels, read_table
from tests.helpers.drawings import encoded, pattern


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        (folder / name).write_bytes(encoded(pattern("dots", len(name))))
    return folder


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "labels.csv"
    path.write_bytes(text.encode(encoding))
    return path


def labels(path: Path, folder: Path, delimiter: str = " ") -> dict[str, tuple[str, ...]]:
    found, _ = read_labels(read_table(path, delimiter), folder)
    return {photo.path.name: photo.labels for photo in found}


def test_each_photo_has_the_labels_of_its_row(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "image_name,tags\na,sea dog\nb.jpg,\ndeep/c.jpg,dog\n")
    assert labels(path, folder) == {"a.jpg": ("dog", "sea"), "b.jpg": (), "c.jpg": ("dog",)}


def test_columns_are_found_by_name_wherever_they_are(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "is_valid,Labels,id,Fname\nTrue,sea;open water,7,a.jpg\n")
    assert labels(path, folder, ";") == {"a.jpg": ("open water", "sea")}


def test_a_table_from_excel_is_read(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "\ufeffname;labels\r\na.jpg;sea dog\r\n")
    assert labels(path, folder) == {"a.jpg": ("dog", "sea")}


def test_rows_of_one_photo_count_together(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "name,label\na.jpg,sea\na.jpg,dog\n")
    assert labels(path, folder) == {"a.jpg": ("dog", "sea")}


def test_what_is_left_out_is_named(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "name,labels\na.jpg,sea\ngone.jpg,dog\n")
    found, left_out = read_labels(read_table(path), folder)
    assert [photo.path.name for photo in found] == ["a.jpg"]
    sentences = {path.name: sentence for path, sentence in left_out}
    assert "isn't among the photos" in sentences["gone.jpg"]
    assert "no row" in sentences["b.jpg"]
    assert "no row" in sentences["c.jpg"]


def test_a_name_that_two_photos_have_means_neither(tmp_path: Path, folder: Path) -> None:
    (folder / "c.jpg").write_bytes((folder / "a.jpg").read_bytes())
    path = table(tmp_path, "name,labels\ndeep/c.jpg,sea\nc,dog\n")
    found, left_out = read_labels(read_table(path), folder)
    assert [(photo.path.parent.name, photo.labels) for photo in found] == [("deep", ("sea",))]
    assert len(left_out) == 4


@pytest.mark.parametrize(
    ("text", "encoding", "sentence"),
    [
        ("name\na.jpg\n", "utf-8", "needs two columns"),
        ("", "utf-8", "needs two columns"),
        ("name,labels\n", "utf-8", "no rows"),
        ("name,labels\na.jpg,Bär\n", "latin-1", "UTF-8"),
        ("name,labels\nx.jpg,sea\n", "utf-8", "None of the 1 names"),
    ],
)
def test_a_table_that_serves_nothing_is_told_in_a_sentence(
    tmp_path: Path, folder: Path, text: str, encoding: str, sentence: str
) -> None:
    path = table(tmp_path, text, encoding)
    with pytest.raises(UserError, match=sentence):
        read_labels(read_table(path), folder)


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no table of labels"):
        read_table(tmp_path / "none.csv")


def test_the_vocab_is_sorted(tmp_path: Path) -> None:
    of_table = read_table(table(tmp_path, "name,labels\na.jpg,sea\n"))
    assert check_labels([("sea", "dog")] * 3, of_table) == ["dog", "sea"]


@pytest.mark.parametrize(
    ("photos", "sentence"),
    [
        ([("sea",)] * 5, "at least two labels"),
        ([()], "at least two labels"),
        ([("a b c d",), ("e",), ("f",)], "label “a b c d” has only one photo"),
        ([("a", "b", "c")], "more labels"),
        ([("sea", "dog")] * 3 + [("cat",)], "“cat” has only one photo"),
    ],
)
def test_labels_that_cannot_be_learned_are_told(
    tmp_path: Path, photos: list[tuple[str, ...]], sentence: str
) -> None:
    of_table = read_table(table(tmp_path, "name,labels\na.jpg,sea\n"))
    with pytest.raises(UserError, match=sentence):
        check_labels(photos, of_table)


def test_a_first_row_that_is_short_is_no_traceback(tmp_path: Path, folder: Path) -> None:
    path = table(tmp_path, "id,labels,name\n7\nx,sea,gone.jpg\n")
    with pytest.raises(UserError, match=r"the first is “gone\.jpg”"):
        read_labels(read_table(path), folder)
