"""Messages over a local socket that only the same user can open and that takes a shared secret.

Each travels as two blocks of MessagePack: an envelope, and the message with the name of its class. Nothing
that arrives is ever unpickled, and whatever is no message of the protocol raises ProtocolError.
"""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from bearclf.protocol.base import Message

MAX_BYTES = 2**30
"""Largest message; whoever announces a larger one is hung up on."""


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """What goes before a message.

    ``request`` is the number of the request that the message is, or is about; None for an announcement.
    ``more`` is whether another message about the same request follows.
    """

    request: int | None
    more: bool


class ProtocolError(Exception):
    """What came is no message of the protocol; ``request`` is the request's number, if it is known."""

    def __init__(self, reason: str, request: int | None = None) -> None:
        super().__init__(reason)
        self.request = request


def encode(message: Message) -> bytes:
    """As it travels. Raises UnicodeEncodeError or OverflowError for text or numbers that can't."""
    return msgspec.msgpack.encode(message)


class Wire:
    """One end of a connection. Several threads may send, one receives."""

    def __init__(self, connection: Connection, incoming: Any) -> None:
        """``incoming`` is the union of the messages that may come from the other side."""
        self._connection = connection
        self._envelopes = msgspec.msgpack.Decoder(Envelope)
        self._messages = msgspec.msgpack.Decoder(incoming)
        self.turn = threading.RLock()
        """Held while several messages are sent that nothing may come between."""

    def send(self, content: bytes, request: int | None = None, more: bool = False) -> None:
        """Send one message, encoded by :func:`encode`; raises OSError if the other side is gone."""
        envelope = msgspec.msgpack.encode(Envelope(request, more))
        with self.turn:
            self._connection.send_bytes(envelope)
            self._connection.send_bytes(content)

    def receive(self) -> tuple[Envelope, Any]:
        """Wait for one message.

        Raises EOFError or OSError if the other side is gone, and ProtocolError if it sent something else.
        """
        before, content = self._connection.recv_bytes(MAX_BYTES), self._connection.recv_bytes(MAX_BYTES)
        request = None
        try:
            envelope = self._envelopes.decode(before)
            request = envelope.request
            return envelope, self._messages.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(str(error), request) from error

    def close(self) -> None:
        """Hang up; whoever waits for a message is told."""
        self._connection.close()
