from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.bundle import read_checked
from bearclf.models.card import Card, read_card
from bearclf.prediction.predictor import Predictor
from bearclf.settings import bundle_folder


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
