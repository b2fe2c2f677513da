"""Who made each photo, under which licence: ``ATTRIBUTION.csv`` in the training folder.

It lies beside the class folders. A row belongs to a photo by the SHA-256 of its content, so that it stays
right when the photo is renamed, moved to another class, deleted, and put back. Rows are only ever added.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bearclf.errors import UserError
from bearclf.gathering.found import FoundPhoto

ATTRIBUTION = "ATTRIBUTION.csv"

_FIELDS = ("title", "creator", "licence", "licence_url", "landing_page", "url", "source")
_COLUMNS = ("sha256", *_FIELDS)
_FORMULA_STARTS = ("=", "+", "-", "@")


def read_attributions(folder: Path) -> dict[str, FoundPhoto]:
    """What is known of photos, by the digest of their content; nothing if none was gathered.

    Raises UserError if the file can't be read, or is no longer such a table.
    """
    path = folder / ATTRIBUTION
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not set(_COLUMNS) <= set(rows.fieldnames or _COLUMNS):
                raise UserError(
                    f"{path} isn't the table that gathering writes: it needs the columns "
                    f"{', '.join(_COLUMNS)}, separated by commas. Please put it right, or rename it."
                )
            return {
                row["sha256"]: _photo(row)
                for row in rows
                if all(row[name] is not None for name in _COLUMNS)  # one that a crash cut short is not
            }
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError, csv.Error) as error:
        raise UserError(f"{path} can't be read: {error}. Please put it right, or rename it.") from error


def add_attributions(folder: Path, photos: Mapping[str, FoundPhoto]) -> None:
    """Add rows, by digest, in one piece: another program may do the same at this moment. Raises OSError."""
    path = folder / ATTRIBUTION
    rows = io.StringIO()
    writer = csv.writer(rows)
    if not photos:
        return
    if not path.exists() or path.stat().st_size == 0:
        rows.write("\ufeff")  # without it, spreadsheets take names for another encoding
        writer.writerow(_COLUMNS)
    elif not _ends_a_line(path):
        rows.write("\r\n")
    for digest, photo in photos.items():
        writer.writerow([digest, *(_for_spreadsheets(getattr(photo, name)) for name in _FIELDS)])
    with path.open("ab", buffering=0) as file:
        file.write(rows.getvalue().encode("utf-8", "replace"))
        os.fsync(file.fileno())


def _photo(row: Mapping[str, str]) -> FoundPhoto:
    fields: dict[str, Any] = {name: _plain(row[name]) for name in _FIELDS}
    return FoundPhoto(**fields)


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _for_spreadsheets(text: str) -> str:
    """One line, and nothing that a spreadsheet would compute: titles are a stranger's."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text
