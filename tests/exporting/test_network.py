"""The network in one piece, against what bearclf itself answers."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from bearclf import export
from bearclf.exporting.network import Standalone, in_16_bits, standalone
from bearclf.models.bundle import NEIGHBOURS
from bearclf.models.card import read_card
from bearclf.models.novelty import NoveltyDetector, standing
from bearclf.photos.decode import decode
from bearclf.prediction.predictor import Predictor
from tests.conftest import ROOT
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy

PHOTOS = [*(pattern(kind, seed) for kind in CLASSES for seed in (41, 42)), teddy().resize((700, 500))]


def largest_differences(bundle: Path, network: Standalone, model: object) -> tuple[float, float]:
    """Of a probability, and of a familiarity, from what bearclf answers."""
    session = onnxruntime.InferenceSession(model.SerializeToString())  # type: ignore[attr-defined]
    predictor = Predictor(bundle)
    photos = [decode(encoded(photo)) for photo in PHOTOS]
    pixels = np.stack([predictor._network.pixels(photo) for photo in photos])
    probabilities, familiarity = session.run(None, {"pixels": pixels})
    answers = predictor.predict_decoded(photos)
    expected = [list(answer.probabilities.values()) for answer in answers]
    return (
        float(np.abs(probabilities - expected).max()),
        float(np.abs(familiarity - [answer.familiarity for answer in answers]).max()),
    )


def of_another_kind(bundle: Path, folder: Path, kind: str) -> Path:
    """The bundle with a detector that has nearness alone, or whitens features as older ones did."""
    detector = NoveltyDetector.load((bundle / NEIGHBOURS).read_bytes())
    vectors = detector.vectors
    whitening = np.eye(vectors.shape[1], dtype=np.float32)[::-1].copy() * 0.5
    other = NoveltyDetector(vectors, whitening=whitening if kind == "whitened" else None)
    other.save(folder / "made.npz")
    if kind == "whitened":
        np.savez(
            folder / "made.npz", vectors=vectors.astype(np.float16), whitening=whitening.astype(np.float16)
        )
    return bundle_with(bundle, folder / kind, NEIGHBOURS, (folder / "made.npz").read_bytes())


@pytest.mark.parametrize("kind", ["both evidences", "fine-tuned", "nearness alone", "whitened", "no network"])
def test_its_answers_are_bearclfs(
    kind: str, pattern_bundle: Path, tuned_bundle: Path, older_bundle: Path, tmp_path: Path
) -> None:
    bundle = {"fine-tuned": tuned_bundle, "no network": older_bundle}.get(kind, pattern_bundle)
    if kind in ("nearness alone", "whitened"):
        bundle = of_another_kind(pattern_bundle, tmp_path, kind)
    network = standalone(bundle)
    assert max(largest_differences(bundle, network, network.model)) < 1e-4
    assert max(largest_differences(bundle, network, in_16_bits(network.model))) < 3e-3


def test_16_bits_a_weight_take_half_the_bytes(pattern_bundle: Path) -> None:
    model = standalone(pattern_bundle).model
    assert in_16_bits(model).ByteSize() < 0.56 * model.ByteSize()
    assert b".py" not in model.SerializeToString()  # nor any path of this machine


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("of", ["patterns", "tuned"])
def test_the_lines_in_the_docs_answer_the_same(
    of: str,
    orientation: int,
    pattern_bundle: Path,
    tuned_bundle: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle = {"patterns": pattern_bundle, "tuned": tuned_bundle}[of]
    monkeypatch.chdir(tmp_path)
    export(bundle, onnx="pets.onnx")
    page = (ROOT / "docs/export.md").read_text("utf-8")
    [lines] = re.findall(r"```python\n(.*?)```", page, re.S)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in CLASSES:
        Path("photo.jpg").write_bytes(encoded(pattern(kind, 77).resize((1500, 900)), exif=exif))
        found: dict[str, object] = {}
        exec(compile(lines, "export.md", "exec"), found)
        answer = Predictor(bundle).predict("photo.jpg")
        assert found["probabilities"] == pytest.approx(list(answer.probabilities.values()), abs=1e-3)
        assert standing(float(found["familiarity"]), read_card(bundle)) == answer.standing  # type: ignore[arg-type]
        assert (answer.label if answer.standing != "none" else "none") in capsys.readouterr().out
