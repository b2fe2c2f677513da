from __future__ import annotations

import getpass
import io
import json
import shutil
import socket
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from bearclf.access.passphrase import verify_passphrase
from bearclf.cli import main
from tests.helpers.drawings import CLASSES, encoded, pattern


@dataclass
class Training:
    """What ``train`` made and said."""

    bundle: Path
    out: str
    err: str


@pytest.fixture(scope="module")
def training(slow: None, patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Training:
    """As a student would type it, of a folder with a file in it that is no photo."""
    around = tmp_path_factory.mktemp("student")
    folder, bundle = Path(shutil.copytree(patterns, around / "photos")), around / "my model"
    (folder / "dots" / "broken.jpg").write_bytes(b"no photo")
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        assert main(["train", str(folder), "--out", str(bundle), "--size", "64", "--noun", "pattern"]) == 0
    return Training(bundle, out.getvalue(), err.getvalue())


def test_train_then_predict_then_evaluate(
    training: Training, patterns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The three commands as a student would type them."""
    bundle = training.bundle
    assert "24 photos of 3 classes" in training.out

    (tmp_path / "dots.png").write_bytes(encoded(pattern("dots", 31), "PNG"))
    photo, missing = str(tmp_path / "dots.png"), str(tmp_path / "missing.png")
    assert main(["predict", photo, missing, "--bundle", str(bundle), "--json"]) == 1
    answer, refusal = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert {
        *("file", "label", "probability", "labels", "probabilities", "ms", "known", "standing", "familiarity")
    } == set(answer)
    assert (answer["file"], answer["label"]) == (photo, "dots")
    assert set(refusal) == {"file", "error"}
    assert main(["predict", photo, "--bundle", str(bundle)]) == 0
    assert f"{photo}: dots" in capsys.readouterr().out

    assert main(["evaluate", str(patterns), "--bundle", str(bundle), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {
        "n", "accuracy", "error_rate", "accuracy_interval", "per_class_recall", "classes", "confusion_matrix"
    } <= set(result)  # fmt: skip
    assert result["n"] == 24
    assert result["classes"] == list(CLASSES)
    assert main(["evaluate", str(patterns), "--bundle", str(bundle)]) == 0
    assert "dots: 8 photos, 8 answered as dots" in capsys.readouterr().out


@pytest.mark.slow
def test_a_mistake_of_the_person_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "at least two classes" in said
    assert "Traceback" not in said


def test_skipped_files_are_named(training: Training) -> None:
    assert "Skipped" in training.err
    assert "broken.jpg" in training.err


@pytest.mark.parametrize(
    "words",
    [["--help"], ["train", "--help"], ["predict", "--help"], ["serve", "--help"], ["passphrase", "--help"]],
)
def test_help_comes_at_once_and_explains(words: list[str]) -> None:
    """Without torch: a student who asks for help should not wait for it."""
    script = f"""
import sys
from bearclf.cli import main
try:
    main({words!r})
except SystemExit as end:
    assert end.code == 0
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert f"usage: bearclf {' '.join(words[:-1])}".strip() in done.stdout


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ([str(Path(sys.executable).with_name("bearclf"))], "bearclf"),
        ([sys.executable, "-m", "bearclf"], "python -m bearclf"),
    ],
)
def test_help_repeats_how_it_was_called(call: list[str], name: str) -> None:
    done = subprocess.run([*call, "--help"], capture_output=True, text=True, check=True)
    assert f"usage: {name} [-h] COMMAND" in done.stdout


@pytest.mark.parametrize("size", ["0", "9999", "big"])
def test_a_size_that_makes_no_sense_is_refused(size: str, patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(["train", str(patterns), "--out", str(tmp_path / "out"), "--size", size])
    assert end.value.code == 2


class Terminal(io.StringIO):
    """Where a person types."""

    def isatty(self) -> bool:
        return True


def test_a_passphrase_from_a_pipe_becomes_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("vier Wörter ohne Sinn \nmore\n"))
    assert main(["passphrase"]) == 0
    said = capsys.readouterr()
    [hashed] = said.out.splitlines()
    assert hashed.startswith("argon2:")
    assert "Wörter" not in said.out + said.err
    assert "BEARCLF_CURATORS" in said.err
    assert "single quotes" in said.err

    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path))
    verify_passphrase("vier Wörter ohne Sinn ", hashed)


@pytest.mark.parametrize("piped", ["", "\n", "1234567\n"])
def test_a_short_passphrase_is_refused(
    piped: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(piped))
    assert main(["passphrase"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "8 characters or more" in said.err


def test_a_passphrase_is_typed_twice_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["12345678", "12345678", "12345678", "12345679"]
    monkeypatch.setattr(sys, "stdin", Terminal("not this"))
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed.pop(0))
    assert main(["passphrase"]) == 0
    assert capsys.readouterr().out.startswith("argon2:")
    assert main(["passphrase"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "not the same" in said.err


def test_what_cannot_be_written_or_is_not_there_is_said_before_the_work(
    patterns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.training import train as training

    def never(*_: object) -> None:
        raise AssertionError("it was begun")

    monkeypatch.setattr(training, "set_seed", never)
    (tmp_path / "file").touch()
    for options, says in (
        (["--out", str(tmp_path / "file")], "is a file"),
        (["--out", str(patterns)], "holds something else"),
        (["--out", str(tmp_path / "new"), "--examples", str(tmp_path / "nope")], "There is no folder"),
    ):
        assert main(["train", str(patterns), *options]) == 1
        assert says in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "99999", "-1"])
def test_a_port_that_is_none_is_wrong_use(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--port", port])
    assert "from 1 to 65535" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("localhost", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    said = capsys.readouterr()
    assert "is taken" in said.err
    assert "Open http" not in said.out
