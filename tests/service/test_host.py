"""Whatever a page sends, and whatever a handler meets with, the page is told, and goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import pytest

from bearclf.errors import OUR_FAULT, UserError
from bearclf.protocol.base import Done, Message, Refused, Trouble
from bearclf.protocol.curation import (
    AddStaged,
    CancelWork,
    CurationReply,
    CurationRequest,
    FileContent,
    UndoStep,
)
from bearclf.service import host
from bearclf.service.host import NOT_UNDERSTOOD, Handler, Host
from bearclf.service.wire import Wire, encode
from tests.helpers.pages import OnePage


@pytest.fixture
def connection() -> Iterator[Connection]:
    def undo(request: UndoStep, _: Any) -> Message:
        if request.step == 1:
            raise UserError("There is no such step.")
        raise KeyError(request.step)  # a fault of ours

    ours, theirs = Pipe()
    handlers: dict[type[Message], Handler] = {UndoStep: undo, CancelWork: lambda *_: Done()}
    served = Host(CurationRequest, handlers)
    served.welcome(OnePage(theirs))
    yield ours
    ours.close()


def test_a_refusal_and_a_fault_are_told_and_the_page_goes_on(connection: Connection) -> None:
    page = Wire(connection, CurationReply)
    for number, (request, told) in enumerate(
        [
            (UndoStep(1), Refused("There is no such step.")),
            (UndoStep(2), Refused(OUR_FAULT)),
            (AddStaged("x", 1), Refused(OUR_FAULT)),  # nobody handles it
            (CancelWork(), Done()),
        ]
    ):
        page.send(encode(request), number)
        envelope, reply = page.receive()
        assert (envelope.request, envelope.more, reply) == (number, False, told)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 20,
        msgspec.msgpack.encode({"type": "Poem", "lines": 14}),
        msgspec.msgpack.encode({"type": "UndoStep"}),
        msgspec.msgpack.encode({"type": "UndoStep", "step": "1"}),
        msgspec.msgpack.encode({"type": "UndoStep", "step": 1, "folder": "/etc"}),
        msgspec.msgpack.encode({"type": b"\xff", "step": 1}),
        msgspec.msgpack.encode([1, 2, 3]),
        b"\x91" * 100_000,
    ],
)
def test_what_is_no_message_is_answered(connection: Connection, content: bytes) -> None:
    """An empty or unknown one ended the thread for that page."""
    page = Wire(connection, CurationReply)
    connection.send_bytes(msgspec.msgpack.encode([7, False]))
    connection.send_bytes(content)
    envelope, reply = page.receive()
    assert (envelope.request, reply) == (7, Refused(NOT_UNDERSTOOD))
    page.send(encode(CancelWork()), 8)
    assert page.receive()[1] == Done()


@pytest.mark.parametrize("envelope", [b"", b"\xc1", msgspec.msgpack.encode(["x", 1]), b"\x92\x01"])
def test_a_mangled_envelope_is_answered_too(connection: Connection, envelope: bytes) -> None:
    page = Wire(connection, CurationReply | Trouble)
    connection.send_bytes(envelope)
    connection.send_bytes(msgspec.msgpack.encode(CancelWork()))
    assert page.receive()[1] == Trouble(NOT_UNDERSTOOD)
    page.send(encode(CancelWork()), 8)
    assert page.receive()[1] == Done()


def test_a_reply_that_cannot_be_said_is_a_fault_that_is_told() -> None:
    """As of a file whose name isn't text: the thread died of it, and the page waited for ever."""
    ours, theirs = Pipe()
    unsayable: Handler = lambda *_: FileContent("half a \ud800", b"")  # noqa: E731 - like the others
    served = Host(CurationRequest, {CancelWork: unsayable, UndoStep: lambda *_: Done()}, apart=[CancelWork])
    served.welcome(OnePage(theirs))
    page = Wire(ours, CurationReply)
    page.send(encode(CancelWork()), 1)
    assert page.receive()[1] == Refused(OUR_FAULT)
    page.send(encode(UndoStep(1)), 2)
    assert page.receive()[1] == Done()


def test_who_comes_hears_what_was_said_before_and_what_went_wrong_in_opening() -> None:
    def fail() -> None:
        raise UserError("The folder is gone.")

    ours, theirs = Pipe()
    served = Host(CurationRequest, {}, on_join=fail)
    served.broadcast_and_remember(Trouble("The model is damaged."))
    served.welcome(OnePage(theirs))
    page = Wire(ours, Trouble)
    assert page.receive()[1].message == "The model is damaged."
    assert page.receive()[1].message == "The folder is gone."


def test_a_host_is_idle_when_everybody_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "IDLE_SECONDS", 0.0)
    ours, theirs = Pipe()
    joined = threading.Event()
    served = Host(CurationRequest, {}, on_join=joined.set)
    served.welcome(OnePage(theirs))
    assert joined.wait(10)
    assert not served.is_idle
    ours.close()
    while not served.is_idle:
        pass
