"""Who may curate the training photos: those who know the passphrase, or whoever has the server to themselves.

``BEARCLF_CURATORS`` holds the hash of a passphrase, as Jupyter Server makes and checks it. Without one,
curating is open only where nobody else can reach the page. That is known from the server itself, which calls
:func:`announce` before it starts kernels; what a browser says can close the tab, never open it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import logging
import os
import socket
import string
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock

from bearclf.settings import UserError, curators_hash, data_folder

log = logging.getLogger(__name__)

SHORTEST_PASSPHRASE = 8
"""Characters that a new passphrase must have."""

LONGEST_PASSPHRASE = 1024
"""Characters; more are taken for wrong without being hashed."""

FREE_TRIES = 3
"""Wrong passphrases after which one has to wait before the next try."""

LONGEST_WAIT = 60
"""Seconds between two tries at most. The first wait is one second, and each one twice the one before."""

FORGOTTEN_AFTER = 3600
"""Seconds without a try, after which earlier wrong ones no longer count."""

_LISTENS_ON = "BEARCLF_LISTENS_ON"
_TRIES = "passphrase-tries.json"

_HOW_TO_OPEN = (
    "Whoever runs the server can open it to curators: “python -m bearclf passphrase” makes what "
    "BEARCLF_CURATORS must be set to, in single quotes, before the server is started again."
)
_BINDER = "Everything here may be changed: this server is a copy of your own, and it goes when you leave."
_LOOPBACK = "Whoever uses this computer may clean the training photos: this server answers no other."
_CURATORS = "Cleaning the training photos is for curators. Please enter their passphrase."
_MALFORMED = (
    "Cleaning is closed, since BEARCLF_CURATORS is not what “python -m bearclf passphrase” prints. Whoever "
    "runs the server must set it to that whole line, in single quotes: it has dollar signs."
)
_NETWORK = f"Cleaning is closed, since other machines can open this page. {_HOW_TO_OPEN}"
_UNKNOWN = f"Cleaning is closed, since this server doesn't tell who can open the page. {_HOW_TO_OPEN}"
_OTHER_NAME = (
    "Cleaning is closed, since this page was not opened as “localhost”, so that others may be able to open "
    f"it, too. {_HOW_TO_OPEN}"
)


@dataclass(frozen=True)
class Access:
    """Whether curating is open to everybody here, takes a passphrase, or is closed; and a sentence on it."""

    kind: Literal["open", "passphrase", "closed"]
    sentence: str


def announce(address: str | None) -> None:
    """Tell the kernels that this process will start where it listens; the server must call this before.

    ``address`` is an IP address, the name of a host, or empty for all addresses; None is for a Unix socket.
    """
    alone = address is None or _resolves_to_loopback(address)
    # With the process, since others inherit it: a terminal of JupyterLab, and another server in that.
    os.environ[_LISTENS_ON] = f"{os.getpid()} {'loopback' if alone else 'network'}"


def access(name: str | None = None) -> Access:
    """Who may curate, in the kernel that asks or in the server itself.

    ``name`` is the host that the page was opened under; without it, a kernel goes by what it was told when it
    was started. One that was started before anybody came was told nothing, and takes it for "localhost".
    """
    hashed = curators_hash()
    if hashed:
        return Access("passphrase", _CURATORS) if _is_hash(hashed) else Access("closed", _MALFORMED)
    # BinderHub sets it when it starts a container, which is for one visitor and behind a token of theirs.
    if os.environ.get("BINDER_LAUNCH_HOST"):
        return Access("open", _BINDER)
    process, _, reach = os.environ.get(_LISTENS_ON, "").partition(" ")
    if process not in (str(os.getpid()), _server_process()):
        return Access("closed", _UNKNOWN)
    if reach != "loopback":
        return Access("closed", _NETWORK)
    # Voilà answers to any name. Under another one it is a proxy's visitors who come, or a foreign web page
    # whose name was made to point here.
    if name is None:
        name = os.environ.get("SERVER_NAME", "localhost")
    if not _names_loopback(name.strip("[]")):
        return Access("closed", _OTHER_NAME)
    return Access("open", _LOOPBACK)


class Capability:
    """What a page may do with training photos: all, or nothing until a passphrase was right."""

    def __init__(self) -> None:
        self.access = access()
        self._granted = self.access.kind == "open"

    @property
    def granted(self) -> bool:
        """Whether training photos may be read and changed."""
        return self._granted

    def unlock(self, passphrase: str) -> None:
        """Grant everything if the passphrase is right; raises UserError as :func:`check` does."""
        if not self._granted:
            check(passphrase)
            self._granted = True

    def require(self) -> None:
        """Raise UserError unless granted; to be called first by whatever reads or changes training photos."""
        if not self._granted:
            raise UserError(self.access.sentence)


def hash_passphrase(passphrase: str) -> str:
    """What ``BEARCLF_CURATORS`` is set to for a passphrase; raises UserError if one should not have it."""
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE:
        raise UserError(
            f"A passphrase has {SHORTEST_PASSPHRASE} characters or more (and at most {LONGEST_PASSPHRASE}), "
            f"this one {len(passphrase)}. Please take another: four words that don't belong together do well."
        )
    from jupyter_server.auth.security import passwd

    return passwd(passphrase)


def check(passphrase: str, clock: Callable[[], float] = time.time) -> None:
    """Return if it is the curators' passphrase, raise UserError otherwise.

    Wrong ones are counted for all pages together, in a file of the data folder: after ``FREE_TRIES`` one has
    to wait between tries, at most ``LONGEST_WAIT`` seconds. Meanwhile nothing is checked, the right one
    neither: who goes on guessing keeps curators out while it lasts, except those who are in already.
    ``clock`` returns seconds since 1970.
    """
    found = access()
    if found.kind != "passphrase":
        raise UserError(found.sentence)
    tries = data_folder() / _TRIES
    try:
        # Counted before it is checked, so that many at once are as slow as one after the other.
        wait = _count_try(tries, clock())
    except OSError as error:
        log.warning("No passphrase can be checked: %s", error)
        raise UserError(
            "The passphrase could not be checked, since this server can't write to its data folder. Please "
            "tell whoever runs it, or try again later; nothing is lost."
        ) from error
    if not _matches(passphrase, curators_hash()):
        log.warning("Somebody tried a wrong passphrase for curators.")
        when = f"in {_seconds(wait)}" if wait else "again"
        raise UserError(f"That is not the passphrase. Please try {when}; nothing is lost.")
    with suppress(OSError):  # who is right gets in
        tries.unlink(missing_ok=True)


def _count_try(path: Path, now: float) -> int:
    """Count one try and return the seconds until the next, if it turns out wrong.

    Raises UserError while it is too early for one, and OSError if that can't be kept.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_suffix(".lock"), timeout=5, mode=0o600):
        tries, last = _read_tries(path)
        if last > now:  # the clock was put back: from now on, the wait is what it would have been
            last = now
            _write_tries(path, tries, last)
        if now - last >= FORGOTTEN_AFTER:
            tries = 0
        if (left := last + _wait_after(tries) - now) > 0:
            raise UserError(
                "There were too many wrong passphrases, so none is looked at just now. Please try again in "
                f"{_seconds(left)}; nothing is lost."
            )
        _write_tries(path, tries + 1, now)
    return _wait_after(tries + 1)


def _read_tries(path: Path) -> tuple[int, float]:
    """Wrong tries so far, and when the last one was; none if there is no such file or it was damaged."""
    try:
        kept = json.loads(path.read_bytes())
        return int(kept["tries"]), float(kept["last"])
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


def _is_hash(text: str) -> bool:
    """Whether Jupyter Server could check a passphrase against it."""
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


def _resolves_to_loopback(address: str) -> bool:
    """Whether a server that listens on this address can be reached from this machine alone."""
    try:
        found = socket.getaddrinfo(address, None) if address else []
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(_names_loopback(str(one[4][0])) for one in found)


def _names_loopback(name: str) -> bool:
    """Whether this is "localhost" or a loopback address, without asking anybody what it means."""
    with suppress(ValueError):
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    return False


def _server_process() -> str:
    """The process that started this kernel, as jupyter_client says it; empty if this is no kernel."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if sys.platform == "win32" and parent.isdecimal():  # there it is a handle
        import ctypes

        return str(ctypes.windll.kernel32.GetProcessId(ctypes.c_void_p(int(parent))))
    return parent
