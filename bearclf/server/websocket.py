"""The line between a page and its kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.websocket import WebSocketClosedError


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter Server's own, but a message is sent as soon as it is there, and let go if it comes too late.

    Otherwise the system holds back small ones until the browser has confirmed those before, which it does up
    to 40 ms later: several times as long as a click takes in all. And each word that a kernel says after its
    page was closed would be a traceback in the terminal.
    """

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]  # as its base has it
        """Begin to pass messages on."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()

    @property
    def write_message(self) -> Callable[..., None]:
        """Passes a message on to the page, if that is still there."""

        def write(message: Any, binary: bool = False) -> None:
            with suppress(WebSocketClosedError):
                sent = self.websocket_handler.write_message(message, binary)
                if sent is not None:
                    sent.add_done_callback(_take_note)

        return write


def _take_note(sent: asyncio.Future[None]) -> None:
    """Of what became of it: else asyncio tells the terminal that nobody did."""
    if not sent.cancelled():
        sent.exception()
