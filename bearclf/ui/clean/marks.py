"""What is on the contact sheet, and what can be marked there."""

from __future__ import annotations

from bearclf.protocol.records import Order, Part

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
