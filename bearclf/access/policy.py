"""Who may curate the training photos: those who know the passphrase, or whoever has the server to themselves.

``BEARCLF_CURATORS`` holds the hash of a passphrase, as Jupyter Server makes and checks it. Without one,
curating is open only where nobody else can reach the page. That is known from the server itself, which calls
:func:`record_bind_address` before it starts kernels; what a browser says can close the tab, never open it.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from bearclf.access.passphrase import is_hash, verify_passphrase
from bearclf.errors import UserError
from bearclf.settings import curators_hash

_LISTENS_ON = "BEARCLF_LISTENS_ON"

_HOW_TO_OPEN = (
    "Whoever runs the server can open it to curators: “python -m bearclf passphrase” makes what "
    "BEARCLF_CURATORS must be set to, in single quotes, before the server is started again."
)
_BINDER = "You may change everything here: this server is a copy of your own, and is deleted when you leave."
_LOOPBACK = "Whoever uses this computer may clean the training photos: no other can reach this server."
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


def record_bind_address(address: str | None) -> None:
    """Record in the environment, which kernels inherit, whether only this machine can reach the server.

    To be called before kernels are started.

    ``address`` is an IP address, the name of a host, or empty for all addresses; None is for a Unix socket.
    """
    alone = address is None or _resolves_to_loopback(address)
    # With our process's id, since others inherit this: a terminal in JupyterLab, and a server started there.
    os.environ[_LISTENS_ON] = f"{os.getpid()} {'loopback' if alone else 'network'}"


def access(name: str | None = None) -> Access:
    """Decide who may curate; to be called in a page's kernel or in the server.

    ``name`` is the host that the page was opened under. Without it, a kernel goes by the one that it was told
    at its start; a kernel of the pool, which is started before anybody comes, assumes "localhost".
    """
    hashed = curators_hash()
    if hashed:
        return Access("passphrase", _CURATORS) if is_hash(hashed) else Access("closed", _MALFORMED)
    # BinderHub sets it when it starts a container, which is for one visitor and behind a token of theirs.
    if os.environ.get("BINDER_LAUNCH_HOST"):
        return Access("open", _BINDER)
    process, _, reach = os.environ.get(_LISTENS_ON, "").partition(" ")
    if process not in (str(os.getpid()), _server_process()):
        return Access("closed", _UNKNOWN)
    if reach != "loopback":
        return Access("closed", _NETWORK)
    # Voilà answers to any name. Another one means a proxy's visitors, or DNS rebinding: a foreign web page
    # whose name was made to point here.
    if name is None:
        name = os.environ.get("SERVER_NAME", "localhost")
    if not _names_loopback(name.strip("[]")):
        return Access("closed", _OTHER_NAME)
    return Access("open", _LOOPBACK)


class Capability:
    """Whether a page may read and change training photos: from the start, or since the right passphrase."""

    def __init__(self) -> None:
        self.access = access()
        self._granted = self.access.kind == "open"

    @property
    def granted(self) -> bool:
        """Whether training photos may be read and changed."""
        return self._granted

    def unlock(self, passphrase: str) -> None:
        """Grant everything if the passphrase is right.

        Raises UserError if it is wrong or can't be checked now, or if no passphrase opens this page.
        """
        if not self._granted:
            current = access()
            if current.kind != "passphrase":
                raise UserError(current.sentence)
            verify_passphrase(passphrase, curators_hash())
            self._granted = True

    def require(self) -> None:
        """Raise UserError unless granted; to be called first by whatever reads or changes training photos."""
        if not self._granted:
            raise UserError(self.access.sentence)


def _resolves_to_loopback(address: str) -> bool:
    """Whether a server that listens on this address can be reached from this machine alone."""
    try:
        addresses = socket.getaddrinfo(address, None) if address else []
    except (OSError, UnicodeError):
        return False
    return bool(addresses) and all(_names_loopback(str(info[4][0])) for info in addresses)


def _names_loopback(name: str) -> bool:
    """Whether this is "localhost" or a loopback address; no name is resolved."""
    with suppress(ValueError):
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    return False


def _server_process() -> str:
    """Id of the process that started this kernel, as jupyter_client tells it; empty outside of kernels."""
    parent = os.environ.get("JPY_PARENT_PID", "")
    if sys.platform == "win32" and parent.isdecimal():  # there it is a handle
        import ctypes

        return str(ctypes.windll.kernel32.GetProcessId(ctypes.c_void_p(int(parent))))
    return parent
