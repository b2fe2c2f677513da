"""Kernels that wait for visitors, and that end when nobody is left: seen from outside, as browsers do."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

from tests.helpers.patience import until
from tests.helpers.probe import ProbeServer, probing


def test_a_kernel_waited_for_whoever_opens_the_page(ours: ProbeServer) -> None:
    for name in ("localhost", "127.0.0.1", "[::1]:8866"):
        page = ours.open_warm(Host=name)
        assert page.access == "open"
        ours.leave(page)


def test_a_foreign_name_never_gets_a_kernel_that_waited(ours: ProbeServer) -> None:
    """Such a kernel knows of no name, so that the Clean tab would be open there."""
    ours.leave(ours.open_warm())  # they do wait
    for name in ("bears.example", "localhost.bears.example:8866", "127.0.0.1.nip.io"):
        page = ours.open(Host=name)
        assert not page.warm
        assert page.access == "closed"
        ours.leave(page)


def test_what_the_address_asks_for_is_there(ours: ProbeServer) -> None:
    stock = ours.open("template=lab&theme=dark")
    assert "voila.js" in stock.answer.text
    assert 'data-jp-theme-light="false"' in stock.answer.text
    asked = ours.open("x=y")
    assert not asked.warm, "a kernel that waited knows no query"
    for page in (stock, asked):
        ours.leave(page)


def test_who_comes_while_no_kernel_waits_is_served(ours: ProbeServer) -> None:
    with ThreadPoolExecutor(4) as visitors:
        pages = list(visitors.map(lambda _: ours.open(), range(4)))
    assert len({page.process.pid for page in pages}) == 4
    for page in pages:
        ours.leave(page)


@pytest.mark.parametrize("restarted", [False, True])
def test_kernels_that_die_while_they_wait_are_replaced(ours: ProbeServer, restarted: bool) -> None:
    """Jupyter starts them again, but empty: nothing would answer the page."""
    until(lambda: len(ours.waiting_kernels()) >= 2)
    lost = set(ours.waiting_kernels())
    for kernel in lost:
        kernel.kill()
    if restarted:
        until(lambda: len(set(ours.waiting_kernels()) - lost) >= len(lost))
    page = ours.open()
    assert page.is_served()
    ours.leave(page)
    ours.leave(ours.open_warm())


def test_a_pool_that_could_not_be_filled_for_a_while_is_filled_again(
    ours: ProbeServer, tmp_path: Path
) -> None:
    notebook = ours.gate.parent / "probe.ipynb"
    ours.leave(ours.open_warm())
    notebook.rename(tmp_path / "away.ipynb")
    with ours.visitor() as client:
        until(lambda: client.get(ours.path).status_code != 200)
    (tmp_path / "away.ipynb").rename(notebook)
    ours.leave(ours.open())
    page = ours.open_warm()
    assert page.is_served()
    ours.leave(page)


@pytest.mark.slow
def test_a_kernel_ends_without_its_page_and_all_with_the_server(tmp_path: Path) -> None:
    """After seconds here, not half an hour."""
    culling = {"cull_idle_timeout": 3, "cull_interval": 1}
    with probing("serve", tmp_path, {"MappingKernelManager": culling}) as server:
        until(lambda: len(server.waiting_kernels()) == 2)
        kept, vanished = server.open_warm(), server.open()

        async def stay() -> None:
            line = f"ws{server.origin[4:]}/api/kernels/{kept.kernel_id}/channels?session_id=here"
            connection = await websocket_connect(line)
            while vanished.is_served():
                await asyncio.sleep(0.05)
            assert kept.is_served()
            connection.close()

        with ThreadPoolExecutor(1) as aside:  # this thread may have a loop already: that of a browser's test
            aside.submit(asyncio.run, stay()).result()
        cut = time.monotonic()
        until(lambda: not kept.is_served())
        assert time.monotonic() - cut > 2, "a page whose line was cut has time to come back"
        waiting = server.waiting_kernels()
        assert len(waiting) == 2, "they have no page, but wait for one"
    assert not any(kernel.is_running() for kernel in waiting)
