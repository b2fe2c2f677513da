"""Hash and check the curators' passphrase; after wrong tries, the next one has to wait ever longer."""

from __future__ import annotations

import hashlib
import json
import logging
import string
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from bearclf.errors import UserError
from bearclf.settings import data_folder

log = logging.getLogger(__name__)

SHORTEST_PASSPHRASE = 8
"""Characters that a new passphrase must have."""

LONGEST_PASSPHRASE = 1024
"""Characters; a longer passphrase counts as wrong and isn't hashed."""

FREE_TRIES = 3
"""Wrong passphrases after which one has to wait before the next try."""

LONGEST_WAIT = 60
"""Longest wait between two tries, in seconds. The first is one second, and each one twice the one before."""

TRIES_FORGOTTEN_AFTER = 3600
"""Seconds without a try, after which earlier wrong ones no longer count."""

_TRIES = "passphrase-tries.json"


def hash_passphrase(passphrase: str) -> str:
    """The hash to set ``BEARCLF_CURATORS`` to; raises UserError if the passphrase is too short or long."""
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise UserError(
            f"A passphrase has {SHORTEST_PASSPHRASE} characters or more (and at most {LONGEST_PASSPHRASE}), "
            f"this one {len(passphrase)}. Please take another: four words that don't belong together do well."
        )
    from jupyter_server.auth.security import passwd

    return passwd(passphrase)


def verify_passphrase(passphrase: str, hashed: str, clock: Callable[[], float] = time.time) -> None:
    """Return if it is the passphrase that ``hashed`` was made from, raise UserError otherwise.

    Wrong ones are counted for all pages together, in a file of the data folder: after ``FREE_TRIES`` one has
    to wait between tries, at most ``LONGEST_WAIT`` seconds. Meanwhile not even the right one is accepted, so
    that somebody who goes on guessing keeps curators out, except those who are in already.
    ``clock`` returns seconds since 1970.
    """
    tries = data_folder() / _TRIES
    try:
        # Counted before it is checked, so that trying many at once gains nothing.
        wait = _count_try(tries, clock())
    except OSError as error:
        log.warning("No passphrase can be checked: %s", error)
        raise UserError(
            "The passphrase could not be checked, since this server can't write to its data folder. Please "
            "tell whoever runs it, or try again later; nothing is lost."
        ) from error
    if not _matches(passphrase, hashed):
        log.warning("Somebody tried a wrong passphrase for curators.")
        when = f"in {_seconds(wait)}" if wait else "again"
        raise UserError(f"That is not the passphrase. Please try {when}; nothing is lost.")
    with suppress(OSError):  # the right passphrase opens the tab even if the count stays
        tries.unlink(missing_ok=True)


def _count_try(path: Path, now: float) -> int:
    """Count one try; returns the seconds to wait before the next, should it turn out wrong.

    Raises UserError while it is too early for a try, and OSError if the count can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_suffix(".lock"), timeout=5, mode=0o600):
        tries, last = _read_tries(path)
        if last > now:  # the clock was put back: from now on, the wait is what it would have been
            last = now
            _write_tries(path, tries, last)
        if now - last >= TRIES_FORGOTTEN_AFTER:
            tries = 0
        if (seconds_left := last + _wait_after(tries) - now) > 0:
            raise UserError(
                f"There were too many wrong passphrases. Please try again in {_seconds(seconds_left)}; "
                "nothing is lost."
            )
        _write_tries(path, tries + 1, now)
    return _wait_after(tries + 1)


def _read_tries(path: Path) -> tuple[int, float]:
    """Wrong tries so far, and when the last one was; none if there is no such file or it was damaged."""
    try:
        record = json.loads(path.read_bytes())
        return int(record["tries"]), float(record["last"])
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return 0, 0.0


def _write_tries(path: Path, tries: int, last: float) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps({"tries": tries, "last": last}), "utf-8")


def _wait_after(tries: int) -> int:
    """Seconds to wait after so many wrong tries."""
    return 0 if tries < FREE_TRIES else min(LONGEST_WAIT, 2 ** min(tries - FREE_TRIES, 30))


def _seconds(time_left: float) -> str:
    whole = max(1, int(-(-time_left // 1)))
    return f"{whole} second{'s' if whole > 1 else ''}"


def is_hash(text: str) -> bool:
    """Whether ``text`` is a hash that Jupyter Server can check a passphrase against."""
    algorithm, _, rest = text.partition(":")
    if algorithm == "argon2":
        import argon2

        try:
            argon2.extract_parameters(rest)
        except argon2.exceptions.InvalidHashError:
            return False
        return True
    salt, _, digest = rest.partition(":")
    try:
        length = 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size
    except ValueError:
        return False
    return bool(salt) and 0 < length == len(digest) and set(digest) <= set(string.hexdigits)


def _matches(passphrase: str, hashed: str) -> bool:
    from jupyter_server.auth.security import passwd_check

    if len(passphrase) > LONGEST_PASSPHRASE:
        return False
    try:
        return bool(passwd_check(hashed, passphrase))
    except ValueError:  # half a surrogate pair, from a forged message; or a hash that only looks like one
        return False
