"""A worker's side of its connections: accepts pages, broadcasts to them, passes their requests to handlers.

No thread dies of what a page sends, or of what a handler raises: the page is told, and goes on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from multiprocessing.connection import Connection, Listener
from typing import Any

from bearclf.errors import OUR_FAULT, UserError
from bearclf.protocol.base import Message, Refused, Trouble
from bearclf.service.wire import Envelope, ProtocolError, Wire, encode

log = logging.getLogger(__name__)

IDLE_SECONDS = 60.0
"""How long a worker stays without anybody connected."""

NOT_UNDERSTOOD = (
    "This page and its server don't understand each other. Please reload the page; if that doesn't help, "
    "whoever runs it should start the server again. Nothing is lost."
)


class Caller:
    """The page that asked; replies go back to it under the number of its request."""

    def __init__(self, wire: Wire, request: int | None) -> None:
        self._wire = wire
        self._request = request

    def reply(self, message: Message, more: bool = False) -> bool:
        """Send a reply, or forget it: a page that is gone needs none. ``more`` is whether others follow.

        Returns whether the page is there. Raises what :func:`bearclf.service.wire.encode` does.
        """
        content = encode(message)
        try:
            self._wire.send(content, self._request, more)
        except OSError:
            log.info("A page left before its answer.")
            return False
        return True

    def reply_safely(self, work: Callable[[], Message | None]) -> None:
        """Reply with what ``work`` returns, if anything; or with the reason why it could not be done."""
        try:
            reply = work()
            if reply is not None:
                self.reply(reply)
        except UserError as error:
            log.info("Refused a request.", exc_info=error)
            self.reply(Refused(str(error)))
        except Exception:
            log.exception("A request failed.")
            self.reply(Refused(OUR_FAULT))


Handler = Callable[[Any, Caller], Message | None]
"""Takes a request and returns the reply; or None, and then replies to the caller later."""


class Host:
    """All connected pages, and the handlers of what they ask, by the class of the request.

    Requests of one page are handled one after the other; those of a class in ``apart`` in a thread of their
    own, so that what comes next need not wait for them.
    """

    def __init__(
        self,
        incoming: Any,
        handlers: Mapping[type[Message], Handler],
        apart: Collection[type[Message]] = (),
        on_join: Callable[[], None] | None = None,
    ) -> None:
        """``on_join`` is called when a page has come, before anything that it asks is handled."""
        self._incoming = incoming
        self._handlers = handlers
        self._apart = apart
        self._on_join = on_join
        self._pages: set[Wire] = set()
        self._greeting: tuple[Message, ...] = ()
        self._last_seen = time.monotonic()
        self._changing = threading.Lock()  # guards the three above

    def welcome(self, listener: Listener) -> None:
        """Accept connections, in the background."""
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def broadcast(self, message: Message) -> None:
        """Send a message to every connected page."""
        with self._changing:
            pages = list(self._pages)
        for page in pages:
            Caller(page, None).reply(message)

    def broadcast_and_remember(self, *messages: Message) -> None:
        """Send messages to every page, and, in place of earlier ones, to each that connects later."""
        with self._changing:
            self._greeting = messages
        for message in messages:
            self.broadcast(message)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has been connected for ``IDLE_SECONDS``."""
        with self._changing:
            return not self._pages and time.monotonic() - self._last_seen > IDLE_SECONDS

    def _let_in(self, listener: Listener) -> None:
        while True:
            try:
                connection = listener.accept()
            except Exception:  # a wrong secret, or gone again: the next one may be right
                log.exception("Somebody could not be let in.")
                continue
            threading.Thread(target=self._look_after, args=(connection,), daemon=True).start()

    def _look_after(self, connection: Connection) -> None:
        page = Wire(connection, self._incoming)
        announce = Caller(page, None).reply
        with page.turn:  # what is broadcast from now on must not overtake the greeting
            with self._changing:
                self._pages.add(page)
                greeting = self._greeting
            for message in greeting:
                announce(message)
        try:
            self._join(announce)
            while True:
                self._take(page)
        except (EOFError, OSError):
            pass  # the page was closed
        except Exception:
            log.exception("A page is hung up on: it can't be understood.")
            connection.close()
        finally:
            with self._changing:
                self._pages.discard(page)
                self._last_seen = time.monotonic()

    def _join(self, announce: Callable[[Message], object]) -> None:
        if self._on_join is None:
            return
        try:
            self._on_join()
        except UserError as error:
            announce(Trouble(str(error)))
        except Exception:
            log.exception("A page could not join.")
            announce(Trouble(OUR_FAULT))

    def _take(self, page: Wire) -> None:
        """Wait for one request and have it handled."""
        try:
            envelope, request = page.receive()
        except ProtocolError as error:
            log.warning("A page sent what is no request: %s", error)
            Caller(page, error.request).reply(
                Trouble(NOT_UNDERSTOOD) if error.request is None else Refused(NOT_UNDERSTOOD)
            )
            return
        if type(request) in self._apart:
            threading.Thread(target=self._handle, args=(page, envelope, request), daemon=True).start()
        else:
            self._handle(page, envelope, request)

    def _handle(self, page: Wire, envelope: Envelope, request: Message) -> None:
        caller = Caller(page, envelope.request)
        caller.reply_safely(lambda: self._handlers[type(request)](request, caller))
