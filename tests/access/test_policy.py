"""Who may curate: by where the server listens, under which name the page was opened, and by passphrase."""

from __future__ import annotations

import os

import jupyter_client
import pytest

from bearclf.access.policy import Capability, access, record_bind_address
from bearclf.errors import UserError
from tests.access.conftest import RIGHT

ASK = "from bearclf.access.policy import access; print(access().kind)"


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


@pytest.mark.slow
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
