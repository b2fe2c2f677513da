"""Passphrases: hashed, slowed down when they are wrong, and counted over all kernels."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bearclf.access.passphrase import FREE_TRIES, LONGEST_WAIT, TRIES_FORGOTTEN_AFTER, verify_passphrase
from bearclf.errors import UserError
from bearclf.settings import curators_hash
from tests.access.conftest import RIGHT


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


def test_hashes_of_older_jupyter_servers_still_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_server.auth.security import passwd

    monkeypatch.setenv("BEARCLF_CURATORS", passwd(RIGHT, "sha256"))
    assert said_to(RIGHT, Clock()) == ""


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
    clock.now += TRIES_FORGOTTEN_AFTER
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
