"""The kernels of pages, and the pool of those that wait for a visitor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from voila.utils import ENV_VARIABLE


class PageKernelManager(AsyncMappingKernelManager):
    """Starts and ends kernels; Voilà adds its pool on top of it (``multi_kernel_manager_class``).

    Voilà hands out whatever is in the pool, also kernels that died while they waited, and gives a place in it
    up for good where none could be started. :meth:`renew_pool` is to be called before a page is served.
    """

    fill_if_needed: Callable[..., None]  # Voilà's

    def __init__(self, **kwargs: Any) -> None:
        # Voilà's: by notebook, tasks that each start a kernel. Stays empty if it keeps no pool.
        self._pools: dict[str, list[asyncio.Task]] = {}
        self._emptied: set[str] = set()  # kernels that died, and were started again without the notebook
        self._ending: set[asyncio.Task] = set()
        super().__init__(**kwargs)

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel and return its id."""
        kernel_id = await super().start_kernel(**kwargs)
        if kwargs.get("env", {}).get(ENV_VARIABLE.VOILA_PREHEAT) == "True":
            self.add_restart_callback(kernel_id, partial(self._emptied.add, kernel_id))
        return kernel_id

    async def renew_pool(self, notebook: str) -> None:
        """Throw out what can't serve a page any more, and have others started instead."""
        pool = self._pools.get(notebook, [])
        for waiting in list(pool):
            if waiting.done() and not await self._can_serve(waiting) and waiting in pool:
                pool.remove(waiting)
                self.log.warning("A kernel that waited for a visitor is gone; another takes its place.")
                if not waiting.cancelled() and not waiting.exception():
                    self._end_later(waiting.result()["kernel_id"])
                self.fill_if_needed(notebook_name=notebook)

    def has_warm(self, notebook: str) -> bool:
        """Whether the pool's next kernel has started; if not, a fresh one is ready as soon.

        It counts as used from now on, for as long as its page takes to connect.
        """
        pool = self._pools.get(notebook, [])
        if not pool or not pool[0].done():
            return False
        self._mark_used(pool[0].result()["kernel_id"])
        return True

    def notify_disconnect(self, kernel_id: str) -> None:
        """Give a page that lost its line the whole ``cull_idle_timeout`` to come back."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self:
            self._mark_used(kernel_id)

    def _mark_used(self, kernel_id: str) -> None:
        self.get_kernel(kernel_id).last_activity = datetime.now(UTC)  # type: ignore[attr-defined]

    async def _can_serve(self, waiting: asyncio.Task) -> bool:
        if waiting.cancelled() or waiting.exception():
            return False
        kernel_id, page = waiting.result()["kernel_id"], waiting.result()["task"]
        if kernel_id not in self or kernel_id in self._emptied or (page.done() and page.exception()):
            return False
        return await ensure_async(self.get_kernel(kernel_id).is_alive())

    def _end_later(self, kernel_id: str) -> None:
        """End a kernel that nobody waits for; it may just be starting again."""

        async def end() -> None:
            with suppress(Exception):  # what can't be ended now is ended as a kernel without a page
                await self.get_kernel(kernel_id).ready  # type: ignore[misc]  # an asyncio.Future in a loop
                await self.shutdown_kernel(kernel_id, now=True)

        task = asyncio.ensure_future(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
