"""Training where a photo may have several labels, by both recipes, on pictures of several patterns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bearclf.cli import main
from bearclf.errors import UserError
from bearclf.exporting.export import export
from bearclf.models.card import introduction, read_card
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.prediction.predictor import Predictor
from bearclf.training.options import Options
from bearclf.training.train import train
from tests.helpers.composed import write_composed
from tests.helpers.drawings import CLASSES, pattern

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def views(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos, ``photos``, and their table, ``views.csv``."""
    folder = tmp_path_factory.mktemp("views")
    drawn = {kind: [pattern(kind, seed) for seed in range(40)] for kind in CLASSES}
    write_composed(folder / "photos", folder / "views.csv", drawn, 60)
    return folder


@pytest.fixture(scope="module")
def bundle(views: Path) -> Path:
    options = Options(labels=views / "views.csv", size=96)
    with FeatureStore(None) as store:
        train(views / "photos", views / "model", options, store, unseen)
    return views / "model"


def test_the_card_tells_how_each_label_is_found(bundle: Path) -> None:
    card = read_card(bundle)
    assert card.threshold is not None
    assert 0 < card.threshold < 1
    assert card.metrics["accuracy"] > 0.85
    assert card.metrics["f2"] > 0.8
    assert sum(card.photos.values()) > 60  # a photo counts for each of its labels
    assert set(card.metrics["confusion_per_label"]) == set(CLASSES)
    assert "none of them, one, or several" in introduction(card)[0]
    text = (bundle / "MODEL_CARD.md").read_text("utf-8")
    assert "F2" in text
    assert "--labels views.csv" in text
    assert {f"report/{name}.png" for name in ("confusion_per_label", "thresholds")} <= set(card.files)


def test_a_picture_of_two_patterns_gets_both(bundle: Path, views: Path) -> None:
    predictor = Predictor(bundle)
    assert predictor.is_fast
    rows = [line.split(",") for line in (views / "views.csv").read_text("utf-8").splitlines()[1:]]
    right = [
        set(predictor.predict(views / "photos" / name).labels) == set(labels.split()) for name, labels in rows
    ]
    assert sum(right) >= 50
    answer = predictor.predict(views / "photos" / rows[0][0])
    assert all(answer.probabilities[label] >= (read_card(bundle).threshold or 1) for label in answer.labels)


def test_no_photo_is_in_the_model(bundle: Path) -> None:
    assert b"composed 00" not in (bundle / "export.pkl").read_bytes()


def test_the_learner_answers_as_fastai_does(bundle: Path, views: Path) -> None:
    from fastai.vision.all import load_learner

    learner = load_learner(bundle / "export.pkl")
    photo = views / "photos" / "composed 0000.jpg"
    with learner.no_bar():
        _, _, probabilities = learner.predict(photo)
    ours = Predictor(bundle).predict(photo).probabilities
    assert dict(zip(learner.dls.vocab, probabilities.tolist(), strict=True)) == pytest.approx(ours, abs=1e-3)


def test_the_courses_recipe_takes_several_labels_too(views: Path, tmp_path: Path) -> None:
    options = Options(recipe="fine-tune", labels=views / "views.csv", size=64, epochs=1)
    with FeatureStore(None) as store:
        card, _ = train(views / "photos", tmp_path / "model", options, store, unseen)
    assert card.threshold is not None
    assert card.metrics["accuracy"] > 0.5
    assert set(Predictor(tmp_path / "model").predict(views / "photos" / "composed 0000.jpg").labels) <= set(
        CLASSES
    )


def test_rows_without_a_photo_are_named_and_the_rest_is_learned(
    views: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "views.csv"
    table.write_text((views / "views.csv").read_text("utf-8") + "gone.jpg,dots\n", encoding="utf-8")
    words = [
        "train",
        str(views / "photos"),
        "--labels",
        str(table),
        "--size",
        "64",
        "--out",
        str(tmp_path / "m"),
    ]
    assert main(words) == 0
    assert "gone.jpg: views.csv names this file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--valid", "folder"], "for class folders"),
        (["--elsewhere", "photos"], "can't say several labels"),
    ],
)
def test_what_cannot_be_is_told_before_the_work(
    views: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], sentence: str
) -> None:
    words = ["train", str(views / "photos"), "--labels", str(views / "views.csv"), "--size", "64"]
    assert main([*words, *more, "--out", str(tmp_path / "model")]) == 1
    assert sentence in capsys.readouterr().err


def test_without_a_table_nothing_stands_between_labels(views: Path) -> None:
    with pytest.raises(UserError, match="add --labels"):
        Options(label_delim=";").check()


def test_it_is_measured_on_other_photos_that_a_table_speaks_of(
    bundle: Path, views: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = {kind: [pattern(kind, seed) for seed in range(100, 120)] for kind in CLASSES}
    write_composed(tmp_path / "others", tmp_path / "others.csv", drawn, 20, seed=1)
    words = ["evaluate", str(tmp_path / "others"), "--bundle", str(bundle)]
    assert main([*words, "--labels", str(tmp_path / "others.csv")]) == 0
    told = capsys.readouterr().out
    assert "20 photos" in told
    assert "F2" in told
    assert "  dots: " in told
    assert main(words) == 1
    assert "with --labels" in capsys.readouterr().err
    assert main(["report", str(bundle), str(views)]) == 1
    assert "a report is for one class each" in capsys.readouterr().err


def test_the_printed_code_learns_the_same_labels(views: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", str(views / "photos"), "--labels", str(views / "views.csv"), "--recipe", "fine-tune"]
    assert main([*words, "--size", "32", "--epochs", "1", "--show-code"]) == 0
    code = capsys.readouterr().out
    assert "(ImageBlock, MultiCategoryBlock)" in code
    lines = code.split("learn = vision_learner")[0]
    names: dict[str, Any] = {}
    exec(compile(lines, "code", "exec"), names)
    dls = names["dls"]
    assert list(dls.vocab) == sorted(CLASSES)
    photo = dls.train.items[0]
    rows = dict(line.split(",") for line in (views / "views.csv").read_text("utf-8").splitlines())
    assert names["labels_of"](photo) == sorted(rows[photo.name].split())


def test_the_recipe_best_is_for_one_class_each(views: Path) -> None:
    with pytest.raises(UserError, match="--labels is for the recipe"):
        Options(recipe="best", labels=views / "views.csv").check()


def test_it_goes_only_where_several_labels_are_understood(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--onnx and --space"):
        export(bundle, onnx=tmp_path / "model.onnx", web=tmp_path / "page")
    assert list(tmp_path.iterdir()) == []
    assert export(bundle, onnx=tmp_path / "model.onnx") == [tmp_path / "model.onnx"]
