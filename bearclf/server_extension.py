"""What a Jupyter Server must allow and tell, for the page at ``/voila/render/app.ipynb`` (as on Binder).

Enabled where the package is installed, by ``etc/jupyter/jupyter_server_config.d/bearclf.json``.
"""

from __future__ import annotations

from typing import Any

from bearclf.curators import announce
from bearclf.settings import WEBSOCKET_BYTES


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bearclf.server_extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    announce(None if server.sock else server.ip)
    # Never less than whoever runs the server has set.
    allowed = server.web_app.settings.get("websocket_max_message_size", 0)
    server.web_app.settings["websocket_max_message_size"] = max(allowed, WEBSOCKET_BYTES)
