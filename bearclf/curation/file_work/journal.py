"""One file that only grows: what is about to happen is on the disk before it happens."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from bearclf.curation.file_work.files import write_all
from bearclf.photos.disk import sync_folder

_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class Journal:
    """Records, one JSON object a line. Whoever appends holds the training folder's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0

    def append(self, record: dict[str, Any]) -> None:
        """Write one record down to the disk. Raises OSError; then it counts as never written.

        A line that a crash or a full disk cut short is ended first. It stays, and nobody can read it.
        """
        is_new = not self._path.exists()
        descriptor = os.open(self._path, _APPEND, 0o600)
        try:
            _end_torn_line(descriptor)
            write_all(descriptor, json.dumps(record, separators=(",", ":")).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._path.parent)

    def mend(self) -> None:
        """End a last line that was cut short, so that :meth:`read_new` has passed it. Raises OSError."""
        if not self._path.exists():
            return
        descriptor = os.open(self._path, _APPEND)
        try:
            _end_torn_line(descriptor)
        finally:
            os.close(descriptor)

    def read_new(self) -> list[dict[str, Any]]:
        """Records since the last call; a line that can't be read is passed over. Raises OSError."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read_bytes)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._read_bytes += len(whole)
        return [record for line in whole.splitlines() if (record := _parsed(line)) is not None]


def _end_torn_line(descriptor: int) -> None:
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size == 0:
        return
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    if os.read(descriptor, 1) != b"\n":
        write_all(descriptor, b"\n")


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None
