"""The line between a page and its kernel."""

from __future__ import annotations

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter Server's own, but a message is sent as soon as it is there.

    Otherwise the system holds back small ones until the browser has confirmed those before, which it does up
    to 40 ms later: several times as long as a click takes in all.
    """

    def connect(self) -> asyncio.Future[None] | None:  # type: ignore[override]  # as its base has it
        """Begin to pass messages on."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
