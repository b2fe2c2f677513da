from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from bearclf.protocol.base import Refused
from bearclf.protocol.prediction import (
    Answered,
    AnswerPhoto,
    Cleaned,
    CleanPhoto,
    ExplainAnswer,
    Explained,
    ModelReady,
    Seen,
)
from bearclf.service.endpoint import Endpoint
from bearclf.service.line import prediction_line
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy
from tests.helpers.pages import OnePage, Page, prediction_workers
from tests.helpers.patience import PATIENCE


def test_photos_are_seen_and_answered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    asked = {kind: page.ask(AnswerPhoto(encoded(pattern(kind, 60)))) for kind in CLASSES}
    assert "text file" in page.ask(AnswerPhoto(b"not a photo")).wait_for(Refused).message
    for kind, replies in asked.items():
        both = [replies.next(), replies.next()]  # in whichever order
        [answered] = [reply for reply in both if isinstance(reply, Answered)]
        [seen] = [reply for reply in both if isinstance(reply, Seen)]
        assert answered.answer.label == kind
        assert set(answered.answer.probabilities) == set(CLASSES)
        assert seen.thumbnail.startswith(b"\xff\xd8")


def test_a_thumbnail_comes_before_the_model_is_ready(pattern_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "fresh"  # no worker has it yet
    shutil.copytree(pattern_bundle, bundle)
    page = Page(prediction_line, bundle)
    replies = page.ask(AnswerPhoto(encoded(teddy())))
    assert isinstance(replies.next(), Seen)
    page.heard.wait_for(ModelReady)
    assert isinstance(replies.next(), Answered)
    page.line.close()


def test_answers_do_not_wait_for_explanations(pattern_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which may have to wait for torch: with a model that never explains until it has answered."""
    from bearclf.prediction.predictor import Predictor
    from bearclf.service import prediction

    answered = threading.Event()

    def explain(self: Predictor, photo: Any, label: str) -> Any:
        assert answered.wait(PATIENCE)
        return photo

    monkeypatch.setattr(Predictor, "explain", explain)
    # A worker in this process, since something is changed in it.
    ours, theirs = Pipe()
    monkeypatch.setattr(Endpoint, "connect", lambda _: ours)
    worker = prediction.PredictionWorker(pattern_bundle)
    threading.Thread(target=worker.run, args=(OnePage(theirs),), daemon=True).start()
    page = Page(prediction_line, pattern_bundle)
    photo = encoded(pattern("dots", 1))
    first = page.answer(photo)
    explained = page.ask(ExplainAnswer(photo, "dots", (), first.card))
    page.answer(photo)
    answered.set()
    explained.wait_for(Explained)
    page.line.close()


def test_why_may_be_asked_with_any_picture_and_a_bad_one_ends_nothing(open_page: Callable[..., Page]) -> None:
    """An empty one ended the worker's thread for that page, and the page heard nothing any more."""
    page = open_page()
    photo = encoded(pattern("dots", 3))
    answered = page.answer(photo)
    for picture in (b"", b"no picture"):
        asked = ExplainAnswer(picture, "dots", answered.answer.nearest, answered.card)
        assert page.ask(asked).wait_for(Refused).message
    assert page.ask(ExplainAnswer(b"x", "no class", (), answered.card)).wait_for(Refused).message
    explained = page.ask(ExplainAnswer(photo, "dots", answered.answer.nearest, answered.card))
    assert explained.wait_for(Explained).spotlight.startswith(b"\xff\xd8")
    assert page.answer(photo).answer.label == "dots"


def test_a_photo_is_encoded_anew_without_metadata(open_page: Callable[..., Page]) -> None:
    page = open_page()
    jpeg = page.ask(CleanPhoto(encoded(teddy()))).wait_for(Cleaned).jpeg
    assert jpeg.startswith(b"\xff\xd8")
    assert b"Exif" not in jpeg
    assert page.ask(CleanPhoto(b"")).wait_for(Refused).message


def test_many_pages_share_one_worker(open_page: Callable[..., Page], pattern_bundle: Path) -> None:
    pages = [open_page() for _ in range(6)]
    asked = [page.ask(AnswerPhoto(encoded(pattern("dots", 5)))) for page in pages]
    for replies in asked:
        assert replies.wait_for(Answered).answer.label == "dots"
    assert len(prediction_workers(pattern_bundle)) == 1


def test_a_worker_ends_when_nobody_is_left(pattern_bundle: Path, tmp_path: Path) -> None:
    """Run the worker itself, with less patience than it has."""
    bundle = tmp_path / "left"
    shutil.copytree(pattern_bundle, bundle)
    Endpoint.of_bundle(bundle).make_secret()
    script = (
        "import sys; from bearclf.service import host, prediction; host.IDLE_SECONDS = 0.1;"
        f"sys.argv = ['worker', {str(bundle)!r}]; prediction.main()"
    )
    ended = subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=PATIENCE, check=False)
    assert ended.returncode == 0
