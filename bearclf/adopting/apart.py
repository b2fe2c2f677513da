"""Have a file looked at, or loaded, by the confined process, and check what that says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from bearclf.adopting.messages import Answer, Contents, Found, Refused
from bearclf.errors import UserError
from bearclf.photos.progress import ProgressBar

MAX_EXPORT_BYTES = 1024 * 2**20
"""Largest export, in bytes, that is looked at."""

SECONDS = 300.0
"""How long the confined process may take: most of it are imports."""

_LARGEST_HEADER = 2**20
_LARGER_BY = 64 * 2**20  # what is packed again may be larger than the file by so much
_TICK_SECONDS = 0.25

TOOK_TOO_LONG = (
    "Reading this file took longer than any export does, so it was stopped. If it is yours, please export it "
    "again."
)
BROKE_OFF = (
    "Reading this file broke off: it asked for more than it may have, or is damaged. Nothing of it was kept. "
    "Please copy it again, or export it again."
)


def look(export: Path, progress: ProgressBar) -> Contents:
    """What an export would import. Raises UserError if it is none."""
    answer, _ = _ask(export, "look", progress)
    if not isinstance(answer, Contents):
        raise UserError(BROKE_OFF)
    return answer


def load(export: Path, progress: ProgressBar) -> tuple[Found, bytes]:
    """What an export holds, and its network; see :class:`Found`. Raises UserError if it can't be used."""
    answer, network = _ask(export, "load", progress)
    if not isinstance(answer, Found) or answer.network_bytes != len(network):
        raise UserError(BROKE_OFF)
    return answer, network


def _ask(export: Path, task: Literal["look", "load"], progress: ProgressBar) -> tuple[Answer, bytes]:
    try:
        size = export.stat().st_size
        file = export.open("rb")
    except IsADirectoryError:
        raise UserError(f"{export} is a folder. Please name the export.pkl itself.") from None
    except OSError as error:
        raise UserError(f"{export} can't be read: {error.strerror or error}.") from None
    with file, tempfile.TemporaryDirectory(prefix="bearclf-", ignore_cleanup_errors=True) as scratch:
        if size > MAX_EXPORT_BYTES:
            raise UserError(
                f"{export.name} is larger than {MAX_EXPORT_BYTES // 2**20} MB, which is too large."
            )
        process = subprocess.Popen(
            [sys.executable, "-m", "bearclf.adopting.child", task],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=scratch,
            env=_environment(scratch),
            start_new_session=True,
        )
        said = _Said(process, _LARGEST_HEADER + size + _LARGER_BY)
        try:
            for _ in progress(said.until(time.monotonic() + SECONDS), 0, "Reading the export"):
                pass
        finally:
            process.kill()
            process.wait()
    return said.checked()


class _Said:
    """What a process says, as far as that is no more than ``most`` bytes."""

    def __init__(self, process: subprocess.Popen[bytes], most: int) -> None:
        self._content = b""
        self._process, self._most = process, most
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            self._content = pipe.read(self._most + 1)

    def until(self, deadline: float) -> Iterator[None]:
        """Ticks until it has said all. Raises UserError after the ``deadline``."""
        while self._reader.is_alive():
            if time.monotonic() > deadline:
                raise UserError(TOOK_TOO_LONG)
            self._reader.join(_TICK_SECONDS)
            yield

    def checked(self) -> tuple[Answer, bytes]:
        """The message, and what follows it. Raises UserError if it isn't one, or is a refusal."""
        length = int.from_bytes(self._content[:4], "big")
        if len(self._content) > self._most or not 0 < length <= _LARGEST_HEADER:
            raise UserError(BROKE_OFF)
        try:
            answer = msgspec.msgpack.decode(self._content[4 : 4 + length], type=Answer)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise UserError(BROKE_OFF) from None
        if isinstance(answer, Refused):
            raise UserError(answer.sentence)
        return answer, self._content[4 + length :]


def _environment(scratch: str) -> dict[str, str]:
    """None of the person's secrets; one thread, since limits are of the thread that asks for them."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    places = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "TORCH_HOME", "HF_HOME", "MPLCONFIGDIR")
    more = ("XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "FASTAI_HOME")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        **dict.fromkeys(threads, "1"),
        **dict.fromkeys((*places, *more), scratch),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "HF_HUB_OFFLINE": "1",
    }
