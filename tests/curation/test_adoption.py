from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bearclf.curation.adoption import Adoptions
from bearclf.curation.arrivals import Arrivals
from bearclf.curation.background import BackgroundRunner
from bearclf.errors import UserError
from bearclf.models.versions import Versions
from bearclf.protocol.adopting import Adopted


@pytest.fixture
def export(tmp_path: Path, slow: None) -> bytes:
    from tests.helpers.exports import drawn_photos, exported, learner

    drawn_photos(tmp_path / "drawn")
    return exported(learner(tmp_path / "drawn"), tmp_path / "export.pkl")[0].read_bytes()


def test_an_export_is_looked_at_first_and_its_model_is_not_live(
    export: bytes, folder: Path, pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    versions, arrivals, ended = Versions(pattern_bundle), Arrivals(), threading.Event()
    background = BackgroundRunner(lambda *_: None, lambda _: None, ended.set)
    adoptions = Adoptions(folder, versions, arrivals, background)
    replies: list[Adopted] = []

    def reply_with(work: Callable[[], Adopted]) -> None:
        replies.append(work())

    with pytest.raises(UserError, match="choose it again"):
        adoptions.adopt("mine", reply_with)
    half = len(export) // 2
    arrivals.take_slice("mine", 0, export[:half])
    arrivals.take_slice("mine", half, export[half:])
    assert "stand-ins" in " ".join(adoptions.look("mine").sentences)
    adoptions.adopt("mine", reply_with)
    assert ended.wait(120)
    [adopted] = replies
    assert "not live yet: a resnet18 for False, True" in adopted.news
    assert "can't tell" in adopted.news  # the folder's photos are of other classes
    [new, base] = versions.all()
    assert (new.number, new.recipe, new.error_rate, new.live) == (1, "adopted", None, False)
    assert base.live
    with pytest.raises(UserError, match="choose it again"):
        adoptions.adopt("mine", reply_with)
    versions.promote(1)
    assert versions.live().number == 1
