"""``bearclf batch`` as a student types it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bearclf.cli import main
from bearclf.training.ways import ways


def test_one_picture_of_all_ways_and_a_file_that_is_no_photo_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (folder / "dots").iterdir():
        path.write_bytes(b"no photo")
    out = tmp_path / "new" / "seen.png"
    assert main(["batch", str(folder), "--out", str(out), "--photos", "3", "--size", "64"]) == 0
    said = capsys.readouterr()
    assert said.out == f"The picture is in {out}.\n"
    assert "dots_" in said.err
    assert "isn't a photo" in said.err or "text file" in said.err
    assert Image.open(io.BytesIO(out.read_bytes())).height > 1000


def test_a_picture_of_each_way_in_a_folder(patterns: Path, tmp_path: Path) -> None:
    out = tmp_path / "pictures"
    options = ["--out", str(out), "--photos", "2", "--size", "48", "--class", "dots", "--min-scale", "0.1"]
    assert main(["batch", str(patterns), *options]) == 0
    assert {path.name for path in out.iterdir()} == {f"{way.name}.png" for way in ways(48)}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--min-scale", "0"], "above 0"),
        (["--min-scale", "nan"], "above 0"),
        (["--seed", "-1"], "seed must be"),
        (["--photos", "99"], "from 1 to 12"),
        (["--class", "owl"], "no photos of a class “owl”"),
        (["--out", "seen.txt"], "an ending that I can't draw"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(
    options: list[str],
    says: str,
    patterns: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["batch", str(patterns), *options]) == 1
    assert says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_without_photos_is_said_in_a_sentence(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["batch", str(tmp_path / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err
    assert main(["batch", str(patterns / "dots")]) == 1
    assert "no photos in the class folders" in capsys.readouterr().err


def test_no_picture_comes_among_the_training_photos(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert main(["batch", str(folder)]) == 1
    assert "among the training photos" in capsys.readouterr().err
    assert main(["batch", ".", "--out", "dots"]) == 1


@pytest.mark.parametrize("size", ["0", "5000", "big"])
def test_a_size_that_makes_no_sense_is_wrong_use(size: str, patterns: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(["batch", str(patterns), "--size", size])
    assert end.value.code == 2
