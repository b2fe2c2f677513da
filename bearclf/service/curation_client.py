"""A page's line to the curation worker: starts it if need be, and imports nothing that it computes with."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from bearclf.service.curation_messages import Message, curation_meeting
from bearclf.service.messages import receive, send
from bearclf.service.starting import keep_connecting

WORKER = "bearclf.service.curation_worker"

CANT_START = (
    "The training photos can't be opened on this server; I'll go on trying. "
    "Whoever runs this page finds the reason in the log."
)
STOPPED = (
    "What looks after the training photos has stopped and is being started again. "
    "No photo is lost; please look at what was done, and try again."
)

Notify = Callable[[Message, bytes], None]


class CurationClient:
    """Sends requests to the worker of a training folder; see :mod:`bearclf.service.curation_messages`.

    ``notify(message, content)``, and what replies are handed to, are called by way of ``in_kernel``, from a
    background thread. When the worker is gone, ``{"kind": "restarting"}`` is told, and what it was asked and
    had not answered has failed: to ask twice for a change of the folder would not be safe.
    """

    def __init__(
        self, folder: Path, notify: Notify, in_kernel: Callable[[Notify, Message, bytes], None]
    ) -> None:
        self._folder = folder
        self._notify = notify
        self._in_kernel = in_kernel
        self._numbers = count()
        self._unsent: deque[tuple[Message, bytes]] = deque()
        self._waiting: dict[int, Notify] = {}
        self._connection: Connection | None = None
        self._changed = threading.Condition()  # guards the three above

    def start(self) -> None:
        """Connect in the background, and open the folder; returns at once."""
        for work in (self._listen, self._send):
            threading.Thread(target=work, name=f"bearclf curation {work.__name__}", daemon=True).start()

    def ask(self, request: Message, on_reply: Notify, content: bytes = b"") -> None:
        """Send a request as soon as there is a worker; ``on_reply`` gets what comes back."""
        with self._changed:
            number = next(self._numbers)
            self._waiting[number] = on_reply
            self._unsent.append(({**request, "id": number}, content))
            self._changed.notify_all()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._connection is not None and self._unsent)
                connection = self._connection
                request, content = self._unsent.popleft()
            assert connection is not None
            try:
                send(connection, request, content)
            except (OSError, ValueError):
                self._fail([request["id"]])

    def _listen(self) -> None:
        while True:
            connection = keep_connecting(
                lambda: curation_meeting(self._folder),
                WORKER,
                is_wanted=lambda: True,
                on_trouble=lambda: self._tell(self._notify, {"kind": "problem", "message": CANT_START}),
            )
            assert connection is not None, "it is always wanted"
            with self._changed:
                self._unsent.appendleft(({"kind": "open", "id": None}, b""))
                self._connection = connection
                self._changed.notify_all()
            self._hand_on(connection)
            with self._changed:
                self._connection = None
                unsent = {request["id"] for request, _ in self._unsent}
                lost = [number for number in self._waiting if number not in unsent]
            self._tell(self._notify, {"kind": "restarting"})
            self._fail(lost)

    def _hand_on(self, connection: Connection) -> None:
        """Pass on messages until the worker is gone."""
        while True:
            try:
                message, content = receive(connection)
            except (EOFError, OSError, ValueError):
                return
            if message["kind"] in ("reply", "failed"):
                with self._changed:
                    on_reply = self._waiting.pop(message["id"], None)
                if on_reply is not None:
                    self._tell(on_reply, message, content)
            else:
                self._tell(self._notify, message, content)

    def _fail(self, numbers: list[int]) -> None:
        for number in numbers:
            with self._changed:
                on_reply = self._waiting.pop(number, None)
            if on_reply is not None:
                self._tell(on_reply, {"kind": "failed", "message": STOPPED})

    def _tell(self, hear: Notify, message: Message, content: bytes = b"") -> None:
        self._in_kernel(hear, message, content)
