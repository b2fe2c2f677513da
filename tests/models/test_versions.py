from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.bundle import write_bundle
from bearclf.models.card import CARD, read_card
from bearclf.models.promotions import POINTER, read_promotions
from bearclf.models.versions import KEPT_CANDIDATES, Versions
from tests.helpers.fakes import card

METRICS = {"error_rate": 0.02, "accuracy_interval": [0.95, 0.99]}


def make_bundle(path: Path, content: bytes = b"weights") -> Path:
    """A bundle as far as its files and its card go."""

    def fill(folder: Path) -> None:
        (folder / "export.pkl").write_bytes(content)

    write_bundle(path, replace(card(["x", "y"]), metrics=METRICS, command=str(content)), fill)
    return path


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BEARCLF_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "base")


@pytest.fixture
def versions(base: Path) -> Versions:
    return Versions(base)


def retrain(versions: Versions, content: bytes = b"") -> int:
    """A number with a bundle of its own."""
    number, path = versions.new_folder()
    make_bundle(path, content or f"weights {number}".encode())
    return number


def pointer(data: Path) -> Path:
    [found] = data.glob(f"models/*/{POINTER}")
    return found


def run(base: Path, *lines: str) -> subprocess.Popen:
    script = ["from bearclf.models.versions import Versions", "from pathlib import Path"]
    script += [f"versions = Versions(Path({str(base)!r}))", *lines]
    return subprocess.Popen([sys.executable, "-c", "\n".join(script)])


def test_the_configured_bundle_is_live_until_another_is_promoted(base: Path, versions: Versions) -> None:
    assert (versions.live().path, versions.live().number) == (base, 0)
    number = retrain(versions)
    assert versions.live().path == base
    elsewhere = Versions(base)
    versions.promote(number)
    assert elsewhere.live().number == number
    assert (elsewhere.live().path / "export.pkl").read_bytes() == b"weights 1"
    assert Versions(make_bundle(base.parent / "another")).live().number == 0


def test_every_earlier_version_can_be_returned_to(versions: Versions) -> None:
    first, second = retrain(versions), retrain(versions)
    versions.promote(first)
    versions.promote(second)
    for number in (first, 0, second, 0):
        versions.promote(number)
        assert versions.live().number == number


def test_a_base_that_was_replaced_is_live_again(base: Path, versions: Versions) -> None:
    number = retrain(versions)
    versions.promote(number)
    make_bundle(base, b"trained from the command line")
    assert versions.live().number == 0
    versions.promote(number)
    assert versions.live().number == number


def test_the_list_is_newest_first_and_says_what_is_live(base: Path, versions: Versions) -> None:
    assert [(version.number, version.live) for version in versions.all()] == [(0, True)]
    number = retrain(versions)
    versions.new_folder()  # nothing in it yet: no version
    versions.promote(number)
    retrain(versions)
    listed = versions.all()
    assert [(version.number, version.live) for version in listed] == [(3, False), (1, True), (0, False)]
    assert (listed[0].recipe, listed[0].classes) == ("probe", ["x", "y"])
    assert listed[0].photos == 20
    assert listed[0].error_rate == 0.02
    assert listed[0].error_interval == pytest.approx((0.01, 0.05))
    assert abs(listed[0].trained.timestamp() - time.time()) < 60
    (versions.live().path / CARD).write_text("{}")
    assert [one.number for one in versions.all()] == [3, 0]


def test_a_copied_model_is_as_old_as_its_training(base: Path, versions: Versions) -> None:
    trained = "2024-02-29T12:00:00+00:00"
    (base / CARD).write_text(replace(read_card(base), trained=trained).to_json(), "utf-8")
    [listed] = versions.all()
    assert listed.trained.isoformat() == trained


@pytest.mark.parametrize("name", ["export.pkl", CARD])
def test_what_is_not_what_its_card_says_is_not_made_live(versions: Versions, name: str) -> None:
    number = retrain(versions)
    tampered = versions.all()[0].path / name
    tampered.write_bytes(b"{}")
    with pytest.raises(UserError):
        versions.promote(number)
    tampered.unlink()
    with pytest.raises(UserError):
        versions.promote(number)
    assert versions.live().number == 0


