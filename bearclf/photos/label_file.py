"""Photos that show several things at once: a table says which, where folders could name only one.

It has a row for each photo: its name, and its labels in one field with a delimiter between them (the course's
satellite photos have spaces). Several rows of one photo count together, so that a table with a label a row
is understood, too.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bearclf.errors import UserError
from bearclf.photos.folders import MIN_PHOTOS, list_nested_photos

NAME_COLUMNS = ("fname", "filename", "file_name", "file", "image", "image_name", "name", "path", "photo")
LABEL_COLUMNS = ("labels", "label", "tags", "classes", "class")
"""Names of columns that say what is in them, in any case; else the first two are the name and the labels."""


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo and its labels, sorted; none if it shows nothing of what is asked for."""

    path: Path
    labels: tuple[str, ...]


@dataclass(frozen=True)
class LabelTable:
    """A table of labels, and how it is written.

    ``rows`` are the fields of every line after ``header``; ``name_column`` and ``label_column`` are indices.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    separator: str
    delimiter: str
    name_column: int
    label_column: int

    def name_of(self, row: Sequence[str]) -> str:
        """The name in a row, or nothing where the row ends before."""
        return row[self.name_column].strip() if len(row) > self.name_column else ""

    def labels_of(self, row: Sequence[str]) -> list[str]:
        """The labels of a row, as they stand."""
        field = row[self.label_column] if len(row) > self.label_column else ""
        parts = [unicodedata.normalize("NFC", part).strip() for part in field.split(self.delimiter)]
        return [part for part in parts if part]


def read_table(path: Path, delimiter: str = " ") -> LabelTable:
    """Read a table of labels: CSV with a header, separated by commas, semicolons or tabs, in UTF-8.

    Raises UserError if it can't be read, has fewer than two columns, or has no rows.
    """
    if not delimiter:
        raise UserError("Please say what stands between two labels, such as --label-delim “;”.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"There is no table of labels {path}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} isn't text in UTF-8. Please save it as “CSV UTF-8”.") from None
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror or error}.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row] or [[]]
    except csv.Error as error:
        raise UserError(f"{path} is no table that can be understood: {error}.") from None
    if len(header) < 2:
        raise UserError(
            f"{path} needs two columns, one with the photos' names and one with their labels, and a first "
            "line that names them, such as “fname,labels”."
        )
    if not rows:
        raise UserError(f"{path} has no rows below its first line.")
    name_column, label_column = _column(header, NAME_COLUMNS), _column(header, LABEL_COLUMNS)
    if name_column is None or label_column is None or name_column == label_column:
        name_column, label_column = 0, 1
    return LabelTable(path, header, rows, separator, delimiter, name_column, label_column)


def read_labels(table: LabelTable, folder: Path) -> tuple[list[LabelledPhoto], list[tuple[Path, str]]]:
    """The photos below ``folder`` that the table speaks of, in the order of their paths; and what was left
    out, each with a sentence: rows without a photo, photos without a row.

    A name is a path from ``folder``, or a file's name with or without its ending, if only one photo has it.
    Raises UserError if no photo is left.
    """
    photos = list_nested_photos(folder)
    find = _Finder(photos, folder)
    labels: dict[Path, set[str]] = {}
    left_out: list[tuple[Path, str]] = []
    for row in table.rows:
        name = table.name_of(row)
        path = find(name)
        if path is None:
            sentence = f"{table.path.name} names this file, but it isn't among the photos of {folder}."
            left_out.append((folder / (name or "(a row without a name)"), sentence))
        else:
            labels.setdefault(path, set()).update(table.labels_of(row))
    unnamed = f"{table.path.name} has no row for it, so nobody knows its labels."
    left_out += [(path, unnamed) for path in photos if path not in labels]
    if not labels:
        raise UserError(
            f"None of the {len(table.rows)} names in {table.path} is a photo of {folder}; the first is "
            f"“{next((name for name in map(table.name_of, table.rows) if name), '')}”."
        )
    return [LabelledPhoto(path, tuple(sorted(labels[path]))) for path in photos if path in labels], left_out


def check_labels(labels: Sequence[Sequence[str]], table: LabelTable) -> list[str]:
    """The vocab of the ``labels`` of usable photos, sorted.

    Raises UserError if there are fewer than two, more than there are photos, or fewer than ``MIN_PHOTOS``
    photos with one of them.
    """
    counts = Counter(label for of_photo in labels for label in of_photo)
    if len(counts) < 2:
        found = f"only “{next(iter(counts))}”" if counts else "none"
        raise UserError(f"A classifier needs at least two labels, and {table.path} has {found}.")
    if len(counts) > len(labels):
        raise UserError(
            f"{table.path} has more labels ({len(counts)}) than there are photos ({len(labels)}), such as "
            f"“{next(iter(counts))}”. Is it “{table.delimiter}” that stands between them? "
            "--label-delim names another."
        )
    for label, count in sorted(counts.items()):
        if count < MIN_PHOTOS:
            few = "only one photo" if count == 1 else f"only {count} photos"
            raise UserError(
                f"The label “{label}” has {few} that can be used; it needs at least {MIN_PHOTOS}. "
                f"Add more, or take it out of {table.path}."
            )
    return sorted(counts)


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    found = [index for index, name in enumerate(header) if name.strip().casefold() in names]
    return found[0] if found else None


class _Finder:
    """Finds the one photo that a name means."""

    def __init__(self, photos: Sequence[Path], folder: Path) -> None:
        self._by_path = {_plain(path.relative_to(folder).as_posix()): path for path in photos}
        self._by_name: dict[str, list[Path]] = {}
        for path in photos:
            for name in (path.name, path.stem):
                self._by_name.setdefault(_plain(name), []).append(path)

    def __call__(self, name: str) -> Path | None:
        plain = _plain(name.replace("\\", "/").removeprefix("./"))
        alike = self._by_name.get(plain, [])
        return self._by_path.get(plain) or (alike[0] if len(alike) == 1 else None)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
