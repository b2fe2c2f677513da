"""What our extension makes of the settings of a Jupyter Server, without anything being served."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import Application, GZipContentEncoding
from traitlets.config import Config

from bearclf.access.policy import access
from bearclf.server import extension as server_extension

pytestmark = pytest.mark.usefixtures("outside_any_server")


def jupyter_server(application: Application, ip: str = "localhost", sock: str = "") -> SimpleNamespace:
    """What the extension sees of one."""
    log = logging.getLogger("a Jupyter Server")
    return SimpleNamespace(log=log, ip=ip, sock=sock, web_app=application, config=Config())


def loaded_into(**settings: Any) -> SimpleNamespace:
    """A Jupyter Server after our extension was loaded into it."""
    application = Application(base_url="/", **settings)
    server = jupyter_server(application)
    server.config.VoilaConfiguration.prelaunch_hook = lambda handler, notebook, cwd: (handler, notebook, cwd)
    server.config.VoilaExporter.filters = {"theirs": "html.escape"}
    server_extension._load_jupyter_server_extension(server)
    return server


def test_messages_are_not_held_back_but_a_connection_of_somebody_elses_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[bool] = []
    stock = {"kernel_websocket_connection_class": ZMQChannelsWebsocketConnection}
    connection = loaded_into(**stock).web_app.settings["kernel_websocket_connection_class"]
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: None)
    monkeypatch.setattr(connection, "websocket_handler", SimpleNamespace(set_nodelay=said.append))
    connection.__new__(connection).connect()
    assert said == [True]
    theirs = loaded_into(kernel_websocket_connection_class=object)
    assert theirs.web_app.settings["kernel_websocket_connection_class"] is object


def test_what_a_jupyter_server_was_told_before_still_holds() -> None:
    server = loaded_into(websocket_max_message_size=2**40, compress_response=True)
    assert server.web_app.settings["websocket_max_message_size"] == 2**40
    assert server.web_app.transforms == [GZipContentEncoding]
    assert set(server.config.VoilaExporter.filters) == {"theirs", "bearclf_sentences"}
    handler = SimpleNamespace(xsrf_token=b"set")
    hook = server.config.VoilaConfiguration.prelaunch_hook
    assert hook(handler, notebook="the notebook", cwd="here") == (handler, "the notebook", "here")


@pytest.mark.parametrize(
    ("ip", "sock", "kind"),
    [("localhost", "", "open"), ("0.0.0.0", "", "closed"), ("0.0.0.0", "/run/jupyter.sock", "open")],
)
def test_a_jupyter_server_tells_its_kernels_where_it_listens(ip: str, sock: str, kind: str) -> None:
    application = Application(base_url="/")
    server = jupyter_server(application, ip, sock)
    server_extension._load_jupyter_server_extension(server)
    assert access().kind == kind
