"""The apps that are compared, how each is started, and how its page is used."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bearclf.models.bundle import EXPORT
from bearclf.settings import bundle_folder
from tests.benchmarks.environment import PEERS_PYTHON
from tests.benchmarks.visits import Way

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).with_name("peers")
START_SECONDS = 120
IDLE_SECONDS, IDLE_SHARE = 0.4, 0.1  # idle: so long below this share of one core
WARM_SECONDS = 2.0  # after a start: what an app does in its first quiet moment is over, too
STOP_SECONDS = 20

Command = Callable[[int], list[str]]


@dataclass(frozen=True)
class App:
    """One of those that are compared: ``command(port)`` starts it in ``folder`` (None: an empty one).

    ``many`` is where many photos are chosen, if that is another page. Without ``preheats`` a voila.json
    says so. Only those with ``slow_line`` are also visited over one.
    """

    name: str
    command: Command
    way: Way
    folder: Path | None = None
    many: Way | None = None
    slow_line: bool = False
    preheats: bool = True


@dataclass
class Server:
    """An app that runs; ``started`` is the moment its process was started, in seconds since 1970."""

    origin: str
    started: float
    mark: str

    def processes(self) -> list[psutil.Process]:
        """Those of the app, wherever they were started from: all have the mark in their environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("BENCH_MARK") == self.mark:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def wait_until_idle(self, quiet: float = IDLE_SECONDS, patience: float = 30) -> None:
        """Until nothing was computed for ``quiet`` seconds, such as the next visitor's kernel."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            before = self._seconds()
            time.sleep(quiet)
            if self._seconds() - before < IDLE_SHARE * quiet:
                return

    def _seconds(self) -> float:
        total = 0.0
        for process in self.processes():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        return total


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(app: App, photos: Path, scratch: Path) -> Iterator[Server]:
    """Start an app with data of its own in ``scratch``; yields once its port answers."""
    port = free_port()
    mark = f"{app.name} {port}"
    run = scratch / str(port)
    run.mkdir(mode=0o700)
    environment = os.environ | {
        "BENCH_EXPORT": str(bundle_folder() / EXPORT),
        "BENCH_MARK": mark,
        "BENCH_PORT": str(port),
        "BEARCLF_CACHE": str(run / "cache"),
        "BEARCLF_DATA": str(run / "data"),
        "BEARCLF_RUN": str(run),
        "BEARCLF_TRAINING": str(photos),
        "GRADIO_ANALYTICS_ENABLED": "False",  # nobody waits for another host
    }
    if not app.preheats:
        settings = json.loads((ROOT / "voila.json").read_text("utf-8"))
        settings["VoilaConfiguration"]["preheat_kernel"] = False
        (run / "voila.json").write_text(json.dumps(settings), "utf-8")
    with (run / "log").open("wb") as log:
        started = time.time()
        process = subprocess.Popen(
            app.command(port), cwd=app.folder or run, env=environment, stdout=log, stderr=log
        )
    server = Server(f"http://localhost:{port}", started, mark)
    try:
        while not listens(port):
            if process.poll() is not None or time.time() > started + START_SECONDS:
                raise RuntimeError(f"{app.name} didn't start:\n{(run / 'log').read_text()[-4000:]}")
            time.sleep(0.01)
        yield server
    finally:
        started_by_it = server.processes()
        process.terminate()
        _, alive = psutil.wait_procs(started_by_it, STOP_SECONDS if process.poll() is None else 0)
        for left in {*alive, *server.processes()}:
            left.kill()
        process.wait()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), 1).close()
    except OSError:
        return False
    return True


def ours(port: int) -> list[str]:
    return [sys.executable, "-m", "bearclf", "serve", "--port", str(port)]


def under_jupyter(port: int) -> list[str]:
    settings = [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    return [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", *settings]


def stock_voila(notebook: str, *options: str) -> Command:
    path = str(PEERS / notebook)
    return lambda port: [
        *(sys.executable, "-m", "voila", path, f"--port={port}", "--Voila.port_retries=0"),
        *("--no-browser", "--template=lab", *options),
    ]


def gradio(port: int) -> list[str]:
    return [str(PEERS_PYTHON), str(PEERS / "gradio_app.py")]


def streamlit(port: int) -> list[str]:
    return [
        *(str(PEERS_PYTHON), "-m", "streamlit", "run", str(PEERS / "streamlit_app.py")),
        *(f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false"),
    ]


STOCK = Way("/", ".widget-upload", ".answer")
OURS = Way("/", "[data-early='choose'], .bearclf-upload", ".bearclf-answered, .bearclf-refused")
UNDER_JUPYTER = replace(OURS, path="/voila/render/app.ipynb")
GRADIO = Way("/", "[data-testid='upload-text']", "[data-testid='label-output-value']")
STREAMLIT = Way("/", "[data-testid='stFileUploaderDropzone'] button", "[data-testid='stMarkdown']")

REFERENCE = "Gradio"
"""Ratios are to this one."""

FLOOR = "floor: stock Voilà, no model"
"""A page of widgets that only says how large a file is: what none can do without, and no answer."""

APPS = (
    App("course's notebook, stock Voilà", stock_voila("course.ipynb"), STOCK),
    App(
        FLOOR,
        stock_voila("widgets_only.ipynb", "--preheat_kernel=True", "--pool_size=2"),
        STOCK,
    ),
    App(
        REFERENCE,
        gradio,
        GRADIO,
        many=Way("/many", GRADIO.button, ".answer"),
        slow_line=True,
    ),
    App("Streamlit", streamlit, STREAMLIT),
    App("bearclf", ours, OURS, ROOT, slow_line=True),
    App("bearclf, not preheated", ours, OURS, preheats=False),
    App("bearclf under Jupyter Server", under_jupyter, UNDER_JUPYTER, ROOT),
)
