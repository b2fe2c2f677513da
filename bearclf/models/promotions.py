"""Which versions of a model were made live, and when: one small file, replaced as a whole."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bearclf.photos.disk import sync_folder

POINTER = "live.json"


@dataclass(frozen=True)
class Promotion:
    """A version was made live at ``time`` (ISO 8601): its card's SHA-256 in hex then, and the base's.

    Raises ValueError for anything else.
    """

    number: int
    card_sha256: str
    base_sha256: str
    time: str

    def __post_init__(self) -> None:
        well_formed = isinstance(self.number, int) and self.number >= 0 and isinstance(self.time, str)
        if not well_formed or not all(map(_is_sha256, (self.card_sha256, self.base_sha256))):
            raise ValueError("not a promotion")


def read_promotions(folder: Path) -> list[Promotion]:
    """All promotions, oldest first: the last one says what is live.

    Raises ValueError if the file is damaged, OSError if it can't be read.
    """
    try:
        content = (folder / POINTER).read_bytes()
    except FileNotFoundError:
        return []
    try:
        return [Promotion(**fields) for fields in json.loads(content)["promoted"]]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{POINTER} is damaged") from error


def write_promotions(folder: Path, promotions: Sequence[Promotion]) -> None:
    """Replace the list as a whole: whoever reads meanwhile, or after a crash, finds the old or the new one.

    Only who holds the folder's lock may call this. Raises OSError.
    """
    new_file = folder / f"{POINTER}.new"
    with new_file.open("w", encoding="utf-8") as file:
        json.dump({"promoted": [asdict(promotion) for promotion in promotions]}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new_file.replace(folder / POINTER)
    sync_folder(folder)


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None
