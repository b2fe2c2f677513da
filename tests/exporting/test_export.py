"""The command, the call beside it, and what may be written where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bearclf import export
from bearclf.cli import main
from bearclf.errors import UserError
from bearclf.exporting import export as exporting
from bearclf.exporting.places import MARK, write_folder
from tests.helpers.bundles import bundle_with


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
def test_everything_is_written_at_once(
    pattern_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"--web": "page", "--onnx": "one.onnx", "--pkl": "one.pkl", "--space": "space"}
    words = [word for option, name in places.items() for word in (option, str(tmp_path / name))]
    assert main(["export", str(pattern_bundle), *words]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [f"Written: {tmp_path / name}" for name in places.values()]
    assert {path.name for path in tmp_path.iterdir()} == set(places.values())


def test_the_call_takes_paths_as_text(pattern_bundle: Path, tmp_path: Path) -> None:
    assert export(str(pattern_bundle), onnx=str(tmp_path / "new" / "one.onnx")) == [
        tmp_path / "new" / "one.onnx"
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["one.onnx"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--web, --onnx, --pkl or --space"),
        (["--web", "file"], "is a file"),
        (["--space", "others"], "holds something else"),
        (["--web", "others"], "holds something else"),
        (["--onnx", "others"], "is a folder"),
        (["--pkl", "file"], "already"),
        (["--onnx", "new.onnx", "--pkl", "file"], "already"),
    ],
)
def test_what_is_there_is_kept_and_nothing_is_begun(
    words: list[str],
    says: str,
    pattern_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    Path("others").mkdir()
    Path("others/letter").write_text("mine, too")
    before = written(tmp_path)
    assert main(["export", str(pattern_bundle), *words]) == 1
    assert says in capsys.readouterr().err
    assert written(tmp_path) == before


def test_a_folder_without_a_model_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "--web", str(tmp_path / "page")]) == 1
    assert "There is no model in" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["export.pkl", "network.onnx", "neighbours.npz"])
def test_a_damaged_bundle_is_not_exported(name: str, pattern_bundle: Path, tmp_path: Path) -> None:
    copy = bundle_with(pattern_bundle, tmp_path / "bundle", "extra", b"")
    (copy / name).write_bytes((copy / name).read_bytes()[:-1] + b"?")
    with pytest.raises(UserError, match="changed or damaged"):
        export(copy, onnx=tmp_path / "one.onnx")
    assert not (tmp_path / "one.onnx").exists()


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_folder(tmp_path / "page", "web", lambda folder: (folder / "old").touch())
    write_folder(tmp_path / "page", "web", lambda folder: (folder / "new").touch())
    assert {path.name for path in (tmp_path / "page").iterdir()} == {"new", MARK}
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


@pytest.mark.parametrize("change", ["a file of one's own", "another kind"])
def test_an_earlier_export_with_anything_else_in_it_is_kept(change: str, tmp_path: Path) -> None:
    write_folder(tmp_path / "page", "web", lambda folder: (folder / "old").touch())
    if change == "a file of one's own":
        (tmp_path / "page" / "CNAME").write_text("mine")
    before = written(tmp_path)
    with pytest.raises(UserError, match="holds something else"):
        write_folder(tmp_path / "page", "space" if change == "another kind" else "web", lambda _: None)
    assert written(tmp_path) == before


def test_what_fails_in_the_middle_leaves_the_earlier_one(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("no room")

    write_folder(tmp_path / "page", "web", lambda folder: (folder / "old").touch())
    before = written(tmp_path)
    with pytest.raises(UserError, match="no room"):
        write_folder(tmp_path / "page", "web", fail)
    assert written(tmp_path) == before


def test_a_network_that_cannot_be_exported_is_said(
    older_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.prediction.learned import LearnedNetwork

    def fail(*_: object) -> bytes:
        raise RuntimeError("Exporting the operator 'aten::surprise' is not supported")

    monkeypatch.setattr(LearnedNetwork, "exported", fail)
    with pytest.raises(UserError, match="can't be taken out of bearclf"):
        exporting.export(older_bundle, web=tmp_path / "page")
    assert not (tmp_path / "page").exists()
