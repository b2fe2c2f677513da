"""``bearclf adopt``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bearclf.commands.arguments import say
from bearclf.errors import UserError

if TYPE_CHECKING:
    from bearclf.adopting.messages import Contents

SUMMARY = "make a model of an export.pkl of fastai"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("export", type=Path, metavar="EXPORT", help="what learn.export() has written")
    command.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder to write the model to"
    )
    command.add_argument(
        "--photos",
        type=Path,
        metavar="FOLDER",
        help="folder of class folders to measure it on, best of photos that it has not learned from; "
        "without, it can't tell what is none of its classes",
    )
    command.add_argument(
        "--classes",
        metavar="NAMES",
        help="what its classes are to be called, with commas between, in the order of its answers: for an "
        "export that has only False and True",
    )
    command.add_argument("--yes", action="store_true", help="read it without asking, whatever it names")
    command.add_argument("--noun", default="", help="common noun for the classes, such as “bear”")


def run(options: argparse.Namespace) -> int:
    """Tell what the export names, ask, and adopt. Raises what :func:`bearclf.adopting.adopt.adopt` raises."""
    from bearclf.adopting.adopt import adopt
    from bearclf.adopting.words import ANY_TURN, MISSING

    def consent(contents: Contents) -> bool:
        return _agreed(contents, options.export, options.yes)

    classes = [name.strip() for name in options.classes.split(",")] if options.classes else []
    card, skipped, notes = adopt(
        options.export, options.out, options.photos, options.noun, consent, classes=classes
    )
    for file in skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    for note in notes:
        say(note)
    print(f"{card.architecture} for {', '.join(card.classes)}. The model is in {options.out}.")
    if card.metrics:
        low, high = card.metrics["accuracy_interval"]
        print(
            f"Accuracy {card.metrics['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}) on "
            f"{card.metrics['n']} photos; whether it had learned from some of them is not known."
        )
    else:
        print(MISSING + " With --photos FOLDER it could.")
    print(ANY_TURN)
    return 0


def _agreed(contents: Contents, export: Path, yes: bool) -> bool:
    from bearclf.adopting.words import in_sentences

    say(f"{export.name} is a pickle, which is a program. What it would import:")
    for sentence in in_sentences(contents):
        say(f"  {sentence}")
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UserError(
            f"{export.name} was not read: nobody is here to be asked. If you trust where it comes from, say "
            "so with --yes."
        )
    say("Read it? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")
