"""Photos that somebody adds to the training folder: one by one, or as a zip of class folders."""

from __future__ import annotations

import logging
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

from bearclf.curation.file_work.problems import Problem, quoted
from bearclf.errors import UserError
from bearclf.gathering.found import FoundPhoto
from bearclf.photos.decode import SUFFIXES, PhotoError, decode, usual_suffix
from bearclf.photos.folders import check_class_name
from bearclf.settings import MAX_PHOTO_BYTES

log = logging.getLogger(__name__)

MAX_OPEN_ARCHIVES = 4
"""Zips that may be on their way at once, of all pages together; the oldest is given up for another."""

MAX_ARCHIVE_PHOTOS = 20_000
MAX_UNPACKED_BYTES = 4 * 2**30
"""Largest sum of the photos in an archive, in bytes, once they are unpacked."""


@dataclass(frozen=True)
class UnpackedPhotos:
    """Photos of an archive as ``(label, name, path)``, and what was left out.

    ``attributions`` has, by digest, who made those that come from elsewhere.
    """

    photos: list[tuple[str, str, Path]]
    problems: list[Problem]
    attributions: dict[str, FoundPhoto] = field(default_factory=dict)


class Arrivals:
    """Photos that come one after another and go into the folder as one step.

    They wait as files in a private folder, so that many large ones don't fill the memory.
    """

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="bearclf-")
        self._batches: dict[str, UnpackedPhotos] = {}
        self._archives: dict[str, Path | UserError] = {}  # as far as it came, or why no more of it is taken
        self._numbers = count()

    def take(self, batch: str, label: str, name: str, content: bytes) -> None:
        """Keep one photo of a batch for later, or the reason why it is none."""
        try:
            safe_name = check_photo(name, content)
        except PhotoError as error:
            self.refuse(batch, Problem(label, name, f"{quoted(name)}: {error}"))
            return
        path = self._new_path()
        path.write_bytes(content)
        self._batches.setdefault(batch, UnpackedPhotos([], [])).photos.append((label, safe_name, path))

    def refuse(self, batch: str, problem: Problem) -> None:
        """Note why one photo of a batch won't be added."""
        self._batches.setdefault(batch, UnpackedPhotos([], [])).problems.append(problem)

    def complete(self, batch: str, photos: int) -> UnpackedPhotos:
        """Hand over all ``photos`` of a batch; the caller deletes the files.

        Raises UserError if some of them didn't come, since the worker died meanwhile.
        """
        unpacked = self._batches.pop(batch, UnpackedPhotos([], []))
        if len(unpacked.photos) + len(unpacked.problems) == photos:
            return unpacked
        for _, _, path in unpacked.photos:
            path.unlink(missing_ok=True)
        raise UserError("These photos came only in part. Nothing was added; please add them again.")

    def take_slice(self, batch: str, start: int, content: bytes) -> None:
        """Keep a slice of a zip, which begins at byte ``start``.

        Raises UserError if it can't be kept or others are missing; what comes of this zip later is dropped.
        """
        if batch not in self._archives:
            self._forget_oldest()
        path = self._archives.setdefault(batch, self._new_path())
        if isinstance(path, UserError):
            return
        try:
            with path.open("ab") as file:
                if file.tell() != start:
                    raise UserError("This file came only in part. Nothing was added; please choose it again.")
                file.write(content)
        except OSError:
            log.exception("A zip can't be kept.")
            error = UserError(
                "The server has no room for this file just now. Nothing was added; please try a smaller one."
            )
        except UserError as problem:
            error = problem
        else:
            return
        self._archives[batch] = error
        path.unlink(missing_ok=True)
        raise error

    @contextmanager
    def archive(self, batch: str) -> Iterator[Path]:
        """A complete zip, in a file that is deleted afterwards. Raises UserError if a slice was refused."""
        path = self._archives.pop(batch, UserError("This file is empty. Please choose another."))
        if isinstance(path, UserError):
            raise path
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _forget_oldest(self) -> None:
        """Make room for another zip: a page may have been closed before its own had come."""
        while len(self._archives) >= MAX_OPEN_ARCHIVES:
            path = self._archives.pop(next(iter(self._archives)))
            if isinstance(path, Path):
                path.unlink(missing_ok=True)

    def _new_path(self) -> Path:
        return Path(self._scratch.name) / str(next(self._numbers))


def check_photo(name: str, content: bytes) -> str:
    """The name to keep a photo under, with the ending that its content has.

    ``name`` is what a browser or an archive says, and not to be trusted. Raises PhotoError if the content is
    no photo.
    """
    decode(content)
    stem = "".join(letter for letter in PurePosixPath(name.replace("\\", "/")).stem if letter.isprintable())
    return f"{stem.lstrip('. ')[:100].rstrip() or 'photo'}{usual_suffix(content)}"


def unpack(archive: Path, into: Path, existing: list[str]) -> UnpackedPhotos:
    """Take the photos out of a zip of class folders, into the empty folder ``into``.

    A photo's class is the folder that it lies in; ``existing`` are classes whose spelling is kept. Nothing in
    the archive can name a place outside of ``into``. Raises UserError if it is no zip, needs a password, or
    is too much.
    """
    unpacked = UnpackedPhotos([], [])
    try:
        with zipfile.ZipFile(archive) as opened:
            for index, member in enumerate(_photo_members(opened)):
                _take_out(opened, member, into / str(index), existing, unpacked)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError):
        raise UserError(
            "This is no zip archive that I can open. Please pack the class folders again, as a .zip."
        ) from None
    if not unpacked.photos and not unpacked.problems:
        raise UserError("There are no photos in this archive. It should hold one folder for each class.")
    return unpacked


def _photo_members(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    members = [
        member
        for member in opened.infolist()
        if not member.is_dir() and not _is_hidden(member) and _path(member).suffix.lower() in SUFFIXES
    ]
    if any(member.flag_bits & 1 for member in members):
        raise UserError("This archive needs a password. Please pack it again without one.")
    if len(members) > MAX_ARCHIVE_PHOTOS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise UserError(
            f"There is too much in this archive: at most {MAX_ARCHIVE_PHOTOS} photos and "
            f"{MAX_UNPACKED_BYTES // 2**30} GB. Nothing was added; please split it into several."
        )
    return iter(members)


def _take_out(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, existing: list[str], unpacked: UnpackedPhotos
) -> None:
    path = _path(member)
    label = path.parent.name
    try:
        if not label:
            raise UserError(f"{quoted(path.name)} lies in no class folder, so it was left out.")
        label = check_class_name(label, existing)
        if member.file_size > MAX_PHOTO_BYTES:
            raise UserError(f"{quoted(path.name)} is larger than {MAX_PHOTO_BYTES // 2**20} MB.")
        with opened.open(member) as packed, to.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        name = check_photo(path.name, to.read_bytes())
    except PhotoError as error:
        unpacked.problems.append(Problem(label, path.name, f"{quoted(path.name)}: {error}"))
    except UserError as error:
        unpacked.problems.append(Problem(label, path.name, str(error)))
    else:
        unpacked.photos.append((label, name, to))


def _path(member: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(member.filename.replace("\\", "/"))


def _is_hidden(member: zipfile.ZipInfo) -> bool:
    """Whether it is one of macOS's own notes: in ``__MACOSX/``, or with a dot before its name."""
    return any(part.startswith((".", "__MACOSX")) for part in _path(member).parts)
