from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bearclf.errors import UserError
from bearclf.photos.decode import PhotoError
from bearclf.photos.progress import unseen
from bearclf.prediction.evaluation import answer_files, evaluate
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy


def test_the_shipped_model_is_right_about_photos_from_elsewhere(shared_photos: Path, tmp_path: Path) -> None:
    """Bears of another crawl are not turned away, and other things are. Some of each show a fault."""
    for folder, every in (("bears-elsewhere", 2), ("outside", 3)):
        for photo in sorted((shared_photos / folder).rglob("*.jpg"))[::every]:
            link = tmp_path / photo.relative_to(shared_photos)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(photo)
    result, _ = evaluate(
        Predictor(bundle_folder()), tmp_path / "bears-elsewhere", tmp_path / "outside", unseen
    )
    assert result["accuracy"] >= 0.97
    assert result["turned_away"] <= 0.04
    assert result["doubtful"] <= 0.12
    assert result["auroc"] >= 0.996
    assert result["let_through"] <= 0.02
    assert result["ece"] <= 0.03


def test_photos_of_other_things_may_lie_however_deep(
    pattern_bundle: Path, patterns: Path, tmp_path: Path
) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.png").write_bytes(encoded(pattern("dots", 900), "PNG"))
    (deep / "no.jpg").write_bytes(b"nothing")
    result, skipped = evaluate(Predictor(pattern_bundle), patterns, tmp_path, unseen)
    assert {"auroc", "let_through", "turned_away", "doubtful"} <= result.keys()
    assert [file.path.name for file in skipped] == ["no.jpg"]


@pytest.mark.parametrize("is_older", [False, True])
def test_files_are_answered_in_order_and_refused_in_place(
    is_older: bool, pattern_bundle: Path, older_bundle: Path, tmp_path: Path
) -> None:
    predictor = Predictor(older_bundle if is_older else pattern_bundle)
    folder = tmp_path / "photos"
    folder.mkdir()
    kinds = [CLASSES[number % 3] for number in range(11)]
    for number, kind in enumerate(kinds):
        (folder / f"{number:02}.jpg").write_bytes(encoded(pattern(kind, 600 + number)))
    (folder / "05.jpg").write_bytes(b"no photo")
    paths = sorted(folder.iterdir())
    answered = list(answer_files(predictor, paths))
    assert [path for path, _ in answered] == paths
    for number, (_, answer) in enumerate(answered):
        if number == 5:
            assert isinstance(answer, PhotoError)
        else:
            assert not isinstance(answer, PhotoError)
            assert answer.label == kinds[number]


def test_a_folder_is_measured(predictor: Predictor, patterns: Path, tmp_path: Path) -> None:
    folder = tmp_path / "others"
    for kind in CLASSES:
        (folder / kind).mkdir(parents=True)
        (folder / kind / "one.png").write_bytes(encoded(pattern(kind, 501), "PNG"))
    (folder / "dots" / "broken.jpg").write_bytes(b"no")
    result, skipped = evaluate(predictor, folder, progress=unseen)
    assert result["n"] == 3
    assert result["classes"] == list(CLASSES)
    assert np.array(result["confusion_matrix"]).sum() == 3
    assert [file.path.name for file in skipped] == ["broken.jpg"]


def test_a_class_that_the_model_does_not_know_is_said(predictor: Predictor, tmp_path: Path) -> None:
    (tmp_path / "panda").mkdir()
    (tmp_path / "panda" / "1.jpg").write_bytes(encoded(teddy()))
    with pytest.raises(UserError, match="“panda”"):
        evaluate(predictor, tmp_path, progress=unseen)


def test_a_folder_without_photos_is_said(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no photos"):
        evaluate(predictor, tmp_path, progress=unseen)
