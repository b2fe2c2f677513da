"""The network that comes with a bundle, and the learner that it has to agree with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bearclf.errors import UserError
from bearclf.models.bundle import NETWORK
from bearclf.models.card import read_card
from bearclf.photos.decode import decode
from bearclf.prediction.predictor import Predictor
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import CLASSES, encoded, pattern


def test_the_faster_network_gives_the_learners_answers(pattern_bundle: Path, older_bundle: Path) -> None:
    photos = [decode(encoded(pattern(kind, seed))) for kind in CLASSES for seed in (31, 32)]
    older = Predictor(older_bundle)
    assert not older.is_fast
    learned = older.predict_decoded(photos)
    older.complete()
    newer = Predictor(pattern_bundle)
    for fast in (older, newer):
        assert fast.is_fast
        alone = [answer for photo in photos for answer in fast.predict_decoded([photo])]
        for answer, expected in zip([*alone, *fast.predict_decoded(photos)], 2 * learned, strict=True):
            assert answer.probabilities == pytest.approx(expected.probabilities, abs=1e-5)
            assert answer.familiarity == pytest.approx(expected.familiarity, abs=1e-5)
            assert (answer.known, answer.nearest) == (expected.known, expected.nearest)
    newer.complete()
    assert newer.is_fast


def test_the_bundles_network_answers_without_torch(pattern_bundle: Path) -> None:
    script = """
import sys
from pathlib import Path
from bearclf.prediction.predictor import Predictor
predictor = Predictor(Path(sys.argv[1]))
print(predictor.predict(sys.stdin.buffer.read()).label, "torch" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(pattern_bundle)],
        input=encoded(pattern("dots", 3)),
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"dots", b"False"]


def test_a_network_that_differs_from_the_learner_is_found_out(
    pattern_bundle: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As would happen where onnxruntime computes something otherwise: one class gets it all."""
    import onnx

    network = onnx.load(pattern_bundle / NETWORK)
    [last] = [node for node in network.graph.node if "probabilities" in node.output]
    [bias] = [
        tensor
        for tensor in network.graph.initializer
        if any(tensor.name in node.input for node in network.graph.node if last.input[0] in node.output)
        and list(tensor.dims) == [len(CLASSES)]
    ]
    bias.CopyFrom(onnx.numpy_helper.from_array(np.array([90, 0, 0], np.float32), bias.name))

    wrong = Predictor(bundle_with(pattern_bundle, tmp_path / "wrong", NETWORK, network.SerializeToString()))
    assert wrong.predict(encoded(pattern("dots", 3))).label == "checks"
    wrong.complete()
    assert not wrong.is_fast
    assert "differ" in caplog.text
    assert wrong.predict(encoded(pattern("dots", 3))).label == "dots"


def test_a_damaged_network_is_refused(pattern_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(pattern_bundle, tmp_path / "bundle")
    content = (pattern_bundle / NETWORK).read_bytes()
    (tmp_path / "bundle" / NETWORK).write_bytes(content[:1000])
    with pytest.raises(UserError, match="changed or damaged"):
        Predictor(tmp_path / "bundle")


def test_a_network_that_cannot_be_run_here_is_passed_over(pattern_bundle: Path, tmp_path: Path) -> None:
    predictor = Predictor(
        bundle_with(pattern_bundle, tmp_path / "future", NETWORK, b"of another onnxruntime")
    )
    assert not predictor.is_fast
    assert predictor.predict(encoded(pattern("dots", 3))).label == "dots"


def test_without_onnxruntime_the_learner_answers(
    pattern_bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    predictor = Predictor(pattern_bundle)
    predictor.complete()
    assert not predictor.is_fast
    assert "learner" in caplog.text
    assert predictor.predict(encoded(pattern("dots", 3))).label == "dots"


def test_without_onnx_a_bundles_network_answers_and_an_older_bundles_learner(
    pattern_bundle: Path, older_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    for bundle, is_fast in ((pattern_bundle, True), (older_bundle, False)):
        predictor = Predictor(bundle)
        predictor.complete()
        assert predictor.is_fast == is_fast
        assert predictor.predict(encoded(pattern("dots", 3))).label == "dots"


@pytest.mark.parametrize("is_older", [False, True])
def test_a_card_whose_classes_are_not_the_models_is_refused(
    is_older: bool, pattern_bundle: Path, older_bundle: Path, tmp_path: Path
) -> None:
    shutil.copytree(older_bundle if is_older else pattern_bundle, tmp_path / "bundle")
    card = read_card(tmp_path / "bundle")
    card.classes.reverse()
    (tmp_path / "bundle" / "card.json").write_text(card.to_json(), encoding="utf-8")
    with pytest.raises(UserError, match="other classes"):
        Predictor(tmp_path / "bundle")


@pytest.mark.parametrize("is_older", [False, True])
def test_a_fine_tuned_models_answers_are_those_of_learn_predict(
    is_older: bool, patterns: Path, tuned_bundle: Path, tmp_path: Path
) -> None:
    """Its learner carries augmentation, which must not touch what is answered."""
    from fastai.vision.all import load_learner

    bundle = bundle_with(tuned_bundle, tmp_path / "older", NETWORK, None) if is_older else tuned_bundle

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner = load_learner(tuned_bundle / "export.pkl")
    predictor = Predictor(bundle)
    for is_fast in (not is_older, True):
        assert predictor.is_fast == is_fast
        with learner.no_bar():
            for photo in sorted((patterns / "dots").iterdir())[:4]:
                expected = learner.predict(photo)[2].tolist()
                answer = predictor.predict(photo.read_bytes())
                assert list(answer.probabilities.values()) == pytest.approx(expected, abs=1e-4)
        predictor.complete()


def test_a_fine_tuned_model_mixes_no_photos_up(
    tuned_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fastai's crop remembers the size of the photo that it works on."""
    import bearclf.features  # noqa: F401 - makes torchvision importable before fastai asks for it

    # isort: split
    from fastai.vision.all import RandomResizedCrop

    remember = RandomResizedCrop.before_call
    meeting = threading.Barrier(2)

    def remember_and_meet(self: RandomResizedCrop, photo: Image.Image, split_idx: int) -> None:
        remember(self, photo, split_idx)
        with suppress(threading.BrokenBarrierError):  # which it is once nobody else came
            meeting.wait(1)

    monkeypatch.setattr(RandomResizedCrop, "before_call", remember_and_meet)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    meeting.abort()  # one by one, nobody comes
    random = np.random.default_rng(5)
    sizes = random.integers(40, 900, (20, 2)).tolist()
    photos = [decode(encoded(pattern("dots", 9).resize((width, height)))) for width, height in sizes]
    predictor = Predictor(bundle_with(tuned_bundle, tmp_path / "older", NETWORK, None))
    for _ in range(2):
        alone = [predictor.predict_decoded([photo])[0].probabilities for photo in photos]
        meeting.reset()
        together = [answer.probabilities for answer in predictor.predict_decoded(photos)]
        for one, other in zip(alone, together, strict=True):
            assert one == pytest.approx(other, abs=1e-5)
        meeting.abort()
        predictor.complete()
