"""A page's line to the prediction worker: starts it if need be, keeps it, and never imports torch."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bearclf.service.messages import Meeting, Message, receive, send
from bearclf.service.starting import keep_connecting

log = logging.getLogger(__name__)

WORKER = "bearclf.service.worker"

MAX_ATTEMPTS = 2
"""Workers that may die over one photo before it is taken for the cause."""

CANT_START = (
    "The classifier can't be started on this server. Your photos are kept and I'll go on trying; "
    "whoever runs this page finds the reason in the log."
)
MADE_IT_STOP = "The classifier stopped while looking at this photo, twice. Please try another version of it."

Notify = Callable[[Message, bytes], None]


@dataclass
class _Pending:
    message: Message
    content: bytes
    sent: bool = False
    attempts: int = 0


class PredictionClient:
    """Sends photos to the worker of a bundle and hands on what comes back.

    ``notify(message, content)`` is called from a background thread with the worker's messages (see
    :mod:`bearclf.service.messages`) and one more: ``{"kind": "restarting"}`` when the worker is gone. Photos
    that it hasn't answered by then are sent to the next one.
    """

    def __init__(self, bundle: Path, notify: Notify) -> None:
        self._bundle = bundle
        self._notify = notify
        self._pending: dict[int, _Pending] = {}
        self._connection: Connection | None = None
        self._closed = False
        self._changed = threading.Condition()  # guards everything above

    def start(self) -> None:
        """Connect in the background; returns at once."""
        for work in (self._listen, self._send):
            threading.Thread(target=work, name=f"bearclf {work.__name__}", daemon=True).start()

    def ask(self, number: int, content: bytes) -> None:
        """Send a photo as soon as there is a worker. ``number`` comes back with everything said of it."""
        self._put({"kind": "photo", "id": number}, content)

    def ask_why(self, number: int, thumbnail: bytes, label: str, nearest: list[int], card: str) -> None:
        """Have an answer explained; ``number`` must be another than the photo's own.

        ``label``, ``nearest`` and ``card`` are what came with the answer.
        """
        message = {"kind": "why", "id": number, "label": label, "nearest": nearest, "card": card}
        self._put(message, thumbnail)

    def forget(self, number: int) -> None:
        """Nobody waits for this photo any more."""
        with self._changed:
            self._pending.pop(number, None)

    def close(self) -> None:
        """Hang up; nothing is said after this."""
        with self._changed:
            self._closed = True
            self._pending.clear()
            if self._connection is not None:
                self._connection.close()
            self._changed.notify_all()

    def ask_clean(self, number: int, content: bytes) -> None:
        """Have a photo re-encoded, without metadata; ``number`` must be another than the photo's own."""
        self._put({"kind": "clean", "id": number}, content)

    def _put(self, message: Message, content: bytes) -> None:
        with self._changed:
            self._pending[message["id"]] = _Pending(message, content)
            self._changed.notify_all()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                number, connection = self._next(), self._connection
                if self._closed or number is None or connection is None:
                    return
                pending = self._pending[number]
                pending.sent = True
            try:
                send(connection, pending.message, pending.content)
            except (OSError, ValueError):
                log.info("A photo could not be sent; it waits for the next worker.")

    def _next(self) -> int | None:
        """The next photo to send, if it may be sent now."""
        if self._connection is None:
            return None
        # After a worker died, one at a time: so that only the photo that kills workers is blamed for it.
        careful = any(pending.attempts for pending in self._pending.values())
        if careful and any(pending.sent for pending in self._pending.values()):
            return None
        return next((number for number, pending in self._pending.items() if not pending.sent), None)

    def _listen(self) -> None:
        while not self._closed:
            connection = keep_connecting(
                lambda: Meeting.for_bundle(self._bundle),
                WORKER,
                is_wanted=lambda: not self._closed,
                on_trouble=lambda: self._notify({"kind": "broken", "message": CANT_START}, b""),
            )
            if connection is None:
                return
            with self._changed:
                self._connection = connection
                self._changed.notify_all()
            self._hand_on(connection)
            self._lost()

    def _hand_on(self, connection: Connection) -> None:
        """Pass on messages until the worker is gone."""
        while True:
            try:
                message, content = receive(connection)
            except (EOFError, OSError, ValueError, TypeError):  # TypeError: closed by us while waiting
                return
            if message["kind"] in ("answer", "because", "cleaned", "refused"):
                with self._changed:
                    wanted = self._pending.pop(message["id"], None) is not None
                    self._changed.notify_all()
                if not wanted:
                    continue
            self._notify(message, content)

    def _lost(self) -> None:
        """The worker is gone: what it was looking at goes to the next one, or is refused."""
        refused = []
        with self._changed:
            if self._closed:
                return
            self._connection = None
            for number, pending in list(self._pending.items()):
                if pending.sent:
                    pending.sent = False
                    pending.attempts += 1
                if pending.attempts >= MAX_ATTEMPTS:
                    del self._pending[number]
                    refused.append(number)
        for number in refused:
            self._notify({"kind": "refused", "id": number, "message": MADE_IT_STOP}, b"")
        self._notify({"kind": "restarting"}, b"")
