from __future__ import annotations

import json
import pickletools
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bearclf.errors import UserError
from bearclf.models.bundle import EXPORT, FEATURES, NEIGHBOURS, TrainingRecord, read_checked
from bearclf.models.card import CARD, Card, read_card
from bearclf.models.novelty import NoveltyDetector
from bearclf.photos.folders import content_digest
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder
from tests.helpers.drawings import encoded, pattern


def test_the_shipped_model_is_small_and_shows_no_photo() -> None:
    bundle = bundle_folder()
    files = [path for path in bundle.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25 * 2**20
    names = {path.relative_to(bundle).as_posix() for path in files}
    assert names == set(read_card(bundle).files) | {"card.json"}
    assert {name for name in names if name.startswith("report/")} == {"report/confusion_matrix.png"}


def test_one_flipped_bit_is_refused_before_anything_is_unpickled(
    pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bearclf.prediction import learned

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


def test_a_bundle_of_card_format_2_still_loads_and_answers(pattern_bundle: Path, tmp_path: Path) -> None:
    """Its card and features call familiarity a known score, its features are whitened, and it has but one
    threshold.
    """
    bundle = Path(shutil.copytree(pattern_bundle, tmp_path / "older"))
    vectors = NoveltyDetector.load((bundle / NEIGHBOURS).read_bytes()).vectors
    whitening = np.eye(vectors.shape[1], dtype=np.float16)
    np.savez(bundle / NEIGHBOURS, vectors=vectors.astype(np.float16), whitening=whitening)
    with np.load(bundle / FEATURES) as arrays:
        older = {("known_scores" if name == "familiarities" else name): arrays[name] for name in arrays}
    np.savez_compressed(bundle / FEATURES, **older)
    card = json.loads((bundle / CARD).read_text("utf-8"))
    for name in ("none_below", "known_from", "novelty", "elsewhere"):
        del card[name]
    card |= {"format": 2, "known_threshold": 0.5}
    for name in (FEATURES, NEIGHBOURS):
        card["files"][name] = content_digest((bundle / name).read_bytes())
    (bundle / CARD).write_text(json.dumps(card), "utf-8")
    read = read_card(bundle)
    assert read.none_below == read.known_from == 0.5
    record = TrainingRecord.load(read_checked(bundle, FEATURES, read))
    assert len(record.familiarities) == len(record.digests)
    answer = Predictor(bundle).predict(encoded(pattern("dots", 5)))
    assert (answer.label, answer.standing) == ("dots", "known")
    assert 0.5 <= answer.familiarity <= 1


def test_an_exported_learner_names_one_module_of_ours_only() -> None:
    """What it names can never be moved: bundles that people have would not load any more."""
    with zipfile.ZipFile(bundle_folder() / EXPORT) as archive:
        [pickled] = [name for name in archive.namelist() if name.endswith("data.pkl")]
        strings = {text for _, text, _ in pickletools.genops(archive.read(pickled)) if isinstance(text, str)}
    named = {part for text in strings for part in text.split() if part.startswith("bearclf")}
    assert named == {"bearclf.features.pipeline"}
