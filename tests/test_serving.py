"""What comes over the wire, from each server that a page can have: ours, Jupyter Server, and bare Voilà."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

from tests.serving import PREFIX, TOKEN, Page, Server, Settings, running, until


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our own server, which fills its pool at once, so that a test need not wait."""
    settings: Settings = {"Voila": {"base_url": PREFIX}, "VoilaKernelManager": {"fill_delay": 0}}
    with running("serve", tmp_path_factory.mktemp("ours"), settings) as server:
        yield server


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running("jupyter", tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="module", params=["ours", "jupyter"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def static_files(page: Page) -> list[str]:
    return re.findall(r"/[\w/]*/voila/templates/bearclf/static/[\w.]+\?v=\w+", page.answer.text)


def test_files_of_the_template_are_packed_and_kept(server: Server) -> None:
    page = server.open()
    addresses = static_files(page)
    assert addresses
    for address in addresses:
        packed = page.client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["Content-Type"].startswith(("text/", "application/javascript"))
        assert "Expires" not in packed.headers
        size = int(packed.headers["Content-Length"])
        assert size == packed.num_bytes_downloaded < 0.6 * len(packed.content)
        head = page.client.head(address, headers={"Accept-Encoding": "gzip"})
        same = set(packed.headers) - {"date"}
        assert {name: head.headers[name] for name in same} == {name: packed.headers[name] for name in same}
        assert head.content == b""

        again = page.client.get(
            address, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
        )
        assert (again.status_code, again.num_bytes_downloaded) == (304, 0)

        for refusal in ("identity", "br", ""):
            plain = page.client.get(address, headers={"Accept-Encoding": refusal})
            assert "Content-Encoding" not in plain.headers
            assert plain.content == packed.content
            assert plain.headers["ETag"] != packed.headers["ETag"]

        other = page.client.get(address.partition("?")[0] + "?v=of-another-version")
        assert other.headers["Cache-Control"] == "no-cache"
        assert other.content == packed.content
    assert page.client.get(addresses[0].replace(".", "-")).status_code == 404
    server.leave(page)


def test_the_page_begins_before_its_kernel_is_done_and_is_compressed(server: Server) -> None:
    """The first bytes are enough to paint; the last come when the notebook has run."""
    unpack = zlib.decompressobj(wbits=31)
    received = b""
    with server.visitor() as client:
        with client.stream("GET", server.address("wait=1"), headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            pieces = answer.iter_raw()
            while b"</h1>" not in received:
                received += unpack.decompress(next(pieces))
            assert b"KERNEL" not in received
            server.gate.touch()
            received += b"".join(unpack.decompress(piece) for piece in pieces)
        assert b"KERNEL" in received
        assert received.rstrip().endswith(b"</html>")
        server.gate.unlink()


def test_nothing_but_the_page_is_compressed_for_a_jupyter_server(jupyter: Server) -> None:
    """What else runs there is not ours."""
    with jupyter.visitor() as client:
        assert "Content-Encoding" not in client.get(f"{PREFIX}api/spec.yaml?token={TOKEN}").headers


def test_closing_the_page_ends_its_kernel(server: Server) -> None:
    page = server.open()
    cookie = next(one for one in page.client.cookies.jar if one.name == "_xsrf")
    assert not cookie.has_nonstandard_attr("HttpOnly"), "the page must read it"
    assert server.path.startswith(cookie.path)
    assert server.leave(page).status_code == 204
    until(lambda: not page.is_served())


def test_a_stranger_cant_end_a_kernel(server: Server) -> None:
    """A foreign web page can make a browser send its cookies, but not read them."""
    page = server.open()
    assert server.leave(page, nothing="at all").status_code == 403
    assert server.leave(page, _xsrf="2|a|b|1").status_code == 403
    assert page.is_served()
    server.leave(page)


def test_a_kernel_waited_for_whoever_opens_the_page(ours: Server) -> None:
    for name in ("localhost", "127.0.0.1", "[::1]:8866"):
        page = ours.open_warm(Host=name)
        assert page.access == "open"
        ours.leave(page)


def test_a_foreign_name_never_gets_a_kernel_that_waited(ours: Server) -> None:
    """Such a kernel knows of no name, so that the Clean tab would be open there."""
    ours.leave(ours.open_warm())  # they do wait
    for name in ("bears.example", "localhost.bears.example:8866", "127.0.0.1.nip.io"):
        page = ours.open(Host=name)
        assert not page.warm
        assert page.access == "closed"
        ours.leave(page)


def test_what_the_address_asks_for_is_there(ours: Server) -> None:
    stock = ours.open("template=lab&theme=dark")
    assert "voila.js" in stock.answer.text
    assert 'data-jp-theme-light="false"' in stock.answer.text
    asked = ours.open("x=y")
    assert not asked.warm, "a kernel that waited knows no query"
    for page in (stock, asked):
        ours.leave(page)


def test_who_comes_while_no_kernel_waits_is_served(ours: Server) -> None:
    with ThreadPoolExecutor(4) as visitors:
        pages = list(visitors.map(lambda _: ours.open(), range(4)))
    assert len({page.process.pid for page in pages}) == 4
    for page in pages:
        ours.leave(page)


@pytest.mark.parametrize("restarted", [False, True])
def test_kernels_that_die_while_they_wait_are_replaced(ours: Server, restarted: bool) -> None:
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


def test_a_pool_that_could_not_be_filled_for_a_while_is_filled_again(ours: Server, tmp_path: Path) -> None:
    notebook = ours.gate.parent / "probe.ipynb"
    ours.leave(ours.open_warm())
    notebook.rename(tmp_path / "away.ipynb")
    with ours.visitor() as client:
        until(lambda: client.get(ours.path).status_code != 200)
    (tmp_path / "away.ipynb").rename(notebook)
    ours.leave(ours.open())
    ours.leave(ours.open_warm())


def test_a_kernel_ends_without_its_page_and_all_with_the_server(tmp_path: Path) -> None:
    """After seconds here, not half an hour."""
    culling = {"cull_idle_timeout": 3, "cull_interval": 1}
    with running("serve", tmp_path, {"MappingKernelManager": culling}) as server:
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


@pytest.mark.parametrize("kind", ["ours", "jupyter", "voila"])
def test_the_template_can_ask_python_whoever_serves(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def told(server: Server) -> str:
        with server.visitor() as client:
            return client.get(server.address("template=told")).text

    if kind == "voila":
        with running("voila", tmp_path) as bare:
            assert told(bare) == "filtered: None"
            assert "voila.js" in bare.open().answer.text, "Voilà alone has its own template"
    else:
        assert told(request.getfixturevalue(kind)) == "filtered: None"
