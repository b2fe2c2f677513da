"""Serve the notebook as a page, by Voilà, with the settings that the page needs."""

from __future__ import annotations

import errno
import socket
import sys
from pathlib import Path
from typing import Any

from traitlets.config import Config

from bearclf.errors import UserError
from bearclf.models.card import read_card
from bearclf.server.template import FILTERS, TEMPLATE, offer_template
from bearclf.service.line import prediction_line
from bearclf.settings import PACKAGE, WEBSOCKET_BYTES, choose_folders

WARM_KERNELS = 2
"""Kernels that wait for visitors, some 70 MB each. A voila.json may ask for more, or none."""

KERNEL_IDLE_SECONDS = 30 * 60
"""Seconds after which a kernel ends that no page is connected to: the browser crashed, or the phone died."""


def serve(port: int, bundle: Path, ip: str, open_browser: bool, template: str | None = None) -> int:
    """Serve until interrupted; returns the exit code.

    ``template`` is another Voilà template than a voila.json names, or than ours.
    Raises UserError if the bundle isn't one, the port is taken, or the notebook or the template is missing.
    """
    read_card(bundle)
    _check_port(ip, port)
    offer_template()
    choose_folders(bundle)  # for the kernels
    # One line is kept open as long as the server runs: the model is there before the first visitor.
    warm = prediction_line(bundle, on_announcement=lambda _: None, deliver=lambda *_: None)
    warm.start()
    try:
        server = _server_class()
        arguments = [str(find_notebook())]
        if template is not None:
            _check_template(template)
            arguments.append(f"--template={template}")
        print(f"Open http://{ip}:{port} in a browser. Stop with Ctrl-C.", flush=True)
        server.launch_instance(arguments, config=_config(port, ip, open_browser))
    finally:
        warm.close()
    return 0


def _server_class() -> Any:
    # Imported while the prediction worker starts, on another core. Most of the time would go into this
    # grammar of international addresses, which jsonschema loads if it is there.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from bearclf.server.voila_server import VoilaServer

    return VoilaServer


def _config(port: int, ip: str, open_browser: bool) -> Config:
    return Config(
        Voila={
            "port": port,
            "port_retries": 0,  # a port that is taken is an error, not another port
            "ip": ip,
            "open_browser": open_browser,
            "log_level": "WARN",
            "tornado_settings": {"websocket_max_message_size": WEBSOCKET_BYTES},
            "kernel_websocket_connection_class": "bearclf.server.websocket.PromptConnection",
        },
        VoilaConfiguration={
            "template": TEMPLATE,
            "file_allowlist": [],  # else every picture beside the notebook is served to anyone
            "multi_kernel_manager_class": "bearclf.server.kernels.PageKernelManager",
            "preheat_kernel": True,
            "default_pool_size": WARM_KERNELS,
        },
        VoilaExporter={"filters": FILTERS},
        MappingKernelManager={
            "cull_idle_timeout": KERNEL_IDLE_SECONDS,
            "transport_encryption": "auto",  # other accounts of this machine could listen to photos
        },
    )


def _check_port(ip: str, port: int) -> None:
    """Voilà would say only that no port could be found, after we had told people to open it."""
    try:
        with socket.create_server((ip, port)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"Port {port} is taken, perhaps by an earlier “serve”. Please stop that, or choose another, "
                f"such as --port {port + 1}."
            ) from None


def _check_template(name: str) -> None:
    from jupyter_core.paths import jupyter_path

    places = [Path(path) / "templates" for path in jupyter_path("voila")]
    installed = {template.name for place in places for template in place.glob("*")}
    if name not in {TEMPLATE, *installed}:
        raise UserError(f"There is no Voilà template “{name}” here. “{TEMPLATE}” is ours, “lab” Voilà's own.")


def find_notebook() -> Path:
    """The notebook that is the page. Raises UserError if it isn't there."""
    for place in (PACKAGE, PACKAGE.parent):  # a wheel carries the notebook inside, a checkout beside it
        if (place / "app.ipynb").is_file():
            return place / "app.ipynb"
    raise UserError("app.ipynb is missing: please install bearclf again.")
