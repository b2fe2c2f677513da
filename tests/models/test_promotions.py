"""Which model is live outlives damage, full disks, and processes that are killed or promote at once."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bearclf.errors import UserError
from bearclf.models.promotions import read_promotions
from bearclf.models.versions import Versions
from tests.helpers.versions import pointer, retrain


def run(base: Path, *lines: str) -> subprocess.Popen:
    script = ["from bearclf.models.versions import Versions", "from pathlib import Path"]
    script += [f"versions = Versions(Path({str(base)!r}))", *lines]
    return subprocess.Popen([sys.executable, "-c", "\n".join(script)])


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


def test_a_network_drive_that_cannot_sync_a_folder_takes_a_promotion(
    versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As photos are moved there: what knows no such thing is forgiven."""
    sync = os.fsync

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    number = retrain(versions)
    versions.promote(number)
    assert versions.live().number == number
