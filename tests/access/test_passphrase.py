from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import jupyter_client
import pytest
from tornado.web import Application
from traitlets.config import Config
from voila.app import Voila

from bearclf.access.passphrase import (
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_WAIT,
    hash_passphrase,
    verify_passphrase,
)
from bearclf.access.policy import Access, Capability, access, record_bind_address
from bearclf.errors import UserError
from bearclf.server import extension as server_extension
from bearclf.server import serve
from bearclf.server.voila_server import VoilaServer
from bearclf.settings import bundle_folder, curators_hash

RIGHT = "four quite unlike words"
ASK = "from bearclf.access.policy import access; print(access().kind)"


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_passphrase(RIGHT)


@pytest.fixture(autouse=True)
def _outside_any_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("BEARCLF_CURATORS", "BINDER_LAUNCH_HOST", "JPY_PARENT_PID", "SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BEARCLF_LISTENS_ON", "")  # so that what a test announces is forgotten after it
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))


class Clock:
    """Seconds since 1970, as a test wants them."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def said_to(passphrase: str, clock: Clock) -> str:
    """What somebody reads who enters a passphrase; empty if it was right."""
    try:
        verify_passphrase(passphrase, curators_hash(), clock)
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.8.9.1", "::1", None])
def test_whoever_is_alone_with_the_server_may_curate(address: str | None) -> None:
    record_bind_address(address)
    assert access().kind == "open"
    assert "this computer" in access().sentence


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.0.2.7", "host.invalid"])
def test_where_others_can_come_it_is_closed_and_says_what_to_do(address: str) -> None:
    record_bind_address(address)
    found = access()
    assert found.kind == "closed"
    assert "python -m bearclf passphrase" in found.sentence
    assert "BEARCLF_CURATORS" in found.sentence


def test_a_server_that_says_nothing_is_closed() -> None:
    assert access().kind == "closed"


@pytest.mark.parametrize("kind", ["open", "closed"])
def test_only_the_server_that_started_a_kernel_is_believed(kind: str) -> None:
    """A server started in a terminal of another one inherits what that one announced."""
    record_bind_address("localhost")
    if kind == "closed":
        between = f"import os; os.environ['BEARCLF_LISTENS_ON'] = '{os.getppid()} loopback'\n"
    else:
        between = ""
    manager, client = jupyter_client.manager.start_new_kernel()
    try:
        said: list[str] = []
        client.execute_interactive(
            between + ASK, timeout=60, output_hook=lambda message: said.append(message["content"].get("text"))
        )
        assert f"{kind}\n" in said
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("localhost", "open"), ("127.0.0.1", "open"), ("[::1]", "open"), ("bears.example", "closed")],
)
def test_a_page_under_a_foreign_name_is_closed(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone's web page can have its own name point at this machine; Voilà hands the name on."""
    record_bind_address("localhost")
    assert access(name).kind == kind
    monkeypatch.setenv("SERVER_NAME", name)
    assert access().kind == kind


def test_the_name_in_the_address_bar_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    record_bind_address("0.0.0.0")
    assert access("localhost").kind == "closed"
    monkeypatch.setenv("SERVER_NAME", "localhost")
    assert access().kind == "closed"


def test_in_a_container_of_ones_own_everything_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    record_bind_address("0.0.0.0")
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    assert access().kind == "open"
    assert "copy of your own" in access().sentence


