from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bearclf.adopting.adopt import adopt
from bearclf.adopting.apart import look
from bearclf.cli import main
from bearclf.errors import UserError
from bearclf.models.card import introduction, read_card
from bearclf.photos.progress import unseen
from bearclf.prediction.predictor import Predictor
from tests.conftest import ROOT
from tests.helpers.exports import Calls

OF_2020 = ROOT.parent / "shared" / "cases" / "exports" / "fastai-2.1-squeezenet.pkl"


def take(export: Path, bundle: Path, **options: Any) -> Any:
    return adopt(export, bundle, consent=lambda _: True, progress=unseen, **options)


@pytest.fixture(scope="session")
def drawn(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.helpers.exports import drawn_photos

    folder = tmp_path_factory.mktemp("drawn") / "photos"
    drawn_photos(folder)
    return folder


@pytest.mark.parametrize("way", ["crop", "pad", "squish", "random", "presized"])
def test_an_export_answers_as_it_did(way: str, drawn: Path, tmp_path: Path) -> None:
    from fastai.vision.all import RandomResizedCrop, Resize, aug_transforms

    from tests.helpers.exports import exported, learner

    size = 64
    item = RandomResizedCrop(size) if way == "random" else Resize(size, "crop" if way == "presized" else way)
    batch = aug_transforms(size=48, min_scale=0.75) if way == "presized" else aug_transforms()
    export, answers = exported(learner(drawn, item, batch), tmp_path / "export.pkl")
    card, _, _ = take(export, tmp_path / "bundle")
    assert card.classes == ["False", "True"]
    predictor = Predictor(tmp_path / "bundle")
    for photo, expected in zip(sorted(drawn.iterdir()), answers, strict=True):
        answer = predictor.predict(photo)
        assert np.allclose(list(answer.probabilities.values()), expected, atol=2e-3)
        assert answer.standing == "known"  # nothing tells what isn't


def test_a_labelling_function_another_system_and_a_gpu_are_no_hindrance(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from tests.helpers.exports import exported, learner

    monkeypatch.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")
    export, _ = exported(learner(drawn), tmp_path / "export.pkl")
    other = tmp_path / "windows.pkl"
    # As a notebook on Windows, with a GPU, would have written it.
    renamed = {
        b"ctests.helpers.exports\nis_cat\n": b"c__main__\nis_cat\n",
        b"cpathlib\nPosixPath\n": b"cpathlib\nWindowsPath\n",
        b"cfastai.vision.learner\n": b"cfastai2.vision.learner\n",
    }
    with zipfile.ZipFile(export) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("data.pkl"):
                assert b"cuda:0" in content
                for before, after in renamed.items():
                    assert before in content or b"learner" in before, before
                    content = content.replace(before, after)
            new.writestr(name, content)
    assert "__main__.is_cat" in look(other, unseen).own
    with pytest.raises(AttributeError, match="is_cat"):
        torch.load(other, map_location="cpu", weights_only=False)
    card, _, _ = take(other, tmp_path / "bundle")
    assert card.architecture == "resnet18"


@pytest.mark.slow
def test_an_export_of_2020_answers_as_it_did_then(tmp_path: Path, shared_photos: Path) -> None:
    if not OF_2020.is_file():
        pytest.skip(f"needs {OF_2020}")
    take(OF_2020, tmp_path / "bundle", noun="bear")
    predictor = Predictor(tmp_path / "bundle")
    told = json.loads(OF_2020.with_suffix(".json").read_text())["answers"]
    for name, expected in told.items():
        [photo] = (shared_photos / "bears-elsewhere").rglob(name)
        answer = predictor.predict(photo)
        assert answer.label == expected["label"]
        for label, probability in expected["probabilities"].items():
            assert answer.probabilities[label] == pytest.approx(probability, abs=0.02)
    assert predictor.is_fast
    assert "can't tell that it is something else" in introduction(predictor.card)[1]


def test_with_photos_it_is_measured_and_knows_what_is_unlike_them(
    drawn: Path, folder: Path, tmp_path: Path
) -> None:
    from tests.helpers.exports import exported, learner

    export, _ = exported(
        learner(drawn, label=lambda name: ["checks", "dots"][name[0] == "C"]), tmp_path / "e.pkl"
    )
    with pytest.raises(UserError, match="stripes"):
        take(export, tmp_path / "bundle", photos=folder)
    for photo in (folder / "stripes").iterdir():
        photo.unlink()
    card, _, _ = take(export, tmp_path / "bundle", photos=folder)
    assert card.metrics["n"] == 16
    assert card.novelty == "nearness"
    assert read_card(tmp_path / "bundle") == card
    answer = Predictor(tmp_path / "bundle").predict(next((folder / "dots").iterdir()))
    assert len(answer.nearest) > 0


def attack(name: str, marked: Path) -> bytes:
    import torch

    made: Any = {
        "a command": Calls(os.system, f"touch {marked}"),
        "a file": Calls(open, str(marked), "w"),
        "no end": Calls(exec, "while True: pass"),
        "processes": Calls(exec, "import os\nwhile True: os.fork()"),
        "memory": Calls(bytearray, 100 << 30),
        "the end": Calls(os._exit, 0),
    }.get(name)
    if made is not None:
        buffer = io.BytesIO()
        torch.save(made, buffer, _use_new_zipfile_serialization=name != "a file")
        return buffer.getvalue()
    if name == "depth":
        return b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b"."
    if name == "a bomb":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("archive/data.pkl", b"\0" * (300 << 20))
        return buffer.getvalue()
    if name == "weights":
        buffer = io.BytesIO()
        torch.save(torch.nn.Linear(2, 2).state_dict(), buffer)
        return buffer.getvalue()
    return {
        "nothing": b"",
        "text": b"hello",
        "a photo": b"\xff\xd8\xff\xe0" + bytes(100),
        "a pointer": b"version https://git-lfs.github.com/spec/v1\n",
        "half": b"PK\x03\x04" + bytes(1000),
        "a pickle": pickle.dumps({"some": Calls(os.getcwd)}),
    }[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a command", "no fastai learner"),
        ("a file", "no fastai learner"),
        ("no end", "no fastai learner"),
        ("processes", "no fastai learner"),
        ("memory", "more memory"),
        ("the end", "no fastai learner"),
        ("depth", "isn't an export"),
        ("a bomb", "larger than any export"),
        ("weights", "weights alone"),
        ("nothing", "empty"),
        ("text", "isn't an export"),
        ("a photo", "is a photo"),
        ("a pointer", "git lfs pull"),
        ("half", "cut short"),
        ("a pickle", "none that fastai or torch has written"),
    ],
)
def test_what_is_no_export_is_named_and_nothing_of_it_runs(name: str, sentence: str, tmp_path: Path) -> None:
    marked = tmp_path / "marked"
    export = tmp_path / "export.pkl"
    export.write_bytes(attack(name, marked))
    with pytest.raises(UserError, match=sentence):
        take(export, tmp_path / "bundle")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.pkl"]


@pytest.mark.slow
def test_nobody_there_to_ask_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "export.pkl"
    export.write_bytes(attack("a command", tmp_path / "marked"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["adopt", str(export), "--out", str(tmp_path / "bundle")]) == 1
    told = capsys.readouterr().err
    assert "system" in told
    assert "--yes" in told
    with pytest.raises(UserError, match="system"):
        adopt(export, tmp_path / "bundle", progress=unseen)
