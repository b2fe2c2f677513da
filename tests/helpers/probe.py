"""A running server of each kind that a page can have, and visitors who ask it as browsers would."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import nbformat
import psutil

from tests.conftest import ROOT
from tests.helpers.patience import PATIENCE, until
from tests.helpers.servers import TOKEN, free_port, jupyter_server, kernels_of, started

PREFIX = "/pre/fix/"

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
serve.find_notebook = lambda: notebook
serve.prediction_line = lambda *_, **__: SimpleNamespace(start=lambda: None, close=lambda: None)
sys.exit(serve.serve(port, bundle, "localhost", False))
"""

Settings = dict[str, dict[str, Any]]


@dataclass
class ProbePage:
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
class ProbeServer:
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

    def open(self, query: str = "", **headers: str) -> ProbePage:
        client = self.visitor()
        answer = client.get(self.address(query), headers=headers)
        assert answer.status_code == 200
        said = re.search(r"KERNEL (\d+) (True|False) \S+ (\w+)", answer.text)
        kernel_id = re.search(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", answer.text)
        assert said, answer.text[-2000:]
        assert kernel_id
        process = psutil.Process(int(said[1]))
        return ProbePage(client, answer, kernel_id[0], process, said[2] == "True", said[3])

    def open_warm(self, **headers: str) -> ProbePage:
        """Open it again and again, until a kernel waited for it."""

        def open_once() -> ProbePage | None:
            page = self.open(**headers)
            if not page.warm:
                self.leave(page)
            return page if page.warm else None

        return until(open_once)

    def leave(self, page: ProbePage, **fields: str) -> httpx.Response:
        """Close the page, which says so as browsers do: ``navigator.sendBeacon`` with a form."""
        fields = fields or {"_xsrf": page.client.cookies["_xsrf"]}
        return page.client.post(
            f"{self.base}voila/api/shutdown/{page.kernel_id}",
            files={name: (None, value) for name, value in fields.items()},
            headers={"Origin": self.origin, "Referer": self.origin + self.path.partition("?")[0]},
        )

    def waiting_kernels(self) -> list[psutil.Process]:
        """All its kernels, which are those that wait while no page is open."""
        return kernels_of(self.process)


@contextmanager
def probing(kind: str, folder: Path, settings: Settings | None = None) -> Iterator[ProbeServer]:
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
    port = free_port()
    base, path = "/", "/"
    if kind == "serve":
        shipped = ROOT / "bearclf" / "bundles" / "bears"
        command = ["-c", SERVE, str(port), str(folder / "probe.ipynb"), str(shipped)]
        base = path = configured["Voila"].get("base_url", "/")
    elif kind == "voila":
        command = ["-m", "voila", "probe.ipynb", "--no-browser", f"--port={port}"]
    else:
        base, path = PREFIX, f"{PREFIX}voila/render/probe.ipynb?token={TOKEN}"
        command = [*jupyter_server(port), f"--ServerApp.base_url={PREFIX}"]
    environment = {**os.environ, "GATE": str(folder / "gate"), "JUPYTER_PATH": str(folder / "jupyter")}
    origin = f"http://localhost:{port}"
    known = f"{origin}{base}voila/static/none"
    with started(command, known, folder / "log.txt", cwd=folder, env=environment) as process:
        yield ProbeServer(origin, base, path, process, folder / "gate")
