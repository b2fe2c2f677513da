"""A page's line: what it does when workers die, don't start or talk nonsense."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Listener
from pathlib import Path

import pytest

from bearclf.errors import OUR_FAULT
from bearclf.protocol.base import Refused, Restarting, Trouble
from bearclf.protocol.curation import CurationRequest, UndoStep
from bearclf.protocol.prediction import Answered, AnswerPhoto, ExplainAnswer, ModelReady, PredictionRequest
from bearclf.service import starting
from bearclf.service.endpoint import Endpoint
from bearclf.service.line import curation_line, prediction_line
from bearclf.service.wire import ProtocolError, Wire, encode
from tests.helpers.drawings import encoded, pattern
from tests.helpers.fakes import answer
from tests.helpers.pages import Heard, Page, prediction_workers
from tests.helpers.patience import PATIENCE


def test_a_killed_worker_is_replaced_and_no_photo_is_lost(
    open_page: Callable[..., Page], pattern_bundle: Path
) -> None:
    page = open_page()
    page.heard.wait_for(ModelReady)
    [worker] = prediction_workers(pattern_bundle)
    worker.send_signal(signal.SIGSTOP)
    replies = page.ask(AnswerPhoto(encoded(pattern("checks", 4))))
    worker.send_signal(signal.SIGKILL)
    page.heard.wait_for(Restarting)
    page.heard.wait_for(ModelReady)
    assert replies.wait_for(Answered).answer.label == "checks"
    assert [process.pid for process in prediction_workers(pattern_bundle)] != [worker.pid]


def test_what_is_forgotten_is_not_answered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    forgotten = Heard()
    page.line.forget(page.line.ask(AnswerPhoto(encoded(pattern("dots", 1))), forgotten.put))
    page.answer(encoded(pattern("dots", 2)))  # of one page, photos are answered in turn
    forgotten.put(Restarting())
    assert isinstance(forgotten.next(), Restarting), "nothing came before"


def test_a_worker_that_does_not_start_is_said_and_tried_again(
    open_page: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = threading.Semaphore(0)

    def fails(*_: object, **__: object) -> None:
        attempts.release()
        raise OSError("no memory left")

    monkeypatch.setattr(subprocess, "Popen", fails)
    monkeypatch.setattr(starting, "RETRY_SECONDS", (0.01,))
    page = open_page(tmp_path)
    assert "can't be started" in page.heard.wait_for(Trouble).message
    for _ in range(4):
        assert attempts.acquire(timeout=PATIENCE)


Talk = Callable[[Wire], None]


@contextmanager
def worker_that(talks: Talk, endpoint: Endpoint, incoming: object) -> Iterator[None]:
    """A worker of the test's own; it hangs up when ``talks`` returns, and is then there again."""
    endpoint.make_secret()

    def work(listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except OSError:
                return  # the test is over
            with suppress(EOFError, OSError):
                talks(Wire(connection, incoming))
            connection.close()

    with Listener(endpoint.address, endpoint.family, authkey=endpoint.secret()) as listener:
        threading.Thread(target=work, args=(listener,), daemon=True).start()
        yield


def test_a_photo_that_kills_workers_is_refused_and_the_others_answered(tmp_path: Path) -> None:
    def hangs_up_at_poison(wire: Wire) -> None:
        wire.send(encode(ModelReady()))
        while True:
            envelope, request = wire.receive()
            if request.photo == b"poison":
                return
            wire.send(encode(answer({"x": 1.0})), envelope.request)

    with worker_that(hangs_up_at_poison, Endpoint.of_bundle(tmp_path), PredictionRequest):
        page = Page(prediction_line, tmp_path)
        asked = [page.ask(AnswerPhoto(photo)) for photo in (b"good", b"poison", b"good", b"good")]
        told = [type(replies.next()) for replies in asked]
        page.line.close()
    assert told == [Answered, Refused, Answered, Answered]


def test_a_change_of_the_folder_is_never_asked_twice(tmp_path: Path) -> None:
    asked: list[object] = []

    def hangs_up(wire: Wire) -> None:
        asked.append(wire.receive()[1])

    with worker_that(hangs_up, Endpoint.of_folder(tmp_path), CurationRequest):
        page = Page(curation_line, tmp_path)
        assert "No photo is lost" in page.ask(UndoStep(3)).wait_for(Refused).message
        page.ask(UndoStep(4)).wait_for(Refused)
        page.line.close()
    assert asked == [UndoStep(3), UndoStep(4)]


def test_what_cannot_be_said_is_an_error_where_it_is_asked_and_the_line_goes_on(tmp_path: Path) -> None:
    """A half character, as only a forged message has it: the request hung, and so did those after it."""

    def answers(wire: Wire) -> None:
        while True:
            envelope, _ = wire.receive()
            wire.send(encode(answer({"x": 1.0})), envelope.request)

    with worker_that(answers, Endpoint.of_bundle(tmp_path), PredictionRequest):
        page = Page(prediction_line, tmp_path)
        with pytest.raises(UnicodeEncodeError):
            page.ask(ExplainAnswer(b"photo", "half a \ud800", (), "card"))
        with pytest.raises(OverflowError):
            page.ask(ExplainAnswer(b"photo", "x", (2**70,), "card"))
        assert page.answer(b"photo").answer.label == "x"
        page.line.close()


def test_a_reply_that_is_not_understood_ends_its_request(tmp_path: Path) -> None:
    def talks_nonsense(wire: Wire) -> None:
        envelope, _ = wire.receive()
        wire.send(encode(UndoStep(1)), envelope.request)  # nothing that a worker says
        wire.receive()

    with worker_that(talks_nonsense, Endpoint.of_bundle(tmp_path), PredictionRequest):
        page = Page(prediction_line, tmp_path)
        assert page.ask(AnswerPhoto(b"photo")).wait_for(Refused).message == OUR_FAULT
        page.line.close()


def test_nonsense_from_a_worker_is_passed_over(tmp_path: Path) -> None:
    def talks_nonsense(wire: Wire) -> None:
        wire.send(encode(UndoStep(1)))  # nothing that a worker says
        with pytest.raises(ProtocolError):
            wire.receive()
        envelope, _ = wire.receive()
        wire.send(encode(answer({"x": 1.0})), envelope.request)
        wire.receive()

    with worker_that(talks_nonsense, Endpoint.of_bundle(tmp_path), PredictionRequest):
        page = Page(prediction_line, tmp_path)
        page.line.ask(ModelReady(), page.heard.put)  # nothing that a page asks
        assert page.answer(b"photo").answer.label == "x"
        page.line.close()
