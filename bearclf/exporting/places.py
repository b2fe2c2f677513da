"""Where an export may be written: never over anything that isn't an earlier export."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bearclf.errors import UserError

MARK = ".bearclf-export"
"""A file in each exported folder that says what kind of export it is, and which files are its own."""


def check_file(path: Path) -> None:
    """Raises UserError if there is something at ``path`` already."""
    if path.is_dir():
        raise UserError(f"{path} is a folder. Please name a new file.")
    if path.exists():
        raise UserError(f"There is a file {path} already. Please name a new one, or remove that first.")


def check_folder(folder: Path, kind: str) -> None:
    """Raises UserError unless ``folder`` is new, empty, or an earlier export of this ``kind`` and no more."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file. Please name a new folder.")
    if folder.exists() and any(folder.iterdir()) and not _is_export(folder, kind):
        raise UserError(f"{folder} holds something else, too. Please name a new folder.")


def write_file(path: Path, content: bytes) -> None:
    """Write a whole file, or nothing."""
    with _scratch_beside(path) as scratch:
        whole = scratch / path.name
        whole.write_bytes(content)
        check_file(path)
        whole.replace(path)


def write_folder(folder: Path, kind: str, fill: Callable[[Path], None]) -> None:
    """Write a whole folder, or nothing: an earlier export is replaced only when the new one is complete.

    ``fill`` is called with an empty folder. Raises UserError if ``folder`` holds anything else.
    """
    check_folder(folder, kind)
    with _scratch_beside(folder) as scratch:
        whole = scratch / "new"
        whole.mkdir()
        fill(whole)
        (whole / MARK).write_text(json.dumps({"kind": kind, "files": _files(whole)}, indent=1), "utf-8")
        if folder.exists():
            shutil.move(folder, scratch / "old")
        whole.rename(folder)


def _is_export(folder: Path, kind: str) -> bool:
    try:
        said = json.loads((folder / MARK).read_text("utf-8"))
        return bool(said["kind"] == kind and said["files"] == _files(folder))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _files(folder: Path) -> list[str]:
    """Paths of all files in a folder but the mark."""
    files = (path for path in folder.rglob("*") if not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in files if path != folder / MARK)


@contextmanager
def _scratch_beside(place: Path) -> Iterator[Path]:
    """An empty folder on the same disk. Raises UserError if nothing can be written there."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as scratch:
            yield Path(scratch)
    except OSError as error:
        raise UserError(f"{place} can't be written: {error.strerror or error}.") from error
