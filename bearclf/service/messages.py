"""What the page and the prediction worker say to each other, and where they meet.

A message is a JSON object followed by bytes (a photo, a thumbnail, or nothing), over a local socket that
only the same user can open and that takes a shared secret. Nothing that arrives is ever unpickled.

To the worker:

* ``{"kind": "photo", "id": n}`` with the file's content;
* ``{"kind": "why", "id": n, "label": …, "nearest": […], "card": …}`` with a thumbnail, to have an answer
  explained; the last three are the answer's;
* ``{"kind": "clean", "id": n}`` with a file's content, to have it re-encoded.

From the worker:

* ``{"kind": "live", "number": n, "bundle": …, "card": …}``, before the first answer and whenever another
  version answers from now on: its number, its folder, and the SHA-256 of its card;
* ``{"kind": "ready"}``, once the model is loaded, or ``{"kind": "broken", "message": …}`` if it can't be;
* ``{"kind": "seen", "id": n}`` with a thumbnail: before the answer if that takes its time, else just after;
* ``{"kind": "answer", "id": n, "label": …, "probability": …, "probabilities": …, "ms": …, "known": …,
  "known_score": …, "nearest": […], "version": n, "card": …}``, the last two as in ``live``;
* ``{"kind": "because", "id": n, "sizes": […], "labels": […]}`` with JPEGs one after another, ``sizes`` bytes
  each: first the photo with the evidence in it, then the training photos most like it, of ``labels``;
* ``{"kind": "cleaned", "id": n}`` with a JPEG without any metadata;
* ``{"kind": "refused", "id": n, "message": …}``, for what is no photo, and whatever else can't be done.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

import bearclf
from bearclf.models.card import CARD
from bearclf.settings import data_folder, run_folder

Message = dict[str, Any]


def send(connection: Connection, message: Message, content: bytes | memoryview = b"") -> None:
    """Send one message; raises OSError if the other side is gone."""
    connection.send_bytes(json.dumps(message).encode())
    connection.send_bytes(content)


def receive(connection: Connection) -> tuple[Message, bytes]:
    """Wait for one message; raises EOFError or OSError if the other side is gone."""
    message = json.loads(connection.recv_bytes())
    return message, connection.recv_bytes()


@dataclass(frozen=True)
class Meeting:
    """Where one worker listens, and the files that go with it.

    ``argument`` is the path that the worker is started with. All files are in a folder that no other user
    can look into.
    """

    argument: Path
    folder: Path
    name: str

    @classmethod
    def named(cls, identity: bytes, argument: Path) -> Meeting:
        """Of the worker for whatever ``identity`` stands for; another version of bearclf has its own.

        Raises OSError if the folder can't be made private.
        """
        argument = argument.resolve()
        whole = f"{argument}\n{bearclf.__version__}\n{sys.executable}\n".encode() + identity
        return cls(argument, _private_folder(), sha256(whole).hexdigest()[:16])

    @classmethod
    def for_bundle(cls, bundle: Path) -> Meeting:
        """Of the prediction worker; a bundle that was replaced, or other data, means another worker.

        Raises OSError if the folder can't be made private.
        """
        try:
            card = (bundle / CARD).read_bytes()
        except OSError:
            card = b""  # the worker will say so, in a sentence
        return cls.named(f"{data_folder().resolve()}\n".encode() + card, bundle)

    @property
    def address(self) -> str:
        """Of the socket, or of the named pipe on Windows."""
        if sys.platform == "win32":
            return rf"\\.\pipe\bearclf-{self.name}"
        return str(self.folder / f"{self.name}.sock")

    @property
    def family(self) -> str:
        """As :mod:`multiprocessing.connection` calls it."""
        return "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"

    @property
    def lock(self) -> Path:
        """Held by who starts the worker."""
        return self.folder / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        """What the worker prints."""
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
        """What worker and clients prove to each other that they know; raises OSError if it isn't made yet."""
        return (self.folder / "secret").read_bytes()

    def make_secret(self) -> None:
        """Make the secret if there is none; only who holds the lock may call this."""
        path = self.folder / "secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(secrets.token_bytes(32))


def _private_folder() -> Path:
    """A folder that is the user's own: ``BEARCLF_RUN``, or one in the system's folder of temporary files.

    Its path must be short: that of a Unix socket is limited to some 100 bytes.
    """
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    folder = run_folder() or Path(tempfile.gettempdir()) / f"bearclf-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{folder} is not a folder that only this user can open")
    return folder
