"""``bearclf report``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bearclf.commands.arguments import add_judged, say

SUMMARY = "judge a model on a folder of class folders, as one page to hand on"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder of the model")
    add_judged(command)
    command.add_argument("--against", type=Path, metavar="BUNDLE2", help="another model to compare with")
    command.add_argument(
        "--out", type=Path, default=Path("report.html"), metavar="FILE", help="default: report.html"
    )
    command.add_argument("--no-photos", action="store_true", help="name photos, but show none")


def run(options: argparse.Namespace) -> int:
    """Write the report, and say the most important of it. Raises what ``report`` raises."""
    say("Getting ready…")
    from bearclf.reporting.report import report

    made = report(
        options.bundle,
        options.folder,
        options.outside,
        options.against,
        options.out,
        photos=not options.no_photos,
    )
    for file in made.unused:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    print(f"{made.sentence}\nThe report is in {options.out}.")
    return 0
