from __future__ import annotations

import json
import pickletools
import shutil
import sys
import warnings
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bearclf.errors import UserError
from bearclf.models.bundle import NETWORK, read_checked
from bearclf.models.card import Card, read_card, read_examples
from bearclf.photos.folders import content_digest
from bearclf.photos.store import FeatureStore
from bearclf.photos.validation_set import valid_part
from bearclf.prediction.network import ExportedNetwork
from bearclf.training.network import write_network
from bearclf.training.probe import fit_head, fit_probe
from bearclf.training.splits import cross_validation_folds
from bearclf.training.train import Options, train
from tests.conftest import ROOT, no_progress
from tests.helpers.drawings import CLASSES, class_folders


def blobs(classes: int, each: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    centres = random.normal(0, 3, (classes, 12))
    labels = np.repeat(np.arange(classes), each)
    return (centres[labels] + random.normal(0, 1, (len(labels), 12))).astype(np.float32), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_a_head_tells_blobs_apart_and_is_linear_in_raw_features(classes: int) -> None:
    features, labels = blobs(classes)
    head = fit_head(100 * features + 7, labels, classes, strength=100)
    probabilities = head.probabilities(100 * features + 7)
    assert probabilities.shape == (len(labels), classes)
    assert np.allclose(probabilities.sum(1), 1)
    assert (probabilities.argmax(1) == labels).mean() > 0.95


def test_every_photo_is_judged_by_a_head_that_did_not_see_it() -> None:
    features, labels = blobs(3)
    labels[0] = 2  # a wrong label can't be learned by heart if it is held out
    probe = fit_probe(features, labels, np.arange(len(labels)), 0, no_progress)
    assert not np.isnan(probe.out_of_sample).any()
    assert probe.out_of_sample[0].argmax() == 0


def test_versions_of_a_picture_are_never_on_both_sides() -> None:
    _, labels = blobs(3)
    groups = np.arange(len(labels)) // 2
    for train_side, valid_side in cross_validation_folds(labels, groups, seed=3):
        assert not set(groups[train_side]) & set(groups[valid_side])


def digests_of(count: int) -> list[str]:
    return [content_digest(str(number).encode()) for number in range(count)]


def test_a_photo_stays_on_its_side_whatever_happens_to_others() -> None:
    digests, groups = digests_of(1000), np.arange(1000) // 2
    in_valid = valid_part(digests, groups)
    assert in_valid.mean() == pytest.approx(0.2, abs=0.04)
    assert (in_valid[::2] == in_valid[1::2]).all()  # versions of one picture
    kept = np.random.default_rng(0).permutation(1000)[:500]
    renumbered = np.unique(groups[kept], return_inverse=True)[1] + 7
    alone = np.isin(groups[kept], np.flatnonzero(np.bincount(groups[kept]) == 2))
    again = valid_part([digests[index] for index in kept], renumbered)
    assert (again == in_valid[kept])[alone].all()


@pytest.mark.parametrize("pictures", [2, 3, 4])
def test_even_few_pictures_are_on_both_sides(pictures: int) -> None:
    in_valid = valid_part(digests_of(pictures), np.arange(pictures))
    assert 0 < in_valid.sum() < pictures


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
    text = (pattern_bundle / "MODEL_CARD.md").read_text("utf-8")
    assert card.command in text
    assert f"{card.metrics['accuracy']:.3f}" in text


def test_training_features_are_kept_small_and_without_photos(pattern_bundle: Path) -> None:
    kept = np.load(pattern_bundle / "features.npz")
    assert kept["features"].dtype == np.float16
    assert kept["features"].shape == (24, 1280)
    assert kept["digests"].shape == (24, 32)
    assert kept["out_of_sample"].shape == (24, 3)
    assert kept["known_scores"].shape == (24,)


def test_no_path_of_this_machine_is_in_the_model(patterns: Path, pattern_bundle: Path) -> None:
    with zipfile.ZipFile(pattern_bundle / "export.pkl") as archive:
        [pickle] = [name for name in archive.namelist() if name.endswith("data.pkl")]
        strings = [
            argument
            for _, argument, _ in pickletools.genops(archive.read(pickle))
            if isinstance(argument, str)
        ]
    # A path is pickled whole, or part by part: of what is not relative, the root is the first part.
    assert not [text for text in strings if text.startswith(("/", str(ROOT))) or ":\\" in text]
    assert not {patterns.name, "dots_0.jpg"} & set(strings)


def test_the_same_training_gives_the_same_model(patterns: Path, pattern_bundle: Path, tmp_path: Path) -> None:
    again, _ = train(patterns, tmp_path / "again", Options(size=64), FeatureStore(None), no_progress)
    before = read_card(pattern_bundle).metrics
    for name, value in again.metrics.items():
        if name in ("log_loss", "ece"):  # how many threads multiply matrices changes the last digits
            assert value == pytest.approx(before[name], abs=1e-6), name
        else:
            assert value == before[name], name


def test_the_courses_recipe_makes_a_bundle_too(patterns: Path, tmp_path: Path) -> None:
    from bearclf.prediction.predictor import Predictor

    options = Options(recipe="fine-tune", size=48, epochs=1)
    card, _ = train(patterns, tmp_path / "tuned", options, FeatureStore(None), no_progress)
    assert card.recipe == "fine-tune"
    assert NETWORK in card.files
    assert card.metrics["n"] == pytest.approx(24 / 5, abs=1)
    assert np.load(tmp_path / "tuned" / "features.npz")["features"].shape == (24, 1280)
    photo = next((patterns / "dots").iterdir())
    assert Predictor(tmp_path / "tuned").predict(photo.read_bytes()).label in CLASSES


def test_the_network_comes_with_the_bundle(pattern_bundle: Path) -> None:
    card = read_card(pattern_bundle)
    content, pickled = (read_checked(pattern_bundle, name, card) for name in (NETWORK, "export.pkl"))
    assert ExportedNetwork(content, pickled).vocab == list(CLASSES)
    assert len(content) < len(pickled) / 50  # the weights are there once
    assert b".py" not in content  # nor any path of this machine


@pytest.mark.parametrize("fault", ["no onnx", "no onnxruntime", "other answers"])
def test_without_a_network_that_can_be_trusted_the_bundle_is_complete(
    fault: str,
    pattern_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "export.pkl").write_bytes((pattern_bundle / "export.pkl").read_bytes())
    if fault == "other answers":
        seen = np.ones(len(CLASSES), np.float32), np.ones(1280, np.float32)
        monkeypatch.setattr(ExportedNetwork, "look", lambda *_: seen)
    else:
        monkeypatch.setitem(sys.modules, fault.removeprefix("no "), None)
    write_network(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["export.pkl"]
    assert "no network.onnx" in caplog.text


def test_a_torchvision_architecture_is_taken_by_name(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import ResNet18_Weights, resnet18

    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    monkeypatch.setattr(
        ResNet18_Weights, "get_state_dict", lambda *args, **kwargs: resnet18(weights=None).state_dict()
    )
    options = Options(architecture="resnet18", size=32)
    card, _ = train(patterns, tmp_path / "resnet", options, FeatureStore(None), no_progress)
    assert card.architecture == "resnet18"
    assert NETWORK in card.files
    assert np.load(tmp_path / "resnet" / "features.npz")["features"].shape == (24, 512)


@pytest.mark.parametrize(
    ("options", "says"),
    [(Options(architecture="no_such_net"), "no architecture"), (Options(recipe="magic"), "no recipe")],
)
def test_what_nobody_knows_is_said(options: Options, says: str, patterns: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=says):
        train(patterns, tmp_path / "out", options, FeatureStore(None), no_progress)


def test_weights_that_cannot_be_fetched_are_said(
    patterns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import ResNet18_Weights

    def offline(*args: object, **kwargs: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(ResNet18_Weights, "get_state_dict", offline)
    with pytest.raises(UserError, match="could not be fetched"):
        train(patterns, tmp_path / "out", Options(architecture="resnet18"), FeatureStore(None), no_progress)


def test_too_few_different_pictures_are_said(tmp_path: Path) -> None:
    folder = class_folders(tmp_path / "photos", each=3)
    for copy in ("dots_1.jpg", "dots_2.jpg"):
        shutil.copy(folder / "dots" / "dots_0.jpg", folder / "dots" / copy)
    with pytest.raises(UserError, match="“dots” has only one photo"):
        train(folder, tmp_path / "out", Options(size=64), FeatureStore(None), no_progress)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_not_overwritten(patterns: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="something else"):
        train(patterns, tmp_path, Options(size=64), FeatureStore(None), no_progress)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_one_flipped_bit_is_refused_before_anything_is_unpickled(
    pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.prediction import learned
    from bearclf.prediction.predictor import Predictor

    bundle = tmp_path / "bundle"
    shutil.copytree(pattern_bundle, bundle)
    data = bytearray((bundle / "export.pkl").read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / "export.pkl").write_bytes(data)

    def never(*_: object) -> None:
        raise AssertionError("unpickled")

    monkeypatch.setattr(learned, "load_learner", never)
    with pytest.raises(UserError, match="changed or damaged"):
        Predictor(bundle)


def date_card(bundle: Path, trained: str) -> None:
    (bundle / "card.json").write_text(replace(read_card(bundle), trained=trained).to_json(), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda bundle: shutil.rmtree(bundle), "no model"),
        (lambda bundle: (bundle / "card.json").write_text("{"), "damaged"),
        (lambda bundle: (bundle / "card.json").write_text('{"format": 99}'), "another version"),
        (lambda bundle: date_card(bundle, "yesterday"), "damaged"),
        (lambda bundle: (bundle / "export.pkl").unlink(), "incomplete"),
    ],
    ids=["none", "broken card", "other format", "no time", "no export"],
)
def test_a_spoilt_bundle_is_said(spoil, says: str, pattern_bundle: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bundle = tmp_path / "bundle"
    shutil.copytree(pattern_bundle, bundle)
    card: Card = read_card(bundle)
    spoil(bundle)
    with pytest.raises(UserError, match=says):
        read_checked(bundle, "export.pkl", read_card(bundle) if says != "incomplete" else card)


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


def test_the_card_is_valid_json_that_people_can_read(pattern_bundle: Path) -> None:
    text = (pattern_bundle / "card.json").read_text("utf-8")
    assert json.loads(text)["classes"] == list(CLASSES)
    assert text.count("\n") > 20


def test_examples_come_with_the_bundle_and_are_checked(patterns: Path, tmp_path: Path) -> None:
    options = Options(size=64, examples=patterns / "dots")
    card, _ = train(patterns, tmp_path / "shown", options, FeatureStore(None), no_progress)
    examples = read_examples(tmp_path / "shown", card)
    assert [name for name, _ in examples] == ["example 1.jpg", "example 2.jpg", "example 3.jpg"]
    (tmp_path / "shown" / "examples" / "example 2.jpg").write_bytes(b"another")
    with pytest.raises(UserError, match="was changed"):
        read_examples(tmp_path / "shown", card)
