"""Which model answers: another may go live at any time, also one that can't be loaded."""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bearclf.models.bundle import EXPORT
from bearclf.models.versions import Versions
from bearclf.photos.progress import unseen
from bearclf.protocol.base import Refused, Trouble
from bearclf.protocol.prediction import (
    Answered,
    AnswerPhoto,
    ExplainAnswer,
    Explained,
    ModelLive,
    ModelReady,
)
from bearclf.service import live_model
from tests.helpers.bundles import bundle_with
from tests.helpers.drawings import encoded, pattern
from tests.helpers.pages import Page, prediction_workers
from tests.helpers.patience import PATIENCE


def test_a_model_that_cannot_be_loaded_is_said_and_followed_once_it_is_there(
    open_page: Callable[..., Page], pattern_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "bundle").mkdir()
    page = open_page(tmp_path / "bundle")
    replies = page.ask(AnswerPhoto(encoded(pattern("dots", 1))))
    assert "no model" in page.heard.wait_for(Trouble).message
    shutil.copytree(pattern_bundle, tmp_path / "bundle", dirs_exist_ok=True)
    assert replies.wait_for(Answered).answer.label == "dots"


@pytest.fixture(scope="module")
def two_classes_bundle(patterns: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on the patterns without the stripes."""
    from bearclf.photos.store import FeatureStore
    from bearclf.training.options import Options
    from bearclf.training.train import train

    folder = tmp_path_factory.mktemp("two")
    for kind in ("checks", "dots"):
        shutil.copytree(patterns / kind, folder / "patterns" / kind)
    train(folder / "patterns", folder / "bundle", Options(size=64), FeatureStore(None), unseen)
    return folder / "bundle"


def test_a_promoted_model_answers_in_every_open_page(
    open_page: Callable[..., Page], pattern_bundle: Path, two_classes_bundle: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    shutil.copytree(pattern_bundle, base)
    versions = Versions(base)
    pages = [open_page(base), open_page(base)]
    for page in pages:
        first = page.heard.wait_for(ModelLive)
        assert first.bundle == str(base)
    old = pages[0].answer(encoded(pattern("stripes", 1)))
    assert (old.answer.label, old.card) == ("stripes", first.card)
    [worker] = prediction_workers(base)

    number, path = versions.new_folder()
    shutil.copytree(two_classes_bundle, path, dirs_exist_ok=True)
    versions.promote(number)
    for page in pages:
        live = page.heard.wait_for(ModelLive)
        assert live.bundle == str(path)
        answered = page.answer(encoded(pattern("dots", 2)))
        assert set(answered.answer.probabilities) == {"checks", "dots"}
        assert answered.card == live.card

    # Who was answered by the old model is told why by the old one.
    photo = encoded(pattern("stripes", 1))
    pages[0].ask(ExplainAnswer(photo, "stripes", (), old.card)).wait_for(Explained)
    refused = pages[0].ask(ExplainAnswer(photo, "stripes", (), "of one long gone")).wait_for(Refused)
    assert "earlier model" in refused.message

    late = open_page(base)
    assert late.heard.next() == live
    assert late.heard.next() == ModelReady()
    versions.promote(0)
    for page in (*pages, late):
        assert page.heard.wait_for(ModelLive) == first
    assert [process.pid for process in prediction_workers(base)] == [worker.pid]


def test_a_model_that_cannot_be_loaded_is_passed_over(
    pattern_bundle: Path, two_classes_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a worker: what it does when it starts, and when another version goes live."""
    failed: queue.Queue[int] = queue.Queue()
    monkeypatch.setattr(live_model.log, "exception", lambda _, number: failed.put(number))
    monkeypatch.setattr(live_model, "LOOK_SECONDS", 0.01)
    base = tmp_path / "base"
    shutil.copytree(pattern_bundle, base)
    versions = Versions(base)
    first = promote_broken(versions)
    tried = versions.live()
    model = live_model.load(tried, versions)
    assert (tried.number, model.version.number, failed.get()) == (first, 0, first)

    loaded: queue.Queue[int] = queue.Queue()

    def take(taken: live_model.LiveModel) -> None:
        loaded.put(taken.version.number)
        raise InterruptedError

    def following() -> None:
        with suppress(InterruptedError):  # once it has taken a model, the test is over
            live_model.follow(versions, tried, model, take)

    threading.Thread(target=following, daemon=True).start()
    second = promote_broken(versions)
    assert failed.get(timeout=PATIENCE) == second
    number, path = versions.new_folder()
    shutil.copytree(two_classes_bundle, path, dirs_exist_ok=True)
    versions.promote(number)
    assert loaded.get(timeout=PATIENCE) == number
    assert failed.empty()  # each was tried once


def promote_broken(versions: Versions) -> int:
    """Make a bundle live whose files are what its card says, and still no model."""
    number, path = versions.new_folder()
    bundle_with(versions.base().path, path, EXPORT, b"no model")
    versions.promote(number)
    return number
