"""What a student imports: three lines of Python, and what a notebook calls."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

import bearclf
from bearclf import Answer, Predictor, UserError, evaluate, train
from bearclf.photos.decode import PhotoError
from bearclf.photos.progress import unseen
from tests.helpers.drawings import CLASSES, encoded, pattern


def test_every_public_name_is_there_and_is_said() -> None:
    assert set(bearclf.__all__) <= set(dir(bearclf))
    for name in bearclf.__all__:
        assert getattr(bearclf, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        bearclf.nothing  # noqa: B018 - asking for it is the test


def test_a_predictor_takes_paths_contents_and_pictures(pattern_bundle: Path, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(pattern("dots", 12), "PNG"))
    predictor = Predictor(str(pattern_bundle))
    answers = [
        predictor.predict(photo)
        for photo in (str(path), path, path.read_bytes(), memoryview(path.read_bytes()), Image.open(path))
    ]
    assert all(isinstance(answer, Answer) for answer in answers)
    assert {answer.label for answer in answers} == {"dots"}
    assert len({tuple(answer.probabilities.values()) for answer in answers}) == 1, "the same, however it came"


def test_a_picture_that_was_opened_stays_as_it_was(pattern_bundle: Path, tmp_path: Path) -> None:
    turned = pattern("dots", 12).resize((120, 80))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    predictor = Predictor(pattern_bundle)
    opened = Image.open(tmp_path / "turned.jpg")
    assert predictor.predict(opened).probabilities == predictor.predict(tmp_path / "turned.jpg").probabilities
    assert opened.size == (120, 80)


def test_what_cannot_be_answered_is_said(pattern_bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no model in"):
        Predictor(str(tmp_path))
    predictor = Predictor(pattern_bundle)
    with pytest.raises(PhotoError, match="no such file"):
        predictor.predict("not there.jpg")
    with pytest.raises(PhotoError, match="text file"):
        predictor.predict(b"not a photo")
    with pytest.raises(TypeError, match="a path, bytes or a picture of Pillow, not list"):
        predictor.predict(["photo.jpg"])  # type: ignore[arg-type]  # as a student may try


@pytest.mark.slow
def test_train_and_evaluate_take_paths_alone(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.training.options import Options

    monkeypatch.setenv("BEARCLF_CACHE", str(tmp_path / "cache"))
    card, skipped = train(str(patterns), str(tmp_path / "bundle"), Options(size=64), progress=unseen)
    assert (card.classes, skipped) == (list(CLASSES), [])
    figures, _ = evaluate(str(tmp_path / "bundle"), str(patterns), progress=unseen)
    assert figures["accuracy"] == 1
