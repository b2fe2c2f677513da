from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bearclf.models.bundle import NETWORK, read_checked
from bearclf.models.card import read_card
from bearclf.prediction.learned import LearnedNetwork
from bearclf.prediction.network import ExportedNetwork
from bearclf.training.export_network import write_network
from tests.helpers.drawings import CLASSES, pattern


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
        monkeypatch.setattr(ExportedNetwork, "forward", lambda *_: seen)
    else:
        monkeypatch.setitem(sys.modules, fault.removeprefix("no "), None)
    write_network(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["export.pkl"]
    assert "no network.onnx" in caplog.text


@pytest.mark.parametrize("resize", ["crop", "pad"])
def test_the_network_of_cropped_or_padded_photos_answers_without_the_learner(
    resize: str, patterns: Path, trained: Callable[..., Path]
) -> None:
    """Photos of all shapes: what the network takes of them is what fastai takes."""
    bundle = trained(patterns, size=64, resize=resize)
    pickled = (bundle / "export.pkl").read_bytes()
    network, learned = ExportedNetwork((bundle / NETWORK).read_bytes(), pickled), LearnedNetwork(pickled)
    random = np.random.default_rng(3)
    photos = [pattern("dots", 9).resize(tuple(size)) for size in random.integers(20, 700, (40, 2)).tolist()]
    for photo in photos:
        assert np.array_equal(network.pixels(photo), learned.pixels(photo)), photo.size
        ours, theirs = network.forward(network.pixels(photo))[0], learned.forward(learned.pixels(photo))[0]
        assert ours == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize("resize", ["crop", "pad", "squish"])
def test_an_explanation_lies_over_what_the_network_saw(
    resize: str, patterns: Path, trained: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a photo three times as wide as high, whose middle alone speaks for the answer if it was cropped."""
    everywhere = np.ones((2, 2), np.float32)
    monkeypatch.setattr("bearclf.prediction.learned.evidence", lambda *_: everywhere)
    learned = LearnedNetwork((trained(patterns, size=64, resize=resize) / "export.pkl").read_bytes())
    photo = Image.new("RGB", (300, 100), "red")
    shown = np.asarray(learned.explain(photo, 0))
    kept = (shown == (255, 0, 0)).all(axis=-1).mean(axis=0)
    assert kept[100:200] == pytest.approx(1)
    assert kept[:100] == pytest.approx(0 if resize == "crop" else 1)
