"""Stand-ins for pages, with a real worker behind them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bearclf.protocol.base import Message
from bearclf.protocol.prediction import Answered, AnswerPhoto
from bearclf.service.line import CURATION, PREDICTION, Callback, Deliver, Line, Service
from tests.helpers.patience import PATIENCE

Kind = TypeVar("Kind", bound=Message)


class Heard:
    """Messages in the order in which they came."""

    def __init__(self) -> None:
        self._messages: queue.Queue[Message] = queue.Queue()
        self.put = self._messages.put

    def next(self) -> Message:
        return self._messages.get(timeout=2 * PATIENCE)

    def wait_for(self, kind: type[Kind]) -> Kind:
        """Whatever comes before is passed over."""
        while True:
            message = self.next()
            if isinstance(message, kind):
                return message


class OnePage(Listener):
    """Where one page comes, by this end of a pipe, and nobody else."""

    def __init__(self, connection: Connection) -> None:
        self._coming = [connection]

    def accept(self) -> Connection:
        while not self._coming:
            threading.Event().wait()
        return self._coming.pop()


class Page:
    """Says what a page's kernel would, and hears what it would."""

    def __init__(self, make_line: Callable[[Path, Callback, Deliver], Line], path: Path) -> None:
        self.heard = Heard()
        self.line = make_line(path, self.heard.put, lambda take, message: take(message))
        self.line.start()

    def ask(self, request: Message) -> Heard:
        """The replies to a request."""
        replies = Heard()
        self.line.ask(request, replies.put)
        return replies

    def answer(self, photo: bytes) -> Answered:
        return self.ask(AnswerPhoto(photo)).wait_for(Answered)


def prediction_workers(bundle: Path) -> list[psutil.Process]:
    return _workers(PREDICTION, bundle)


def curation_workers(folder: Path) -> list[psutil.Process]:
    return _workers(CURATION, folder)


def _workers(service: Service, path: Path) -> list[psutil.Process]:
    def command(process: psutil.Process) -> list[Any]:
        return process.info["cmdline"] or []

    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if service.module in command(process) and str(path.resolve()) in command(process)
    ]
