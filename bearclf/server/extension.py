"""Prepare a Jupyter Server for the page at ``/voila/render/app.ipynb`` (as on Binder).

Enabled where the package is installed, by ``etc/jupyter/jupyter_server_config.d/bearclf.json``. Extensions
are loaded in alphabetical order: Voilà's comes after this one, reads what this one configured, and its routes
are asked after ours.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.utils import url_path_join

from bearclf.access.policy import record_bind_address
from bearclf.server.compression import compress_below, template_route
from bearclf.server.quiet_log import quieten
from bearclf.server.stop_on_close import hook_that_sets_cookie
from bearclf.server.template import FILTERS, offer_template
from bearclf.server.websocket import PromptConnection
from bearclf.settings import WEBSOCKET_BYTES


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "bearclf.server.extension"}]


def _load_jupyter_server_extension(server: Any) -> None:
    quieten(server.log)
    offer_template()
    record_bind_address(None if server.sock else server.ip)
    application = server.web_app
    # Never less than whoever runs the server has set.
    allowed = application.settings.get("websocket_max_message_size", 0)
    application.settings["websocket_max_message_size"] = max(allowed, WEBSOCKET_BYTES)

    if application.settings.get("kernel_websocket_connection_class") is ZMQChannelsWebsocketConnection:
        application.settings["kernel_websocket_connection_class"] = PromptConnection

    base_url = application.settings["base_url"]
    application.add_handlers(".*$", [template_route(base_url)])
    if not application.settings.get("compress_response"):
        application.add_transform(compress_below(url_path_join(base_url, "/voila/render/")))

    exporter = server.config.VoilaExporter
    exporter.filters = {**FILTERS, **exporter.get("filters", {})}
    voila = server.config.VoilaConfiguration
    voila.prelaunch_hook = hook_that_sets_cookie(voila.get("prelaunch_hook"))
