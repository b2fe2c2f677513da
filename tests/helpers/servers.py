"""Running servers, of our own notebook and of others, as a visitor's browser finds them."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from bearclf.static import JUPYTER_DATA
from tests.conftest import ROOT
from tests.helpers.patience import PATIENCE, until

TOKEN = "for-tests"
SETTINGS = {"websocket_max_message_size": 24 * 2**20}
WAYS = {  # of serving the folder, each with a prefix before all addresses
    "voila": (
        ["-m", "voila", ".", "--template=bearclf", "--no-browser", "--Voila.base_url=/pre/fix/"],
        [f"--Voila.tornado_settings={SETTINGS}"],
        "/pre/fix/voila/render/",
        "",
    ),
    "jupyter": (
        ["-m", "jupyter", "server", "--no-browser", "--allow-root", "--ServerApp.base_url=/pre/"],
        [f"--IdentityProvider.token={TOKEN}", "--VoilaConfiguration.template=bearclf"],
        "/pre/voila/render/",
        f"?token={TOKEN}",
    ),
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


def kernels_of(server: psutil.Process) -> list[psutil.Process]:
    """Those that are alive: one whose page was closed may end while we look."""
    alive = []
    for child in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any("ipykernel" in word for word in child.cmdline()):
                alive.append(child)
    return alive


def jupyter_server(port: int, app: str = "server") -> list[str]:
    """Arguments of Python that start one, which lets in whoever knows ``TOKEN``; ``app`` may be ``lab``."""
    command = ["-m", "jupyter", app, "--no-browser", "--allow-root", f"--port={port}"]
    return [*command, "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]


def wait_for(process: psutil.Popen, address: str) -> None:
    """Until the process answers there. Raises httpx.ConnectError if it ends before it listens."""
    url = httpx.URL(address)

    def listens_or_ended() -> bool:
        with suppress(OSError), socket.create_connection((url.host, url.port)):
            return True
        return process.poll() is not None

    until(listens_or_ended)
    httpx.get(url, timeout=PATIENCE)


@contextmanager
def started(command: list[str], address: str, log: Path, **options: Any) -> Iterator[psutil.Process]:
    """Python with these arguments, from when it answers at ``address`` on; what it prints goes to ``log``."""
    with log.open("wb") as output:
        process = psutil.Popen([sys.executable, *command], stdout=output, stderr=output, **options)
        try:
            wait_for(process, address)
            yield process
        except httpx.ConnectError:
            pytest.fail(f"the server did not start:\n{log.read_text()}")
        finally:
            process.terminate()
            process.wait(30)


@dataclass
class Server:
    """A running server of one kind."""

    kind: str
    url: str
    process: psutil.Process

    def kernels(self) -> list[psutil.Process]:
        return kernels_of(self.process)


@contextmanager
def serving(kind: str, log: Path, root: Path = ROOT) -> Iterator[Server]:
    """A server of one kind, with the environment as it is, of the ``app.ipynb`` in ``root``."""
    port = free_port()
    if kind in ("voila", "stock"):
        command = ["-m", "bearclf", "serve", "--port", str(port)]
        command += ["--template", "lab"] if kind == "stock" else []
        url = f"http://localhost:{port}/"
    else:
        command = jupyter_server(port, "lab" if kind == "lab" else "server")
        path = "lab/tree" if kind == "lab" else "voila/render"
        url = f"http://localhost:{port}/{path}/app.ipynb?token={TOKEN}"
    with started(command, f"http://localhost:{port}/voila/static/none", log, cwd=root) as process:
        yield Server(kind, url, process)


class Running:
    """A server of the notebooks in ``tests/notebooks``, which can be killed and started again."""

    def __init__(self, way: str, log: Path) -> None:
        self.port = free_port()
        self._log = log
        command, options, self._path, self._query = WAYS[way]
        self._command = [*command, *options, f"--port={self.port}"]
        self.start()

    def start(self) -> None:
        command = [sys.executable, *self._command]
        environment = {**os.environ, "JUPYTER_PATH": str(JUPYTER_DATA)}  # for Voilà without bearclf
        with self._log.open("ab") as output:
            self.process = psutil.Popen(
                command, cwd=ROOT / "tests/notebooks", env=environment, stdout=output, stderr=output
            )
        wait_for(self.process, f"http://localhost:{self.port}/")

    def kill(self) -> None:
        for process in [self.process, *self.process.children(recursive=True)]:
            process.kill()
        self.process.wait(30)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def address(self, notebook: str, port: int | None = None) -> str:
        return f"http://localhost:{port or self.port}{self._path}{notebook}.ipynb{self._query}"

    def kernels(self) -> list[psutil.Process]:
        return kernels_of(self.process)


Servers = Callable[[str], Running]
