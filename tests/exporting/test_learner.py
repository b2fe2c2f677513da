"""An exported learner, in a Python that can't import bearclf."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from bearclf import Predictor, export
from tests.conftest import ROOT
from tests.helpers.drawings import CLASSES, encoded, pattern

WITHOUT_BEARCLF = """
import importlib.util, json, sys, warnings

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "bearclf":
            raise ImportError("there is no bearclf here")

sys.meta_path.insert(0, Refusing())
# Where torchvision's compiled parts don't fit torch, nobody could import fastai: no matter of the file.
spec = importlib.util.spec_from_file_location("operators", sys.argv[1])
sys.modules["operators"] = operators = importlib.util.module_from_spec(spec)
spec.loader.exec_module(operators)
operators.ensure_operators()
warnings.simplefilter("ignore")
from fastai.vision.all import PILImage, load_learner
learner = load_learner(sys.argv[2])
with learner.no_bar():
    answers = [learner.predict(photo)[2].tolist() for photo in sys.argv[3:]]
    answers.append(learner.predict(PILImage.create(sys.argv[3]))[2].tolist())
assert not any(name.split(".")[0] == "bearclf" for name in sys.modules)
print(json.dumps(answers))
"""


@pytest.mark.slow
@pytest.mark.parametrize("of", ["patterns", "tuned"])
def test_bare_fastai_answers_the_same(
    of: str, pattern_bundle: Path, tuned_bundle: Path, tmp_path: Path
) -> None:
    bundle = {"patterns": pattern_bundle, "tuned": tuned_bundle}[of]
    [learner] = export(bundle, pkl=tmp_path / "bare.pkl")
    as_a_phone_stores_it = Image.Exif()
    as_a_phone_stores_it[0x0112] = 6
    photos = []
    for kind in CLASSES:
        photos.append(tmp_path / f"{kind}.jpg")
        photos[-1].write_bytes(encoded(pattern(kind, 61).resize((400, 300)), exif=as_a_phone_stores_it))
    operators = ROOT / "bearclf/features/torchvision_operators.py"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_BEARCLF, operators, learner, *photos],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *answers, of_a_picture = json.loads(done.stdout)
    predictor = Predictor(bundle)
    for photo, answer in zip(photos, answers, strict=True):
        assert answer == pytest.approx(list(predictor.predict(photo).probabilities.values()), abs=1e-4)
    assert of_a_picture == pytest.approx(answers[0], abs=1e-6)


def test_it_names_nobody_and_holds_no_bytecode(slow: None, pattern_bundle: Path, tmp_path: Path) -> None:
    [learner] = export(pattern_bundle, pkl=tmp_path / "bare.pkl")
    with zipfile.ZipFile(learner) as parts:
        [name] = [name for name in parts.namelist() if name.endswith("data.pkl")]
        pickled = parts.read(name)
    for unwanted in (b"bearclf", b"_make_function", str(ROOT).encode(), b"site-packages"):
        assert unwanted not in pickled
