"""Running servers, of our own notebook and of others, as a visitor's browser finds them."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import ROOT

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
        command = ["-m", "jupyter", "lab" if kind == "lab" else "server", "--no-browser", "--allow-root"]
        command += [f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
        path = "lab/tree" if kind == "lab" else "voila/render"
        url = f"http://localhost:{port}/{path}/app.ipynb?token={TOKEN}"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *command], cwd=root, stdout=output, stderr=output)
        try:
            transport = httpx.HTTPTransport(retries=10)  # waits twice as long each time while nobody listens
            with httpx.Client(transport=transport, timeout=60) as client:
                client.get(f"http://localhost:{port}/voila/static/none")
            yield Server(kind, url, psutil.Process(process.pid))
        except httpx.ConnectError:
            pytest.fail(f"the server did not start:\n{log.read_text()}")
        finally:
            process.terminate()
            process.wait(30)


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
        with self._log.open("ab") as output:
            self.process = psutil.Popen(command, cwd=ROOT / "tests/notebooks", stdout=output, stderr=output)
        with httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=60) as client:
            client.get(f"http://localhost:{self.port}/")

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
