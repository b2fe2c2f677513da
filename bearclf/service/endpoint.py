"""Where a worker listens: its socket, and the secret, lock and log that go with it."""

from __future__ import annotations

import os
import secrets
import stat
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

from bearclf.models.card import CARD
from bearclf.protocol import base
from bearclf.settings import VERSION, bundle_folder, cache_folder, data_folder, run_folder


@dataclass(frozen=True)
class Endpoint:
    """Where one worker listens, and the files that go with it.

    ``path`` is the bundle or training folder that the worker is started with. All files are in a ``folder``
    that no other user can look into.
    """

    path: Path
    folder: Path
    name: str

    @classmethod
    def of_bundle(cls, bundle: Path) -> Endpoint:
        """Endpoint of the prediction worker; a replaced bundle, or another data folder, means another worker.

        Raises OSError if the folder can't be made private.
        """
        try:
            card = (bundle / CARD).read_bytes()
        except OSError:
            card = b""  # the worker will say so, in a sentence
        return cls._for(os.fsencode(data_folder().resolve()) + b"\n" + card, bundle)

    @classmethod
    def of_folder(cls, folder: Path) -> Endpoint:
        """Endpoint of the worker that looks after a training folder, for one model and one data folder.

        Raises OSError if the folder of sockets can't be made private.
        """
        around = (bundle_folder(), cache_folder(), data_folder())
        return cls._for(b"\n".join([b"curation", *(os.fsencode(path.resolve()) for path in around)]), folder)

    @classmethod
    def _for(cls, identity: bytes, path: Path) -> Endpoint:
        """The protocol is part of its name, so that an upgraded page never talks to an old worker."""
        path = path.resolve()
        python = os.path.abspath(sys.executable)  # noqa: PTH100 - resolving links would mix environments up
        whole = b"\n".join([os.fsencode(path), os.fsencode(python), VERSION.encode(), _protocol(), identity])
        return cls(path, _private_folder(), sha256(whole).hexdigest()[:16])

    @property
    def address(self) -> str:
        """Path of the socket, or name of the pipe on Windows."""
        if sys.platform == "win32":
            return rf"\\.\pipe\bearclf-{self.name}"
        return str(self.folder / f"{self.name}.sock")

    @property
    def family(self) -> str:
        """What :mod:`multiprocessing.connection` calls this kind of socket."""
        return "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"

    @property
    def lock(self) -> Path:
        """The lock that is held while the worker is started."""
        return self.folder / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        """The file with what the worker prints."""
        return self.folder / f"{self.name}.log"

    def listen(self) -> Listener:
        """The worker's end; only one process may call this at a time. Raises OSError."""
        if self.family == "AF_UNIX":
            Path(self.address).unlink(missing_ok=True)  # left by a worker that was killed
        return Listener(self.address, self.family, backlog=64, authkey=self.secret())

    def connect(self) -> Connection:
        """A page's end; raises OSError or EOFError if nobody listens."""
        return Client(self.address, self.family, authkey=self.secret())

    def secret(self) -> bytes:
        """The secret by which worker and pages know each other; raises OSError if it isn't made yet."""
        return (self.folder / "secret").read_bytes()

    def make_secret(self) -> None:
        """Make the secret if there is none; only who holds the lock may call this."""
        path = self.folder / "secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))


def _protocol() -> bytes:
    """Another one after any change of what may be said, also between two versions."""
    sources = sorted(Path(base.__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).digest()


def _private_folder() -> Path:
    """A folder that is the user's own: ``BEARCLF_RUN``, or one in the system's folder of temporary files.

    Its path must be short: that of a Unix socket is limited to some 100 bytes.
    """
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    folder = run_folder() or Path(tempfile.gettempdir()) / f"bearclf-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise PermissionError(f"{folder} is not a folder that only this user can open")
    return folder
