"""What is on the contact sheet, and what can be marked there."""

from __future__ import annotations

from dataclasses import dataclass

from bearclf.service.curation_messages import Message

PAGE_SIZE = 24
"""Photos on one page of the sheet: full rows of 2, 3, 4 and 6."""

ORDERS = {
    "Likely mislabelled first": "mislabelled",
    "Highest loss first": "loss",
    "Least like its class first": "typicality",
    "Near-duplicates": "duplicates",
    "From visitors": "visitors",
    "As in the folder": "folder",
}
PARTS = {"Train and valid": "all", "Train": "train", "Valid": "valid"}

KEEP, DELETE = 0, 1
"""The first two choices of a card; those after them are the classes, in order."""


@dataclass(frozen=True)
class Mark:
    """What is to happen with one photo: class ``to``, or the bin (None).

    ``visitor`` is the number of a photo that waits in the review queue, and None for one of the folder.
    """

    label: str
    name: str
    digest: str
    to: str | None
    visitor: int | None = None

    def as_change(self) -> Message:
        """As the worker takes it."""
        return {
            "label": self.label,
            "name": self.name,
            "digest": self.digest,
            "to": self.to,
            "visitor": self.visitor,
        }


@dataclass(frozen=True)
class SheetPhoto:
    """One photo on the sheet.

    ``key`` is the same wherever the photo appears. ``predicted`` is the class that a model which hadn't
    learned from it names, with its ``probability`` (0 to 1) and cross-entropy ``loss``; all None where nobody
    was asked yet. ``part`` is "train", "valid" or "" and ``note`` a sentence on what is wrong with the file.
    ``label`` of a visitor's photo is what the visitor said it shows, or empty for none of the classes.
    """

    key: str
    label: str
    name: str
    digest: str
    predicted: str | None
    probability: float | None
    loss: float | None
    part: str
    note: str
    visitor: int | None
    thumbnail: bytes
