from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

import pytest

from bearclf.models.versions import Versions
from bearclf.service import live_model, starting
from bearclf.service.messages import Meeting, receive, send
from tests.helpers.drawings import CLASSES, encoded, pattern, teddy
from tests.helpers.pages import PATIENCE, Page, workers_of


def test_photos_are_seen_and_answered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    for number, kind in enumerate(CLASSES):
        page.client.ask(number, encoded(pattern(kind, 60 + number)))
    page.client.ask(9, b"not a photo")
    refused, _ = page.wait("refused", 9)
    assert "text file" in refused["message"]
    for number, kind in enumerate(CLASSES):
        answer, _ = page.wait("answer", number)
        assert answer["label"] == kind
        assert set(answer["probabilities"]) == set(CLASSES)


def test_a_thumbnail_comes_before_the_model_is_ready(pattern_bundle: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "fresh"  # no worker has it yet
    shutil.copytree(pattern_bundle, bundle)
    page = Page(bundle)
    page.client.ask(1, encoded(teddy()))
    first, jpeg = page.heard.get(timeout=PATIENCE)
    assert first == {"kind": "seen", "id": 1}
    assert jpeg.startswith(b"\xff\xd8")
    page.wait("ready")
    page.wait("answer", 1)
    page.client.close()


def test_answers_do_not_wait_for_explanations(pattern_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which may have to wait for torch: with a model that never explains until it was asked for an answer."""
    from bearclf.prediction.predictor import Predictor
    from bearclf.service.worker import Question, Waiting, Worker

    told: list[str] = []
    answered = threading.Event()

    class Told:
        def tell(self, message: dict[str, Any], content: bytes = b"") -> None:
            told.append(message["kind"])
            (answered if message["kind"] == "answer" else explained).set()

    def explain(self: Predictor, photo: Any, label: str) -> Any:
        assert answered.wait(PATIENCE)
        return photo

    explained = threading.Event()
    monkeypatch.setattr(Predictor, "explain", explain)
    versions = Versions(pattern_bundle)
    worker, model = Worker(pattern_bundle), live_model.load(versions.current(), versions)
    worker._models = [model]
    visitor: Any = Told()
    photo = pattern("dots", 1)
    worker._work_through([Question(visitor, 1, photo, "dots", [], model.version.card_sha256)])
    worker._work_through([Waiting(visitor, 2, photo, 0.0)])
    assert explained.wait(PATIENCE)
    assert told == ["answer", "because"]


def test_many_pages_share_one_worker(open_page: Callable[..., Page], pattern_bundle: Path) -> None:
    pages = [open_page() for _ in range(6)]
    for page in pages:
        page.client.ask(5, encoded(pattern("dots", 5)))
    for page in pages:
        assert page.wait("answer", 5)[0]["label"] == "dots"
    assert len(workers_of(pattern_bundle)) == 1


def test_a_killed_worker_is_replaced_and_no_photo_is_lost(
    open_page: Callable[..., Page], pattern_bundle: Path
) -> None:
    page = open_page()
    page.wait("ready")
    [worker] = workers_of(pattern_bundle)
    worker.send_signal(signal.SIGSTOP)
    page.client.ask(1, encoded(pattern("checks", 4)))
    worker.send_signal(signal.SIGKILL)
    page.wait("restarting")
    page.wait("ready")
    assert page.wait("answer", 1)[0]["label"] == "checks"
    assert [process.pid for process in workers_of(pattern_bundle)] != [worker.pid]


def test_what_is_forgotten_is_not_answered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.client.ask(1, encoded(pattern("dots", 1)))
    page.client.forget(1)
    page.client.ask(2, encoded(pattern("dots", 2)))
    while True:
        message, _ = page.heard.get(timeout=PATIENCE)
        assert (message["kind"], message.get("id")) != ("answer", 1)
        if message.get("id") == 2 and message["kind"] == "answer":
            break


def test_a_worker_that_does_not_start_is_said_and_tried_again(
    open_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = threading.Semaphore(0)

    def fails(meeting: Meeting, module: str) -> None:
        attempts.release()
        raise OSError("no memory left")

    monkeypatch.setattr(starting, "_start_worker", fails)
    monkeypatch.setattr(starting, "RETRY_SECONDS", (0.01,))
    page = open_page(tmp_path)
    assert "can't be started" in page.wait("broken")[0]["message"]
    for _ in range(4):
        assert attempts.acquire(timeout=PATIENCE)


def test_a_photo_that_kills_workers_is_refused_and_the_others_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a worker of our own, which hangs up whenever it is sent the photo ``b"poison"``."""
    meeting = Meeting.for_bundle(tmp_path)
    meeting.make_secret()

    def work(listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except OSError:
                return  # the test is over
            send(connection, {"kind": "ready"})
            try:
                while True:
                    message, content = receive(connection)
                    if content == b"poison":
                        break
                    send(connection, {"kind": "answer", "id": message["id"]})
            except (EOFError, OSError):
                pass
            connection.close()

    with Listener(meeting.address, meeting.family, authkey=meeting.secret()) as listener:
        threading.Thread(target=work, args=(listener,), daemon=True).start()
        page = Page(tmp_path)
        for number, content in enumerate([b"good", b"poison", b"good", b"good"]):
            page.client.ask(number, content)
        told: dict[int, str] = {}
        while len(told) < 4:
            message, _ = page.heard.get(timeout=PATIENCE)
            if "id" in message:
                told[message["id"]] = message["kind"]
        assert told == {0: "answer", 1: "refused", 2: "answer", 3: "answer"}
        page.client.close()


def test_who_does_not_know_the_secret_is_not_let_in(
    open_page: Callable[..., Page], pattern_bundle: Path
) -> None:
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client

    page = open_page()
    page.wait("ready")
    meeting = Meeting.for_bundle(pattern_bundle)
    with pytest.raises(AuthenticationError):
        Client(meeting.address, meeting.family, authkey=b"a guess")
    page.client.ask(3, encoded(pattern("dots", 3)))
    page.wait("answer", 3)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs Unix permissions")
def test_a_folder_that_others_can_open_is_not_used(
    pattern_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o755)
    monkeypatch.setenv("BEARCLF_RUN", str(open_to_all))
    with pytest.raises(PermissionError):
        Meeting.for_bundle(pattern_bundle)


def test_a_worker_ends_when_nobody_is_left(pattern_bundle: Path, tmp_path: Path) -> None:
    """Run the worker itself, with less patience than it has."""
    bundle = tmp_path / "left"
    shutil.copytree(pattern_bundle, bundle)
    Meeting.for_bundle(bundle).make_secret()
    script = (
        "import sys, bearclf.service.worker as worker; worker.IDLE_SECONDS = 0.1;"
        f"sys.argv = ['worker', {str(bundle)!r}]; worker.main()"
    )
    assert (
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], timeout=PATIENCE, check=False
        ).returncode
        == 0
    )
