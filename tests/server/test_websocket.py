"""What a kernel says after its page was closed is nobody's trouble."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from tornado.websocket import WebSocketClosedError

from bearclf.server.websocket import PromptConnection


class ClosedAtOnce:
    def write_message(self, message: object, binary: bool) -> None:
        raise WebSocketClosedError


class ClosedMeanwhile:
    def write_message(self, message: object, binary: bool) -> asyncio.Future[None]:
        async def fail() -> None:
            raise WebSocketClosedError

        return asyncio.ensure_future(fail())


@pytest.mark.parametrize("handler", [ClosedAtOnce(), ClosedMeanwhile()])
def test_a_message_to_a_page_that_is_gone_is_let_go(handler: object) -> None:
    complaints: list[dict[str, object]] = []

    async def say() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, about: complaints.append(about))
        connection = SimpleNamespace(websocket_handler=handler)
        write = PromptConnection.write_message.fget(connection)  # type: ignore[attr-defined]  # a property
        assert write(b"too late", binary=True) is None
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.collect()

    with ThreadPoolExecutor(1) as apart:  # a browser that other tests drive has this thread's loop
        apart.submit(lambda: asyncio.run(say())).result()
    assert complaints == []
