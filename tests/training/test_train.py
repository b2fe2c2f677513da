from __future__ import annotations

import pickletools
import shutil
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bearclf.errors import UserError
from bearclf.gathering.attribution import add_attributions, read_attributions
from bearclf.gathering.found import FoundPhoto
from bearclf.models.bundle import NETWORK
from bearclf.models.card import read_card
from bearclf.photos.folders import FolderPhoto, content_digest
from bearclf.photos.progress import unseen
from bearclf.photos.store import FeatureStore
from bearclf.training.options import Options
from bearclf.training.report import draw_top_losses
from bearclf.training.train import train
from tests.conftest import ROOT
from tests.helpers.drawings import CLASSES, class_folders, encoded, pattern
from tests.helpers.readable import Readable

pytestmark = pytest.mark.slow


def test_a_bundle_says_what_it_is(patterns: Path, pattern_bundle: Path) -> None:
    card = read_card(pattern_bundle)
    assert card.classes == list(CLASSES)
    assert card.photos == dict.fromkeys(CLASSES, 8)
    assert card.metrics["n"] == 24
    assert card.metrics["accuracy"] > 0.8
    low, high = card.metrics["accuracy_interval"]
    assert low < card.metrics["accuracy"] <= high
    assert {"python", "torch", "fastai", "timm", "bearclf"} <= card.versions.keys()
    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(card.trained) < timedelta(hours=1)
    on_disk = {
        path.relative_to(pattern_bundle).as_posix(): content_digest(path.read_bytes())
        for path in pattern_bundle.rglob("*")
        if path.is_file() and path.name != "card.json"
    }
    assert card.files == on_disk
    assert {f"report/{name}.png" for name in ("confusion_matrix", "top_losses", "training_photos")} <= set(
        on_disk
    )
    assert "ATTRIBUTION.csv" not in on_disk, "nothing was gathered"
    page = Readable((pattern_bundle / "report" / "report.html").read_text("utf-8"))
    assert "24 of them training photos that were held out" in page.sections["How this was measured"]
    assert len(page.images) == 12
    text = (pattern_bundle / "MODEL_CARD.md").read_text("utf-8")
    assert "ATTRIBUTION" not in text
    assert "Small pictures of some are in `report/`" in text
    assert card.command in text
    assert f"{card.metrics['accuracy']:.3f}" in text


def test_a_report_without_photos_names_none_either(patterns: Path, folder: Path, tmp_path: Path) -> None:
    (folder / "dots" / "broken.jpg").write_bytes(b"no")
    train(folder, tmp_path / "b", Options(size=32, report_photos=False), FeatureStore(None), unseen)
    assert "No photo is in this bundle." in (tmp_path / "b" / "MODEL_CARD.md").read_text("utf-8")
    html = (tmp_path / "b" / "report" / "report.html").read_text("utf-8")
    assert "<img" not in html
    assert ".jpg" not in html


@pytest.mark.slow
def test_a_photo_that_vanishes_before_the_pictures_are_drawn_is_left_out(tmp_path: Path) -> None:
    here, gone = tmp_path / "$here$.png", tmp_path / "$gone$.png"
    here.write_bytes(encoded(pattern("dots", 1), "PNG"))
    photos = [FolderPhoto(path, "dots", "") for path in (here, gone)]
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    figure = draw_top_losses(photos, np.array([0, 0]), probabilities, ["dots", "stripes"])
    figure.savefig(tmp_path / "drawn.png")
    first, second = figure.axes[:2]
    assert [text.get_text() for text in first.texts] == ["$gone$.png\nis gone"]
    assert len(second.images) == 1


def test_training_features_are_kept_small_and_without_photos(pattern_bundle: Path) -> None:
    kept = np.load(pattern_bundle / "features.npz")
    assert kept["features"].dtype == np.float16
    assert kept["features"].shape == (24, 1280)
    assert kept["digests"].shape == (24, 32)
    assert kept["out_of_sample"].shape == (24, 3)
    assert kept["familiarities"].shape == (24,)


def test_no_path_of_this_machine_is_in_the_model(pattern_bundle: Path) -> None:
    with zipfile.ZipFile(pattern_bundle / "export.pkl") as archive:
        [pickle] = [name for name in archive.namelist() if name.endswith("data.pkl")]
        strings = [
            argument
            for _, argument, _ in pickletools.genops(archive.read(pickle))
            if isinstance(argument, str)
        ]
    # Paths are pickled whole, or part by part from the root on; other parts may be words of any pickle.
    assert "dots_0.jpg" not in strings
    assert not [text for text in strings if text.startswith(("/", str(ROOT))) or ":\\" in text]


def test_the_same_training_gives_the_same_model(patterns: Path, pattern_bundle: Path, tmp_path: Path) -> None:
    again, _ = train(patterns, tmp_path / "again", Options(size=64), FeatureStore(None), unseen)
    before = read_card(pattern_bundle).metrics
    for name, value in again.metrics.items():
        if name in ("log_loss", "ece"):  # how many threads multiply matrices changes the last digits
            assert value == pytest.approx(before[name], abs=1e-6), name
        else:
            assert value == before[name], name


def test_the_courses_recipe_makes_a_bundle_too(patterns: Path, tuned_bundle: Path) -> None:
    from bearclf.prediction.predictor import Predictor

    card = read_card(tuned_bundle)
    assert card.recipe == "fine-tune"
    assert NETWORK in card.files
    assert card.metrics["n"] == pytest.approx(24 / 5, abs=1)
    assert np.load(tuned_bundle / "features.npz")["features"].shape == (24, 1280)
    photo = next((patterns / "dots").iterdir())
    assert Predictor(tuned_bundle).predict(photo.read_bytes()).label in CLASSES


