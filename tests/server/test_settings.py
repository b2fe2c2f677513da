"""What our server and our extension make of settings, without anything being served."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado.web import Application, GZipContentEncoding
from traitlets.config import Config
from voila.app import Voila

from bearclf.cli import main
from bearclf.server import extension as server_extension
from bearclf.server import serve
from bearclf.server.voila_server import VoilaServer
from tests.conftest import ROOT


def loaded_into(**settings: Any) -> SimpleNamespace:
    """A Jupyter Server after our extension was loaded into it."""
    application = Application(base_url="/", **settings)
    server = SimpleNamespace(ip="localhost", sock="", web_app=application, config=Config())
    server.config.VoilaConfiguration.prelaunch_hook = lambda handler, notebook, cwd: (handler, notebook, cwd)
    server.config.VoilaExporter.filters = {"theirs": "html.escape"}
    server_extension._load_jupyter_server_extension(server)
    return server


def test_messages_are_not_held_back_but_a_connection_of_somebody_elses_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BEARCLF_LISTENS_ON", "")
    said: list[bool] = []
    stock = {"kernel_websocket_connection_class": ZMQChannelsWebsocketConnection}
    connection = loaded_into(**stock).web_app.settings["kernel_websocket_connection_class"]
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: None)
    monkeypatch.setattr(connection, "websocket_handler", SimpleNamespace(set_nodelay=said.append))
    connection.__new__(connection).connect()
    assert said == [True]
    theirs = loaded_into(kernel_websocket_connection_class=object)
    assert theirs.web_app.settings["kernel_websocket_connection_class"] is object


def test_what_a_jupyter_server_was_told_before_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_LISTENS_ON", "")
    server = loaded_into(websocket_max_message_size=2**40, compress_response=True)
    assert server.web_app.settings["websocket_max_message_size"] == 2**40
    assert server.web_app.transforms == [GZipContentEncoding]
    assert set(server.config.VoilaExporter.filters) == {"theirs", "bearclf_sentences"}
    handler = SimpleNamespace(xsrf_token=b"set")
    hook = server.config.VoilaConfiguration.prelaunch_hook
    assert hook(handler, notebook="the notebook", cwd="here") == (handler, "the notebook", "here")


@pytest.fixture
def _server_that_ends_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(Voila, "start", lambda self: None)
    silent = SimpleNamespace(start=lambda: None, close=lambda: None)
    monkeypatch.setattr(serve, "PredictionClient", lambda bundle, notify: silent)
    monkeypatch.setenv("BEARCLF_BUNDLE", "")
    monkeypatch.setenv("BEARCLF_LISTENS_ON", "")
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "voila.json", tmp_path)
    handled = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handled)
    VoilaServer.clear_instance()


@pytest.mark.usefixtures("_server_that_ends_at_once")
@pytest.mark.parametrize(
    ("words", "template"),
    [([], "bearclf"), (["--template", "lab"], "lab"), (["--template=reveal"], "reveal")],
)
def test_the_stock_template_is_one_setting_away(words: list[str], template: str) -> None:
    assert main(["serve", *words]) == 0
    assert VoilaServer.instance().voila_configuration.template == template


@pytest.mark.usefixtures("_server_that_ends_at_once")
@pytest.mark.parametrize("name", ["none", "", "../bearclf"])
def test_a_template_that_is_not_there_is_said_in_a_sentence(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--template", name]) == 1
    assert f"no Voilà template “{name}”" in capsys.readouterr().err


@pytest.mark.usefixtures("_server_that_ends_at_once")
@pytest.mark.parametrize("setting", [{"prelaunch_hook": print}, {"progressive_rendering": True}])
def test_no_kernels_wait_where_voila_allows_none(setting: dict[str, Any]) -> None:
    """It would refuse to start."""
    assert main(["serve"]) == 0
    server = VoilaServer.instance()
    assert server.voila_configuration.preheat_kernel
    server.voila_configuration.set_trait(*next(iter(setting.items())))
    server.init_settings()
    assert not server.voila_configuration.preheat_kernel
