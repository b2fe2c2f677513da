"""A running server of each kind that a page can have, and visitors who ask it as browsers would."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import nbformat
import psutil
import pytest

from tests.conftest import ROOT

PREFIX = "/pre/fix/"
TOKEN = "for-tests"
PATIENCE = 45  # seconds until a test gives up; what is waited for comes much sooner

# Says what its kernel knows, and waits for a file before that if the address asks for it.
NOTEBOOK = """
import os, time
from pathlib import Path
from bearclf.access.policy import access

while "wait" in os.environ.get("QUERY_STRING", "") and not Path(os.environ["GATE"]).exists():
    time.sleep(0.01)
print("KERNEL", os.getpid(), os.environ["VOILA_PREHEAT"], os.environ.get("SERVER_NAME"), access().kind)
"""
TOLD = "filtered: {{ nb | bearclf_sentences if 'bearclf_sentences' is filter else 'not' }}"
SERVE = """
import sys
from pathlib import Path
from types import SimpleNamespace
from bearclf.server import serve

port, notebook, bundle = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
serve._notebook = lambda: notebook
serve.PredictionClient = lambda *_: SimpleNamespace(start=lambda: None, close=lambda: None)
sys.exit(serve.serve(port, bundle, "localhost", False))
"""

Found = TypeVar("Found")
Settings = dict[str, dict[str, Any]]


def until(look: Callable[[], Found | None]) -> Found:
    """What is found, once it is there."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    pytest.fail("it did not come to pass")


@dataclass
class Page:
    """What somebody got who opened the page, with the kernel behind it."""

    client: httpx.Client
    answer: httpx.Response
    kernel_id: str
    process: psutil.Process
    warm: bool
    access: str

    def is_served(self) -> bool:
        """Whether its kernel lives."""
        with suppress(psutil.NoSuchProcess):
            return self.process.status() != psutil.STATUS_ZOMBIE
        return False


@dataclass
class Server:
    """A running server with the notebook above, whose page is at ``path``."""

    origin: str
    base: str
    path: str
    process: psutil.Process
    gate: Path

    def visitor(self) -> httpx.Client:
        return httpx.Client(base_url=self.origin, timeout=PATIENCE)

    def address(self, query: str = "") -> str:
        return self.path + ("&" if "?" in self.path else "?") * bool(query) + query

    def open(self, query: str = "", **headers: str) -> Page:
        client = self.visitor()
        answer = client.get(self.address(query), headers=headers)
        assert answer.status_code == 200
        said = re.search(r"KERNEL (\d+) (True|False) \S+ (\w+)", answer.text)
        kernel_id = re.search(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", answer.text)
        assert said, answer.text[-2000:]
        assert kernel_id
        process = psutil.Process(int(said[1]))
        return Page(client, answer, kernel_id[0], process, said[2] == "True", said[3])

    def open_warm(self, **headers: str) -> Page:
        """Open it again and again, until a kernel waited for it."""

        def open_once() -> Page | None:
            page = self.open(**headers)
            if not page.warm:
                self.leave(page)
            return page if page.warm else None

        return until(open_once)

    def leave(self, page: Page, **fields: str) -> httpx.Response:
        """Close the page, which says so as browsers do: ``navigator.sendBeacon`` with a form."""
        fields = fields or {"_xsrf": page.client.cookies["_xsrf"]}
        return page.client.post(
            f"{self.base}voila/api/shutdown/{page.kernel_id}",
            files={name: (None, value) for name, value in fields.items()},
            headers={"Origin": self.origin, "Referer": self.origin + self.path.partition("?")[0]},
        )

    def waiting_kernels(self) -> list[psutil.Process]:
        """All its kernels, which are those that wait while no page is open."""
        found = []
        for child in self.process.children(recursive=True):
            with suppress(psutil.Error):
                if any("ipykernel" in word for word in child.cmdline()):
                    found.append(child)
        return found


@contextmanager
def running(kind: str, folder: Path, settings: Settings | None = None) -> Iterator[Server]:
    """A server of one kind, in a folder of its own, with these settings in its voila.json."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# Probe"), nbformat.v4.new_code_cell(NOTEBOOK)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, folder / "probe.ipynb")
    configured = {
        **json.loads((ROOT / "voila.json").read_text("utf-8")),
        "KernelRestarter": {"time_to_dead": 0.3},
    }
    for name, values in (settings or {}).items():
        configured[name] = {**configured.get(name, {}), **values}
    (folder / "voila.json").write_text(json.dumps(configured), "utf-8")
    template = folder / "jupyter" / "voila" / "templates" / "told"
    template.mkdir(parents=True)
    (template / "conf.json").write_text('{"base_template": "base"}')
    (template / "index.html.j2").write_text(TOLD)
    with socket.socket() as one:
        one.bind(("localhost", 0))
        port = str(one.getsockname()[1])
    base, path = "/", "/"
    if kind == "serve":
        command = [
            "-c",
            SERVE,
            port,
            str(folder / "probe.ipynb"),
            str(ROOT / "bearclf" / "bundles" / "bears"),
        ]
        base = path = configured["Voila"].get("base_url", "/")
    elif kind == "voila":
        command = ["-m", "voila", "probe.ipynb", "--no-browser", f"--port={port}"]
    else:
        base, path = PREFIX, f"{PREFIX}voila/render/probe.ipynb?token={TOKEN}"
        command = ["-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
        command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"]
        command += [f"--ServerApp.base_url={PREFIX}"]
    environment = {**os.environ, "GATE": str(folder / "gate"), "JUPYTER_PATH": str(folder / "jupyter")}
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=folder, env=environment, stdout=output, stderr=output
        )
        server = Server(f"http://localhost:{port}", base, path, psutil.Process(process.pid), folder / "gate")
        try:
            transport = httpx.HTTPTransport(retries=12)  # waits twice as long each time while nobody listens
            with httpx.Client(transport=transport) as client:
                client.get(f"{server.origin}{base}voila/static/none")
            yield server
        except httpx.ConnectError:
            pytest.fail(f"the server did not start:\n{log.read_text()}")
        finally:
            process.terminate()
            process.wait(30)
