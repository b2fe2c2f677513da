"""Serve the notebook as a page, by Voilà, with the settings that the page needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traitlets.config import Config
from voila.app import Voila

from bearclf.card import read_card
from bearclf.curators import access, announce
from bearclf.service.client import PredictionClient
from bearclf.settings import WEBSOCKET_BYTES, UserError


def serve(port: int, bundle: Path, ip: str, open_browser: bool) -> int:
    """Serve until interrupted; returns the exit code.

    Raises UserError if the bundle isn't one, or the notebook is missing.
    """
    read_card(bundle)
    os.environ["BEARCLF_BUNDLE"] = str(bundle.resolve())  # for the kernels
    # One line is kept open as long as the server runs: the model is there before the first visitor.
    warm = PredictionClient(bundle, lambda message, content: None)
    warm.start()
    print(f"Open http://{ip}:{port} in a browser. Stop with Ctrl-C.", flush=True)
    try:
        VoilaServer.launch_instance([str(_notebook())], config=_config(port, ip, open_browser))
    finally:
        warm.close()
    return 0


class VoilaServer(Voila):
    """Voilà, which tells its kernels where it listens: on another address, if a voila.json says so."""

    def start(self) -> None:
        """Serve until interrupted."""
        announce(self.ip)
        if (found := access()).kind == "closed":
            print(found.sentence, file=sys.stderr, flush=True)
        super().start()


def _config(port: int, ip: str, open_browser: bool) -> Config:
    return Config(
        Voila={
            "port": port,
            "port_retries": 0,  # a port that is taken is an error, not another port
            "ip": ip,
            "open_browser": open_browser,
            "log_level": "WARN",
            "tornado_settings": {"websocket_max_message_size": WEBSOCKET_BYTES},
        },
        VoilaConfiguration={
            "template": "bearclf",
            "file_allowlist": [],  # else every picture beside the notebook is served to anyone
        },
    )


def _notebook() -> Path:
    package = Path(__file__).parent
    for place in (package, package.parent):  # a wheel carries the notebook inside, a checkout beside it
        if (place / "app.ipynb").is_file():
            return place / "app.ipynb"
    raise UserError("app.ipynb is missing: please install bearclf again.")
