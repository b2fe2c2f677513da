"""What is on the contact sheet, and what can be marked there."""

from __future__ import annotations

from collections.abc import Sequence

from bearclf.protocol.records import Change, Order, Part, SheetPhoto

PAGE_SIZE = 24
"""Photos on one page of the sheet: full rows of 2, 3, 4 and 6."""

ORDERS: dict[str, Order] = {
    "Likely mislabelled first": "mislabelled",
    "Highest loss first": "loss",
    "Least like its class first": "typicality",
    "Near-duplicates": "duplicates",
    "From visitors": "visitors",
    "As in the folder": "folder",
}
PARTS: dict[str, Part] = {"Train and valid": "all", "Train": "train", "Valid": "valid"}

KEEP, DELETE = 0, 1
"""The first two choices of a photo; those after them are the classes, in order."""


def targets(photo: SheetPhoto, classes: Sequence[str]) -> list[str]:
    """The classes that a photo can go to, in the order of its choices."""
    return [label for label in classes if photo.feedback_id is not None or label != photo.label]


def choices(photo: SheetPhoto, classes: Sequence[str]) -> list[str]:
    """What can be done with a photo: keep, delete, and the classes that it can go to."""
    if photo.feedback_id is not None:
        return ["leave waiting", "discard", *(f"add to {label}" for label in classes)]
    return ["keep", "delete", *(f"move to {label}" for label in targets(photo, classes))]


def change_of(photo: SheetPhoto, to: str | None) -> Change:
    """A photo goes to the class ``to``, or into the bin (None)."""
    return Change(
        label=photo.label, name=photo.name, digest=photo.digest, to=to, feedback_id=photo.feedback_id
    )