def test_a_card_that_was_changed_since_is_neither_live_nor_promoted(
    base: Path, versions: Versions, caplog: pytest.LogCaptureFixture
) -> None:
    number = retrain(versions)
    versions.promote(number)
    path = versions.live().path
    shutil.rmtree(path)
    make_bundle(path, b"somebody else's weights")
    with caplog.at_level(logging.WARNING):
        assert [versions.live().path, versions.live().path] == [base, base]
    assert len(caplog.records) == 1  # though it is asked every second
    with pytest.raises(UserError, match="changed since it was live"):
        versions.promote(number)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"promoted": 7}',
        b'{"promoted": [7]}',
        b'{"promoted": [{"number": 1}]}',
        b'{"promoted": [{"number": 1, "card_sha256": "", "base_sha256": "", "time": ""}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_damaged_pointer_means_the_base_and_is_mended(
    base: Path, versions: Versions, data: Path, content: bytes
) -> None:
    number = retrain(versions)
    versions.promote(number)
    pointer(data).write_bytes(content)
    assert versions.live().path == base
    assert [one.live for one in versions.all()] == [False, True]
    with pytest.raises(UserError, match="nothing is lost"):
        versions.discard(number)
    assert versions.new_folder()[0] == number + 1
    versions.promote(number)
    assert versions.live().number == number


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs Unix signals")
def test_a_process_that_is_killed_while_it_promotes_changes_nothing(base: Path, versions: Versions) -> None:
    first, second = retrain(versions), retrain(versions)
    versions.promote(first)
    killed = run(
        base,
        "import os, signal",
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)",
        f"versions.promote({second})",
    )
    assert killed.wait() == -signal.SIGKILL
    assert versions.live().number == first
    versions.promote(second)
    assert versions.live().number == second


def test_two_processes_that_promote_at_once_lose_nothing(base: Path, versions: Versions, data: Path) -> None:
    for _ in range(4):
        retrain(versions)
    both = [
        run(base, f"for number in [{one}, {other}] * 20: versions.promote(number)")
        for one, other in ((1, 2), (3, 4))
    ]
    seen = {0}
    while any(process.poll() is None for process in both):
        seen.add(versions.live().number)
        if len(seen) > 1:
            assert versions.live().number != 0
    assert [process.returncode for process in both] == [0, 0]
    promoted = [one.number for one in read_promotions(pointer(data).parent)]
    assert [number for number in promoted if number < 3] == [1, 2] * 20
    assert [number for number in promoted if number > 2] == [3, 4] * 20


def test_a_full_disk_leaves_live_what_is(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = retrain(versions), retrain(versions)
    versions.promote(first)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="could not be made live: No space left on device"):
        versions.promote(second)
    assert versions.live().number == first


def test_only_what_was_never_live_can_be_discarded(versions: Versions) -> None:
    live, candidate = retrain(versions), retrain(versions)
    versions.promote(live)
    versions.promote(0)
    versions.discard(candidate)
    assert [one.number for one in versions.all()] == [live, 0]
    for number, reason in ((live, "was live"), (candidate, "gone already"), (0, "gone already")):
        with pytest.raises(UserError, match=reason):
            versions.discard(number)
    with pytest.raises(UserError, match="no model 7"):
        versions.promote(7)


def test_whatever_was_ever_live_is_kept_and_of_the_others_the_newest(versions: Versions) -> None:
    for number in range(1, KEPT_CANDIDATES + 5):
        assert retrain(versions) == number
        versions.promote(number)
    once_live = list(range(KEPT_CANDIDATES + 4, 0, -1))
    for _ in range(KEPT_CANDIDATES + 3):
        newest = retrain(versions)
    versions.new_folder()
    numbers = [one.number for one in versions.all()]
    assert numbers == [*range(newest, newest - KEPT_CANDIDATES, -1), *once_live, 0]
    versions.promote(1)
    assert versions.live().number == 1


def test_if_nobody_knows_any_more_what_was_live_all_is_kept(versions: Versions, data: Path) -> None:
    for number in range(1, 4):
        assert retrain(versions) == number
        versions.promote(number)
    pointer(data).write_bytes(b"{")
    versions.promote(3)
    for _ in range(KEPT_CANDIDATES + 1):
        retrain(versions)
    versions.new_folder()
    assert {1, 2, 3} <= {one.number for one in versions.all()}
    versions.promote(1)
    assert versions.live().number == 1


def test_what_a_killed_training_left_is_cleared_away(versions: Versions) -> None:
    number, path = versions.new_folder()
    left, fresh = path.parent / f".{number}-old", path.parent / f".{number}-new"
    for folder in (left, fresh):
        folder.mkdir()
        (folder / "export.pkl").write_bytes(b"half of it")
    os.utime(left, (0, 0))
    versions.new_folder()
    assert (left.exists(), fresh.exists()) == (False, True)
