"""What the arguments of several commands share."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bearclf import settings


def add_bundle(command: argparse.ArgumentParser) -> None:
    """The option ``--bundle``: which model."""
    command.add_argument(
        "--bundle",
        type=Path,
        default=settings.bundle_folder(),
        help="folder of the model (default: BEARCLF_BUNDLE, or the bears)",
    )


def add_judged(command: argparse.ArgumentParser) -> None:
    """What a model is judged on: a folder of class folders, and photos of other things."""
    command.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder with one folder of photos for each class"
    )
    command.add_argument(
        "--outside",
        type=Path,
        metavar="OTHER",
        help="folder of photos of other things, which the model should reject",
    )


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def port(text: str) -> int:
    """A port's number."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be from 1 to 65535")
    return number


def size(text: str) -> int:
    """The side of a model's input, in pixels."""
    number = int(text)
    if not 32 <= number <= 1024:
        raise argparse.ArgumentTypeError("must be from 32 to 1024 pixels")
    return number


def say(text: str) -> None:
    """Tell the person something that is no result: those go to standard output.

    What a terminal would take for an order, in names of strangers, is shown as a question mark.
    """
    print("".join(one if one.isprintable() else "?" for one in text), file=sys.stderr, flush=True)