def test_a_torchvision_architecture_is_taken_by_name(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import ResNet18_Weights, resnet18

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(
        ResNet18_Weights, "get_state_dict", lambda *args, **kwargs: resnet18(weights=None).state_dict()
    )
    options = Options(architecture="resnet18", size=32)
    card, _ = train(patterns, tmp_path / "resnet", options, FeatureStore(None), unseen)
    assert card.architecture == "resnet18"
    assert NETWORK in card.files
    assert np.load(tmp_path / "resnet" / "features.npz")["features"].shape == (24, 512)


@pytest.mark.parametrize(
    ("options", "says"),
    [(Options(architecture="no_such_net"), "no architecture"), (Options(recipe="magic"), "no recipe")],
)
def test_what_nobody_knows_is_said(options: Options, says: str, patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=says):
        train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)


def test_a_class_that_only_the_photos_from_elsewhere_have_is_said_before_the_work(
    patterns: Path, tmp_path: Path
) -> None:
    (tmp_path / "others" / "waves").mkdir(parents=True)
    (tmp_path / "others" / "waves" / "1.jpg").write_bytes(b"looked at later, if at all")

    def no_work(steps, total, description):  # type: ignore[no-untyped-def]
        raise AssertionError(f"{description} had begun")

    options = Options(size=64, elsewhere=tmp_path / "others")
    with pytest.raises(UserError, match="“waves”, which this model doesn't know"):
        train(patterns, tmp_path / "out", options, FeatureStore(None), no_work)


def test_weights_that_cannot_be_fetched_are_said(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import ResNet18_Weights

    def offline(*args: object, **kwargs: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", offline)
    with pytest.raises(UserError, match="could not be fetched"):
        train(patterns, tmp_path / "out", Options(architecture="resnet18"), FeatureStore(None), unseen)


def test_too_few_different_pictures_are_said(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos", each=3)
    for copy in ("dots_1.jpg", "dots_2.jpg"):
        shutil.copy(folder / "dots" / "dots_0.jpg", folder / "dots" / copy)
    with pytest.raises(UserError, match="“dots” has only one photo"):
        train(folder, tmp_path / "out", Options(size=64), FeatureStore(None), unseen)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_not_overwritten(patterns: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="something else"):
        train(patterns, tmp_path, Options(size=64), FeatureStore(None), unseen)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_learner_exported_here_is_loaded_by_fastai_alone(patterns: Path, pattern_bundle: Path) -> None:
    from fastai.vision.all import load_learner

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner = load_learner(pattern_bundle / "export.pkl")
    photo = next((patterns / "stripes").iterdir())
    with learner.no_bar():
        label, _, probabilities = learner.predict(photo)
    assert label in CLASSES
    assert float(probabilities.sum()) == pytest.approx(1)


def test_a_bundle_brings_the_attributions_of_its_training_photos_and_no_others(
    trained: Callable[..., Path], tmp_path: Path
) -> None:
    folder = class_folders(tmp_path / "photos", each=4)
    gathered = [content_digest((folder / "dots" / f"dots_{number}.jpg").read_bytes()) for number in range(2)]
    found = FoundPhoto(
        url="https://photos.example.org/1.jpg",
        title="=Old bear",
        creator="Ana Müller",
        licence="CC BY 2.0",
        licence_url="",
        landing_page="https://photos.example.org/1",
        source="Openverse, flickr",
    )
    add_attributions(folder, dict.fromkeys([*gathered, "0" * 64], found))
    bundle = trained(folder, size=48)
    assert read_attributions(bundle) == dict.fromkeys(gathered, found)
    assert "ATTRIBUTION.csv" in read_card(bundle).files
    text = (bundle / "MODEL_CARD.md").read_text("utf-8")
    assert (
        "2 of them come from elsewhere: creator, licence and link of each are in `ATTRIBUTION.csv`." in text
    )
    (folder / "ATTRIBUTION.csv").write_text("sha256;title\n")
    with pytest.raises(UserError, match="isn't the table"):
        train(folder, tmp_path / "bundle", Options(), FeatureStore(None), unseen)


def test_training_photos_are_no_photos_from_elsewhere(patterns: Path, tmp_path: Path) -> None:
    options = Options(size=64, elsewhere=patterns)
    with pytest.raises(UserError, match="training photos"):
        train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)


def test_photos_from_elsewhere_are_measured_and_those_that_cannot_be_are_named(
    patterns: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    for number, kind in enumerate(CLASSES):
        (others / kind).mkdir(parents=True)
        (others / kind / "new.jpg").write_bytes(encoded(pattern(kind, 900 + number)))
    shutil.copy(patterns / "dots" / "dots_3.jpg", others / "dots" / "known.jpg")
    (others / "stripes" / "torn.jpg").write_bytes(b"no photo")
    options = Options(size=64, elsewhere=others)
    card, skipped = train(patterns, tmp_path / "out", options, FeatureStore(None), unseen)
    assert {file.path.name for file in skipped} == {"known.jpg", "torn.jpg"}
    assert card.elsewhere["n"] == 3
    assert card.skipped == 0, "that counts the training folder's"
    assert card.elsewhere["folder"] == "others"
    assert card.elsewhere["variants"].keys() == {"as they are", "small", "dark", "grey", "drawn", "far away"}
    assert "another source (`others`)" in (tmp_path / "out" / "MODEL_CARD.md").read_text("utf-8")
