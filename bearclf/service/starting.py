"""Connect a page to a worker: to the one that listens already, or to one that is started."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from filelock import FileLock

from bearclf.service.endpoint import Endpoint

log = logging.getLogger(__name__)

START_SECONDS = 30.0
"""How long a new worker may take until it listens; what is slow to load is loaded after that."""

RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between attempts to start a worker that doesn't start; the last one repeats."""

KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(64 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20)}
"""Has the C library (glibc; others ignore it) keep what decoded photos and feature maps were in, for the next
ones. To ask the system each time took a quarter of the time of a scan."""

# By name; Python complains of one that is dropped while it runs.
_started: dict[str, subprocess.Popen] = {}


def keep_connecting(
    find_endpoint: Callable[[], Endpoint],
    module: str,
    is_wanted: Callable[[], bool],
    on_trouble: Callable[[], None],
) -> Connection | None:
    """Like :func:`connect`, again and again; None once nobody wants it any more.

    ``find_endpoint`` is called for each attempt. ``on_trouble`` is called once, when the second attempt has
    failed.
    """
    failures = 0
    while is_wanted():
        try:
            return connect(find_endpoint(), module, is_wanted)
        except Exception:  # whatever keeps a worker from starting, the page must go on
            log.exception("The worker %s could not be started.", module)
        if failures == 1:
            on_trouble()
        time.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
        failures += 1
    return None


def connect(endpoint: Endpoint, module: str, is_wanted: Callable[[], bool] = lambda: True) -> Connection:
    """A connection to the worker that is there, or to a new one: ``python -m module PATH``.

    Raises OSError or RuntimeError if no worker can be started, or nobody wants it any more.
    """
    connection = _try_connecting(endpoint)
    if connection is not None:
        return connection
    with FileLock(endpoint.lock):  # of many pages at once, one starts the worker
        connection = _try_connecting(endpoint)
        if connection is not None:
            return connection
        endpoint.make_secret()
        process = _started[endpoint.name] = _start_worker(endpoint, module)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and is_wanted():
            connection = _try_connecting(endpoint)
            if connection is not None:
                return connection
            if process.poll() is not None:
                raise RuntimeError(f"the worker ended at once: {endpoint.log.read_text()[-2000:]}")
            time.sleep(0.05)
    raise RuntimeError(f"the worker didn't listen within {START_SECONDS:.0f} s, or wasn't wanted any more")


def _try_connecting(endpoint: Endpoint) -> Connection | None:
    try:
        return endpoint.connect()
    except (OSError, EOFError):
        return None


def _start_worker(endpoint: Endpoint, module: str) -> subprocess.Popen:
    """Start it in a session of its own: neither a kernel's interrupts nor its end must reach the worker."""
    detached: Any = {"creationflags": 0x00000208} if sys.platform == "win32" else {"start_new_session": True}
    with endpoint.log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", module, str(endpoint.path)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=os.environ | KEEP_MEMORY,
            **detached,  # which of the two depends on the platform
        )
