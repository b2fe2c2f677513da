"""Moving one file so that no moment, and nobody else's doing, can cost a photo.

A photo first gets its new name beside the old one, which fails if the new name is taken; only then the old
name goes. Both steps are single operations of the file system.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from bearclf.curation.file_work.places import numbered
from bearclf.curation.file_work.problems import quoted
from bearclf.errors import UserError

# What file systems without hard links answer (FAT, some network drives), and Linux for files of others.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_PIECE = 2**20


class Identity(NamedTuple):
    """Tells a file from others, and from itself before a change, without reading it."""

    inode: int
    size: int
    changed: int


class ChangedMeanwhile(UserError):
    """The file was replaced by another one between the look at it and the move."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{quoted(name)} has changed since you looked at it, so it was left alone.")


def identity(path: Path) -> Identity | None:
    """The identity of a regular file; None for a link or nothing. Raises OSError if it can't be told."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _identity(status) if stat.S_ISREG(status.st_mode) else None


def _identity(status: os.stat_result) -> Identity:
    return Identity(status.st_ino, status.st_size, status.st_mtime_ns)


def examine(path: Path) -> tuple[str, Identity]:
    """SHA-256 of the content in hex, and the identity of the file that has it.

    Raises UserError for a link or anything but a file, OSError if it is gone or can't be read.
    """
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a link to another file" if stat.S_ISLNK(mode) else "not a file"
        raise UserError(f"{quoted(path.name)} is {kind}, so it was left alone.")
    with open(os.open(path, _READ), "rb") as file:  # noqa: PTH123  links and pipes must not be followed
        seen = _identity(os.fstat(file.fileno()))
        return hashlib.file_digest(file, "sha256").hexdigest(), seen


def is_taken(path: Path) -> bool:
    """Whether anything has this name, were it a link to nowhere. Raises OSError if it can't be told."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def has_content(path: Path, digest: str, seen: Identity) -> bool:
    """Whether ``path`` is the file that was ``seen``, or has the same content."""
    now = identity(path)
    if now is None or now.size != seen.size:
        return False
    if now == seen:
        return True
    try:
        return examine(path)[0] == digest
    except (OSError, UserError):
        return False


def is_same_file(path: Path, other: Path) -> bool:
    """Whether both are names of one file, and neither is a link."""
    first, second = identity(path), identity(other)
    return first is not None and second is not None and first.inode == second.inode


def write_new(path: Path, content: bytes | Path) -> tuple[str, Identity]:
    """Write a new file down to the disk; returns its SHA-256 in hex and its identity.

    Raises OSError if that fails, and leaves nothing behind then.
    """
    digest = hashlib.sha256()
    source = os.open(content, os.O_RDONLY | getattr(os, "O_BINARY", 0)) if isinstance(content, Path) else None
    try:
        # Readable as any new file would be: it is going to be a photo in a class folder.
        target = os.open(path, _NEW, 0o666)
        try:
            pieces = _pieces(content) if source is None else iter(lambda: os.read(source, _PIECE), b"")
            for piece in pieces:
                digest.update(piece)
                write_all(target, piece)
            os.fsync(target)
            return digest.hexdigest(), _identity(os.fstat(target))
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(target)
    finally:
        if source is not None:
            os.close(source)


def _pieces(content: bytes | Path) -> list[memoryview]:
    assert isinstance(content, bytes)
    view = memoryview(content)
    return [view[start : start + _PIECE] for start in range(0, len(view), _PIECE)]


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write ``data`` however few bytes the system takes at once. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def add_name(source: Path, target: Path, seen: Identity) -> bool:
    """Let the file that was ``seen`` be called ``target`` too; False if it lost its old name by that.

    Raises FileExistsError if the name is taken, ChangedMeanwhile if ``source`` is no longer that file, and
    OSError; nothing is changed then.
    """
    linked = _take_name(source, target)
    now = identity(target)
    if now is not None and not linked:
        now = now._replace(inode=seen.inode)  # which FAT makes up anew
    if now != seen:
        withdraw(source, target)
        raise ChangedMeanwhile(source.name)
    return linked


def withdraw(source: Path, target: Path) -> None:
    """Take back what :func:`add_name` did, unless ``target`` has become the only name of a file."""
    if is_same_file(source, target):
        target.unlink()
    else:
        with contextlib.suppress(FileExistsError):
            _move(target, source)


def drop_name(source: Path, target: Path, leaving: Path) -> None:
    """Take away the old name of a file that is called ``target`` too.

    The name goes to ``leaving`` first: if another program has just put a new file there, that one comes back.
    Raises ChangedMeanwhile if ``target`` is gone, OSError if the old name can't be taken away.
    """
    try:
        source.rename(leaving)
    except FileNotFoundError:
        return
    finish_dropping(source, target, leaving)
    if identity(target) is None:
        raise ChangedMeanwhile(source.name)


def finish_dropping(source: Path, target: Path, leaving: Path) -> None:
    """Delete the name that :func:`drop_name` took, or give it back to another's file. Raises OSError."""
    if is_same_file(leaving, target):
        leaving.unlink()
        return
    for name in numbered(source.name):
        with contextlib.suppress(FileExistsError):
            _move(leaving, source.with_name(name))
            break


def _move(source: Path, target: Path) -> None:
    """Move a file; raises FileExistsError if the name is taken."""
    if _take_name(source, target):
        source.unlink()


def _take_name(source: Path, target: Path) -> bool:
    """Let a file be called ``target`` too or, without hard links, instead: False then.

    Raises FileExistsError if the name is taken.
    """
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _move_to_reserved(source, target)
        return False
    return True


def _move_to_reserved(source: Path, target: Path) -> None:
    """Without hard links: take the name with an empty file, then replace that."""
    os.close(os.open(target, _NEW, 0o600))
    try:
        source.replace(target)
    except OSError:
        target.unlink()
        raise
