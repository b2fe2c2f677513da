"""What a source finds, and under which licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bearclf.errors import UserError

LICENCES = ("cc0", "pdm", "by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")
"""Creative Commons' own short names; ``pdm`` marks what is in the public domain."""

USUAL_LICENCES = ("cc0", "pdm", "by", "by-sa")
"""Those that let a person do anything with a photo, as long as its creator is named."""

UNKNOWN = "unknown"


@dataclass(frozen=True)
class FoundPhoto:
    """A photo that a source knows of: where its content is, and what must be told with it.

    ``landing_page`` is the page on which its creator shows it. ``file`` is set where the source has fetched
    the content already; ``url`` names it all the same.
    """

    url: str
    title: str
    creator: str
    licence: str
    licence_url: str
    landing_page: str
    source: str
    file: Path | None = None


class NotFetched(UserError):
    """What could not be fetched; the text says why, as the end of a sentence."""


def check_licences(licences: Iterable[str]) -> tuple[str, ...]:
    """The licences, in lower case. Raises UserError if there is none, or one that doesn't exist."""
    chosen = tuple(licence.strip().lower() for licence in licences if licence.strip())
    if unknown := [licence for licence in chosen if licence not in LICENCES]:
        raise UserError(f"There is no licence “{unknown[0]}”. There are {', '.join(LICENCES)}.")
    if not chosen:
        raise UserError(f"Please name a licence, such as {', '.join(USUAL_LICENCES)}.")
    return chosen


def licence_name(code: str, version: str = "") -> str:
    """A licence as people write it: "CC BY-SA 4.0"."""
    names = {"cc0": "CC0", "pdm": "Public Domain Mark"}
    return f"{names.get(code, f'CC {code.upper()}')} {version}".strip()
