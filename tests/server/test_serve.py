"""What our server makes of settings, without anything being served."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from voila.app import Voila

from bearclf.access.passphrase import hash_passphrase
from bearclf.access.policy import Access, access
from bearclf.cli import main
from bearclf.server import serve
from bearclf.server.voila_server import VoilaServer
from bearclf.settings import bundle_folder
from tests.conftest import ROOT


@pytest.fixture
def _server_that_ends_at_once(
    outside_any_server: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    monkeypatch.setattr(Voila, "start", lambda self: None)
    silent = SimpleNamespace(start=lambda: None, close=lambda: None)
    monkeypatch.setattr(serve, "prediction_line", lambda bundle, on_announcement, deliver: silent)
    monkeypatch.setenv("BEARCLF_BUNDLE", "")
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


@pytest.mark.usefixtures("_server_that_ends_at_once")
@pytest.mark.parametrize(
    ("ip", "configured", "kind"),
    [("localhost", "{}", "open"), ("0.0.0.0", "{}", "closed"), ("localhost", '{"ip": "0.0.0.0"}', "closed")],
)
def test_our_server_tells_its_kernels_and_whoever_starts_it(
    ip: str,
    configured: str,
    kind: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "voila.json").write_text(f'{{"Voila": {configured}}}')
    assert serve.serve(8866, bundle_folder(), ip, False) == 0
    assert access().kind == kind
    assert ("python -m bearclf passphrase" in capsys.readouterr().err) == (kind == "closed")


@pytest.mark.usefixtures("_server_that_ends_at_once")
def test_with_a_passphrase_our_server_has_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hash_passphrase("four words"))
    serve.serve(8866, bundle_folder(), "0.0.0.0", False)
    assert capsys.readouterr().err == ""
    assert access() == Access("passphrase", access().sentence)
