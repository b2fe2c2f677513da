"""A page's line to one of the workers: starts the worker if need be, and reconnects when it is gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bearclf.errors import OUR_FAULT
from bearclf.protocol.base import Message, Refused, Restarting, Trouble
from bearclf.protocol.curation import CurationAnnouncement, CurationReply
from bearclf.protocol.prediction import PredictionAnnouncement, PredictionReply
from bearclf.service.endpoint import Endpoint
from bearclf.service.starting import keep_connecting
from bearclf.service.wire import ProtocolError, Wire, encode

log = logging.getLogger(__name__)

Callback = Callable[[Any], None]
"""Takes one message."""

Deliver = Callable[[Callback, Message], None]
"""Calls a callback with a message in the thread where that should happen; called from a line's thread."""


@dataclass(frozen=True)
class Service:
    """One of the two workers: ``python -m module`` runs it, and ``incoming`` is what it may say.

    A request whose worker dies is sent to the next one until it has been sent ``attempts`` times; then it is
    refused with the sentence ``lost``. ``cant_start`` is said when no worker can be started.
    """

    module: str
    incoming: Any
    attempts: int
    cant_start: str
    lost: str


PREDICTION = Service(
    module="bearclf.service.prediction",
    incoming=PredictionReply | PredictionAnnouncement,
    attempts=2,
    cant_start=(
        "The classifier can't be started on this server. Your photos are kept and I'll go on trying; "
        "whoever runs this page finds the reason in the log."
    ),
    lost="The classifier stopped while looking at this photo, twice. Please try another version of it.",
)
CURATION = Service(
    module="bearclf.service.curation",
    incoming=CurationReply | CurationAnnouncement,
    attempts=1,  # to ask twice for a change of the folder would not be safe
    cant_start=(
        "The training photos can't be opened on this server; I'll go on trying. "
        "Whoever runs this page finds the reason in the log."
    ),
    lost=(
        "What looks after the training photos has stopped and is being started again. "
        "No photo is lost; please look at what was done, and try again."
    ),
)


@dataclass
class _Pending:
    content: bytes
    on_reply: Callback
    sent: bool = False
    attempts: int = 0


class Line:
    """Sends requests to a worker, and hands on what comes back.

    Replies go to whoever asked; announcements go to ``on_announcement``, and so does :class:`Restarting` when
    the worker is gone; all of it by way of ``deliver``, from a background thread.
    """

    def __init__(
        self,
        service: Service,
        find_endpoint: Callable[[], Endpoint],
        on_announcement: Callback,
        deliver: Deliver,
    ) -> None:
        self._service = service
        self._find_endpoint = find_endpoint
        self._on_announcement = on_announcement
        self._deliver = deliver
        self._request_numbers = count()
        self._pending: dict[int, _Pending] = {}
        self._wire: Wire | None = None
        self._closed = False
        self._changed = threading.Condition()  # guards everything above

    def start(self) -> None:
        """Connect in the background; returns at once."""
        for work in (self._listen, self._send):
            threading.Thread(target=work, name=f"bearclf {work.__name__}", daemon=True).start()

    def ask(self, request: Message, on_reply: Callback) -> int:
        """Send a request as soon as there is a worker; returns the number of the request.

        ``on_reply`` gets each message about it, of which the last is a :class:`Refused` if it can't be done.
        Raises what :func:`bearclf.service.wire.encode` does.
        """
        content = encode(request)
        with self._changed:
            request_number = next(self._request_numbers)
            self._pending[request_number] = _Pending(content, on_reply)
            self._changed.notify_all()
        return request_number

    def forget(self, request_number: int) -> None:
        """Drop a request that nobody waits for any more."""
        with self._changed:
            self._pending.pop(request_number, None)
            self._changed.notify_all()

    def close(self) -> None:
        """Hang up; nothing is delivered after this."""
        with self._changed:
            self._closed = True
            self._pending.clear()
            if self._wire is not None:
                self._wire.close()
            self._changed.notify_all()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next() is not None)
                request_number, wire = self._next(), self._wire
                if self._closed or request_number is None or wire is None:
                    return
                pending = self._pending[request_number]
                pending.sent = True
            try:
                wire.send(pending.content, request_number)
            except (OSError, ValueError):
                log.info("A request could not be sent: the worker is gone.")

    def _next(self) -> int | None:
        """The next request to send, if one may be sent now."""
        if self._wire is None:
            return None
        # After a worker died, one at a time: so that only the request that kills workers is blamed for it.
        careful = any(pending.attempts for pending in self._pending.values())
        if careful and any(pending.sent for pending in self._pending.values()):
            return None
        return next(
            (request_number for request_number, pending in self._pending.items() if not pending.sent), None
        )

    def _listen(self) -> None:
        while not self._closed:
            connection = keep_connecting(
                self._find_endpoint,
                self._service.module,
                is_wanted=lambda: not self._closed,
                on_trouble=lambda: self._tell(self._on_announcement, Trouble(self._service.cant_start)),
            )
            if connection is None:
                return
            wire = Wire(connection, self._service.incoming)
            with self._changed:
                self._wire = wire
                self._changed.notify_all()
            self._hand_on(wire)
            self._lost()

    def _hand_on(self, wire: Wire) -> None:
        """Pass on messages until the worker is gone."""
        while True:
            try:
                envelope, message = wire.receive()
            except ProtocolError as error:
                log.exception("The worker said what it should not.")
                with self._changed:
                    pending = self._pending.pop(error.request, None) if error.request is not None else None
                if pending is not None:
                    self._tell(pending.on_reply, Refused(OUR_FAULT))
                continue
            except (EOFError, OSError, ValueError, TypeError):  # TypeError: closed by us while waiting
                return
            if envelope.request is None:
                self._tell(self._on_announcement, message)
                continue
            with self._changed:
                pending = self._pending.get(envelope.request)
                if pending is not None and not envelope.more:
                    del self._pending[envelope.request]
                    self._changed.notify_all()
            if pending is not None:
                self._tell(pending.on_reply, message)

    def _tell(self, callback: Callback, message: Message) -> None:
        if not self._closed:
            self._deliver(callback, message)

    def _lost(self) -> None:
        """The worker is gone: what it was asked goes to the next one, or is refused."""
        refused = []
        with self._changed:
            if self._closed:
                return
            self._wire = None
            for request_number, pending in list(self._pending.items()):
                if pending.sent:
                    pending.sent = False
                    pending.attempts += 1
                if pending.attempts >= self._service.attempts:
                    refused.append(self._pending.pop(request_number))
        self._tell(self._on_announcement, Restarting())
        for pending in refused:
            self._tell(pending.on_reply, Refused(self._service.lost))


def prediction_line(bundle: Path, on_announcement: Callback, deliver: Deliver) -> Line:
    """A line to the worker that answers photos with the live model of a bundle."""
    return Line(PREDICTION, lambda: Endpoint.of_bundle(bundle), on_announcement, deliver)


def curation_line(folder: Path, on_announcement: Callback, deliver: Deliver) -> Line:
    """A line to the worker that looks after a training folder."""
    return Line(CURATION, lambda: Endpoint.of_folder(folder), on_announcement, deliver)