def test_a_passphrase_is_asked_for_even_on_loopback(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record_bind_address("localhost")
    monkeypatch.setenv("BINDER_LAUNCH_HOST", "https://mybinder.org/")
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    assert access().kind == "passphrase"
    monkeypatch.setenv("BEARCLF_CURATORS", "")
    assert access().kind == "open"


@pytest.mark.parametrize(
    "wrong", ["x", " ", "argon2:=19=10240,t=10,p=8", "sha1:abc:def", "nothing:abc:def", "shake_128:a:", RIGHT]
)
def test_what_is_no_hash_closes(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as what a shell leaves of one without single quotes."""
    record_bind_address("localhost")
    monkeypatch.setenv("BEARCLF_CURATORS", wrong)
    assert access().kind == "closed"
    assert "single quotes" in access().sentence
    with pytest.raises(UserError, match="single quotes"):
        Capability().unlock(wrong)


def test_hashes_of_older_jupyter_servers_still_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_server.auth.security import passwd

    monkeypatch.setenv("BEARCLF_CURATORS", passwd(RIGHT, "sha256"))
    assert said_to(RIGHT, Clock()) == ""


def test_nothing_is_granted_before_the_right_passphrase(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    capability = Capability()
    for wrong in ("", RIGHT.upper(), hashed, RIGHT * 100, "half a pair: \ud83d"):
        monkeypatch.setenv("BEARCLF_DATA", os.environ["BEARCLF_DATA"] + "+")  # nobody has tried before
        with pytest.raises(UserError, match="not the passphrase"):
            capability.unlock(wrong)
        with pytest.raises(UserError, match="for curators"):
            capability.require()
    capability.unlock(RIGHT)
    capability.require()
    assert capability.granted
    assert not Capability().granted  # another page


def test_what_is_open_needs_no_passphrase_and_what_is_closed_takes_none() -> None:
    record_bind_address("localhost")
    Capability().require()
    record_bind_address("0.0.0.0")
    closed = Capability()
    with pytest.raises(UserError, match="Cleaning is closed"):
        closed.unlock(RIGHT)
    with pytest.raises(UserError, match="Cleaning is closed"):
        closed.require()


def test_wrong_passphrases_are_slowed_down(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    clock = Clock()
    for _ in range(FREE_TRIES - 1):
        assert "try again;" in said_to("wrong", clock)
    waits = [1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT]
    for wait in waits:
        assert f"try in {wait} second" in said_to("wrong", clock)
        clock.now += wait - 0.5
        assert "in 1 second;" in said_to(RIGHT, clock), "not looked at, though right"
        clock.now += 0.5
    assert said_to(RIGHT, clock) == ""
    assert "try again;" in said_to("wrong", clock), "the count starts anew"


def test_many_tries_at_once_are_counted_one_by_one(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    with ThreadPoolExecutor(12) as pages:
        said = list(pages.map(lambda number: said_to(f"guess {number}", Clock()), range(12)))
    assert sum("not the passphrase" in one for one in said) == FREE_TRIES
    assert sum("too many wrong" in one for one in said) == 12 - FREE_TRIES


def test_another_kernel_has_to_wait_too(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    for _ in range(FREE_TRIES):
        said_to("wrong", Clock())
    script = (
        "from bearclf.access.passphrase import verify_passphrase; "
        f"verify_passphrase({RIGHT!r}, {hashed!r}, lambda: {Clock.now})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "too many wrong passphrases" in done.stderr


def test_a_clock_that_was_put_back_locks_nobody_out(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    clock = Clock()
    for _ in range(FREE_TRIES):
        said_to("wrong", clock)
    clock.now -= 1_000_000
    assert "in 1 second;" in said_to(RIGHT, clock)
    clock.now += 1
    assert said_to(RIGHT, clock) == ""


def test_after_an_hour_of_peace_one_slip_costs_nothing(hashed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    clock = Clock()
    for _ in range(FREE_TRIES + 3):
        said_to("wrong", clock)
        clock.now += LONGEST_WAIT
    clock.now += FORGOTTEN_AFTER
    assert "try again;" in said_to("wrong", clock)


@pytest.mark.parametrize("damaged", ["", "{}", "[]", '{"tries": "x", "last": 0}'])
def test_a_damaged_count_is_begun_anew(
    damaged: str, hashed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    said_to("wrong", Clock())
    [kept] = (tmp_path / "data").glob("*.json")
    kept.write_text(damaged)
    assert said_to(RIGHT, Clock()) == ""


def test_what_cant_be_counted_isnt_checked(
    hashed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    (tmp_path / "data").write_text("a file where the folder should be")
    assert "can't write to its data folder" in said_to(RIGHT, Clock())


@pytest.mark.parametrize(
    ("ip", "sock", "kind"),
    [("localhost", "", "open"), ("0.0.0.0", "", "closed"), ("0.0.0.0", "/run/jupyter.sock", "open")],
)
def test_a_jupyter_server_tells_its_kernels_where_it_listens(ip: str, sock: str, kind: str) -> None:
    application = Application(base_url="/")
    server = SimpleNamespace(ip=ip, sock=sock, web_app=application, config=Config())
    server_extension._load_jupyter_server_extension(server)
    assert access().kind == kind


@pytest.fixture
def _voila_that_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Voila, "start", lambda self: None)
    silent = SimpleNamespace(start=lambda: None, close=lambda: None)
    monkeypatch.setattr(serve, "PredictionClient", lambda bundle, notify: silent)
    monkeypatch.setenv("BEARCLF_BUNDLE", "")
    handled = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handled)
    VoilaServer.clear_instance()


@pytest.mark.usefixtures("_voila_that_ends_at_once")
@pytest.mark.parametrize(
    ("ip", "configured", "kind"),
    [("localhost", "{}", "open"), ("0.0.0.0", "{}", "closed"), ("localhost", '{"ip": "0.0.0.0"}', "closed")],
)
def test_our_server_tells_its_kernels_and_whoever_starts_it(
    ip: str,
    configured: str,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "voila.json").write_text(f'{{"Voila": {configured}}}')
    assert serve.serve(8866, bundle_folder(), ip, False) == 0
    assert access().kind == kind
    assert ("python -m bearclf passphrase" in capsys.readouterr().err) == (kind == "closed")


@pytest.mark.usefixtures("_voila_that_ends_at_once")
def test_with_a_passphrase_our_server_has_nothing_to_say(
    hashed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BEARCLF_CURATORS", hashed)
    serve.serve(8866, bundle_folder(), "0.0.0.0", False)
    assert capsys.readouterr().err == ""
    assert access() == Access("passphrase", access().sentence)
