"""A worker's side of its connections: who is there, what everyone is told, and since when nobody is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, Listener

from bearclf.service.messages import Message, receive, send

log = logging.getLogger(__name__)


class Visitor:
    """One connected page. Several threads answer it, one message at a time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.turn = threading.RLock()
        """Held by who has several things to say with nothing between them."""

    def receive(self) -> tuple[Message, bytes]:
        """Wait for the next message; raises EOFError or OSError if the page is gone."""
        return receive(self._connection)

    def tell(self, message: Message, content: bytes = b"") -> None:
        """Send, or forget it: a page that is gone needs no answer."""
        try:
            with self.turn:
                send(self._connection, message, content)
        except OSError:
            log.info("A page left before its answer.")


class Visitors:
    """All connected pages; ``take(visitor, message, content)`` gets what they say, in a thread for each."""

    def __init__(self, take: Callable[[Visitor, Message, bytes], None]) -> None:
        self._take = take
        self._visitors: set[Visitor] = set()
        self._greeting: tuple[Message, ...] = ()
        self._last_seen = time.monotonic()
        self._changing = threading.Lock()  # guards everything above

    def welcome(self, listener: Listener) -> None:
        """Let in whoever comes, in the background."""
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def announce(self, *messages: Message) -> None:
        """Tell everyone who is there, and from now on, instead of what was announced before, who comes."""
        with self._changing:
            self._greeting = messages
            visitors = list(self._visitors)
        for visitor in visitors:
            for message in messages:
                visitor.tell(message)

    def tell_all(self, message: Message) -> None:
        """Tell everyone who is there."""
        with self._changing:
            visitors = list(self._visitors)
        for visitor in visitors:
            visitor.tell(message)

    def idle_seconds(self) -> float:
        """How long nobody has been connected; 0 while somebody is."""
        with self._changing:
            return 0.0 if self._visitors else time.monotonic() - self._last_seen

    def _let_in(self, listener: Listener) -> None:
        while True:
            try:
                visitor = Visitor(listener.accept())
            except Exception:  # a wrong secret, or gone again: the next one may be right
                log.exception("Somebody could not be let in.")
                continue
            threading.Thread(target=self._look_after, args=(visitor,), daemon=True).start()

    def _look_after(self, visitor: Visitor) -> None:
        with visitor.turn:  # what is announced from now on must not overtake the greeting
            with self._changing:
                self._visitors.add(visitor)
                greeting = self._greeting
            for message in greeting:
                visitor.tell(message)
        try:
            while True:
                message, content = visitor.receive()
                self._take(visitor, message, content)
        except (EOFError, OSError):
            pass  # the page was closed
        finally:
            with self._changing:
                self._visitors.discard(visitor)
                self._last_seen = time.monotonic()
