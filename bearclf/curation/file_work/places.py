"""Where photos can be: in a class folder, in the bin, or on their way in; and which names are allowed."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bearclf.curation.file_work.problems import quoted
from bearclf.errors import UserError
from bearclf.photos.folders import MAX_NAME_BYTES

BIN = "/bin"
INCOMING = "/incoming"
_LEAVING = "/leaving"

_MAX_SUFFIX_BYTES = 16  # a longer ending is part of the name


class Place(NamedTuple):
    """A photo's place: ``label`` is a class, or BIN or INCOMING, whose slash no class name can have."""

    label: str
    name: str

    @property
    def in_folder(self) -> bool:
        """Whether it is in a class folder, where people see it."""
        return not self.label.startswith("/")


def shown_place_of(source: Place, target: Place) -> Place:
    """The place by which people know a moving photo; its label is empty if neither end is a class."""
    place = source if source.in_folder else target
    return place if place.in_folder else Place("", place.name)


class Area:
    """The training folder and, on the same file system but hidden, the private folder that belongs to it.

    Paths are made from places only, so that moving both folders elsewhere breaks nothing.
    """

    def __init__(self, folder: Path) -> None:
        """Find the private folder, or make it.

        Raises UserError if ``folder`` isn't there or may not be changed.
        """
        try:
            self.folder = folder.resolve(strict=True)
        except OSError:
            raise UserError(f"There is no folder {folder}.") from None
        if not self.folder.is_dir():
            raise UserError(f"{folder} is not a folder.")
        try:
            self.private = _private_folder(self.folder)
            for room in (BIN, INCOMING, _LEAVING):
                self._room(room).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The photos in {folder} can be looked at but not changed: {error.strerror or error}. "
                "Please ask for permission to write there."
            ) from error

    def _room(self, label: str) -> Path:
        return self.private / label[1:]

    def holder(self, label: str) -> Path:
        """The folder that holds the photos of ``label``. Raises UserError if that would be elsewhere."""
        if label in (BIN, INCOMING):
            return self._room(label)
        return self.folder / check_plain(label)

    def path(self, place: Place) -> Path:
        """Where ``place`` is now. Raises UserError if that would be outside the two folders."""
        return self.holder(place.label) / check_plain(place.name)

    def leaving(self, step: int, index: int) -> Path:
        """Where a photo's old name waits for a moment until it is known to be no other file's."""
        return self._room(_LEAVING) / f"{step}-{index}"

    def class_folder(self, label: str) -> Path:
        """The folder of a class, there or not. Raises UserError if it is a link or a file."""
        path = self.holder(label)
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            return path
        if not stat.S_ISDIR(mode):
            kind = "a link to another place" if stat.S_ISLNK(mode) else "a file"
            raise UserError(f"{quoted(label)} is {kind}, not a class folder, so nothing in it was touched.")
        return path

    def classes(self) -> list[str]:
        """Names of the class folders, sorted; hidden ones and links are passed over."""
        with os.scandir(self.folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            )

    def is_there(self, label: str) -> bool:
        """Whether the folder of a class, the bin or what is on its way in is there."""
        return self.holder(label).is_dir()


def _private_folder(folder: Path) -> Path:
    beside, inside = folder.parent / f".{folder.name}.bearclf", folder / ".bearclf"
    for path in (beside, inside):
        if (path / BIN[1:]).is_dir() and not path.is_symlink():
            return path
    # Whoever opens the folder at the same moment comes to the same conclusion: one lock is for all.
    with contextlib.suppress(OSError):
        beside.mkdir(mode=0o700, exist_ok=True)
        if not beside.is_symlink() and _can_move_between(beside, folder):
            return beside
        beside.rmdir()
    inside.mkdir(mode=0o700, exist_ok=True)
    return inside


def _can_move_between(private: Path, folder: Path) -> bool:
    """Try it: two mounts of one file system look the same and yet nothing can be moved between them."""
    name = f".bearclf-probe-{os.getpid()}-{threading.get_ident()}"
    probe, moved = private / name, folder / name
    try:
        probe.touch()
        probe.rename(moved)
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
        moved.unlink(missing_ok=True)
    return True


def check_plain(name: str) -> str:
    """Return ``name`` if it is a plain file name. Raises UserError if it leads elsewhere or is hidden."""
    if not name or name.startswith(".") or "\0" in name or "/" in name or Path(name).name != name:
        raise UserError(f"{quoted(name)} can't be the name of a photo or class here. Please choose another.")
    return name


def numbered(name: str) -> Iterator[str]:
    """``cat.jpg``, ``cat (2).jpg``, ``cat (3).jpg`` …, each short enough for a file system."""
    suffix = Path(name).suffix
    if len(os.fsencode(suffix)) > _MAX_SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix)
    for number in count(1):
        end = suffix if number == 1 else f" ({number}){suffix}"
        yield _shortened(stem, MAX_NAME_BYTES - len(os.fsencode(end))) + end


def _shortened(text: str, most_bytes: int) -> str:
    while len(os.fsencode(text)) > most_bytes:
        text = text[:-1]
    return text
