"""Stand-ins for visitors' pages, with a real prediction worker behind them."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import psutil

from bearclf.service.client import PredictionClient

PATIENCE = 60.0  # seconds until a test gives up; what is waited for comes much sooner


class Page:
    """Stands for a visitor's page: a client, and all that it was told."""

    def __init__(self, bundle: Path) -> None:
        self.heard: queue.Queue[tuple[dict[str, Any], bytes]] = queue.Queue()
        self.client = PredictionClient(bundle, lambda message, content: self.heard.put((message, content)))
        self.client.start()

    def wait(self, kind: str, number: int | None = None) -> tuple[dict[str, Any], bytes]:
        """Whatever comes before is passed over."""
        while True:
            message, content = self.heard.get(timeout=PATIENCE)
            if message["kind"] == kind and number in (None, message.get("id")):
                return message, content


def workers_of(bundle: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "bearclf.service.worker" in (process.info["cmdline"] or ())
        and str(bundle.resolve()) in process.info["cmdline"]
    ]
