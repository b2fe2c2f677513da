"""A folder of class folders: which photos are in it, under which class, and which files are no photos."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bearclf.errors import UserError
from bearclf.photos.decode import SUFFIXES
from bearclf.protocol.labels import apart

MIN_PHOTOS = 3
"""Different pictures that a class needs, so that each can be held out in turn."""

MAX_CLASS_NAME = 80
"""Longest name of a new class, in characters."""

MAX_NAME_BYTES = 255
"""Longest name of a file or folder on nearly every file system, in bytes."""


@dataclass(frozen=True)
class FolderPhoto:
    """One photo of a folder of class folders.

    ``label`` is the name of the class folder, or all labels of a photo that has several, joined as in
    :mod:`bearclf.protocol.labels`; ``digest`` the SHA-256 of the content in hex.
    """

    path: Path
    label: str
    digest: str

    @property
    def labels(self) -> list[str]:
        """The class, or all labels."""
        return apart(self.label)


def class_folders(folder: Path) -> list[str]:
    """Names of the class folders, sorted; none if the folder isn't there."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and _can_be_shown(path.name))


def check_class_name(text: str, existing: Iterable[str] = ()) -> str:
    """The name for a class that somebody typed; the spelling of ``existing`` classes is kept.

    Raises UserError, with a sentence to show, if no folder can or should have that name.
    """
    name = unicodedata.normalize("NFC", text).strip()
    spelling_of = {label.casefold(): label for label in existing}
    if text in spelling_of.values():
        return text
    if name.casefold() in spelling_of:
        return spelling_of[name.casefold()]
    if not name:
        raise UserError("Please type a name for the class.")
    if len(name) > MAX_CLASS_NAME or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        raise UserError(f"This name is too long. Please choose one of at most {MAX_CLASS_NAME} characters.")
    if name.startswith("."):
        raise UserError("A class name can't begin with a dot. Please choose another.")
    if any(char in "/\\:" or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        raise UserError("A class name can't contain / \\ : or invisible characters. Please choose another.")
    return name


def list_photos(folder: Path) -> list[tuple[Path, str]]:
    """All ``(path, label)`` in ``folder/LABEL/``, sorted; hidden files and other endings are passed over, and
    so are names that aren't text in UTF-8, which no page could show.

    Raises UserError if the folder isn't there.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    return [
        (path, label)
        for label in class_folders(folder)
        for path in sorted((folder / label).iterdir())
        if _is_photo(path)
    ]


def list_nested_photos(folder: Path) -> list[Path]:
    """All photos below ``folder``, however deep, sorted; what is hidden is passed over.

    Raises UserError if the folder isn't there.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    return [
        path
        for path in sorted(folder.rglob("*"))
        if _is_photo(path) and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and _can_be_shown(path.name) and path.is_file()


def _can_be_shown(name: str) -> bool:
    """Whether a name is neither hidden nor bytes that Python couldn't read as text."""
    return not name.startswith(".") and not any("\ud800" <= letter <= "\udfff" for letter in name)


def content_digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def training_set_digest(photos: Sequence[FolderPhoto]) -> str:
    """One SHA-256 over every photo's label and content, whatever the files are called or in what order."""
    lines = sorted(f"{photo.label}\n{photo.digest}\n" for photo in photos)
    return content_digest("".join(lines).encode())


def check_trainable(labels: Sequence[str], groups: Iterable[int], folder: Path) -> list[str]:
    """The vocab, if there are enough different pictures to learn from.

    ``groups`` are equal for photos of the same picture. Raises UserError if there are fewer than two classes,
    or fewer than ``MIN_PHOTOS`` pictures in one.
    """
    different = set(zip(labels, groups, strict=True))
    return list(check_classes([label for label, _ in different], folder, MIN_PHOTOS))


def check_known(labels: Iterable[str], vocab: Sequence[str], folder: Path) -> None:
    """Raises UserError if there are no photos to measure a model on, or some of a class not in its vocab."""
    classes = set(labels)
    if not classes:
        raise UserError(f"There are no photos in the class folders of {folder}.")
    if unknown := sorted(classes - set(vocab)):
        raise UserError(
            f"{folder} has the class “{unknown[0]}”, which this model doesn't know. "
            f"It knows {', '.join(vocab)}."
        )


def check_classes(labels: Sequence[str], folder: Path, at_least: int) -> dict[str, int]:
    """Count the photos of each class, in the order of the vocab.

    Raises UserError if there are fewer than two classes, or fewer than ``at_least`` photos in one.
    """
    counts = dict(sorted(Counter(labels).items()))
    if len(counts) < 2:
        existing = f"only “{next(iter(counts))}” with photos" if counts else "no photos"
        raise UserError(
            f"A classifier needs at least two classes, and {folder} has {existing}. "
            "Each class is a folder in it, with photos of that class."
        )
    for label, count in counts.items():
        if count < at_least:
            few = "only one photo" if count == 1 else f"only {count} photos"
            raise UserError(
                f"The class “{label}” has {few} that can be used; it needs at least {at_least}. "
                "Add more, or take the folder away."
            )
    return counts
