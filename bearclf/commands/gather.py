"""``bearclf gather``."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "fetch openly licensed photos into a class folder"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("query", metavar="WORDS", help="what the photos should show, such as “grizzly bear”")
    command.add_argument(
        "--class", dest="label", required=True, metavar="NAME", help="the class folder that they go to"
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="the folder that has the class folders"
    )
    command.add_argument(
        "--max",
        type=int,
        default=150,
        metavar="N",
        help="photos in the class in the end (default: 150)",
    )
    command.add_argument(
        "--source",
        default="openverse",
        metavar="NAME",
        help="openverse (default), inaturalist, ddgs or kaggle:OWNER/DATASET",
    )
    command.add_argument(
        "--licence",
        metavar="LIST",
        help="Creative Commons licences, with commas between (default: cc0,pdm,by,by-sa)",
    )


def run(options: argparse.Namespace) -> int:
    """Gather, and tell what came of it. Raises what :func:`bearclf.gathering.gather.gather` raises."""
    from bearclf.gathering.gather import gather

    licences = None if options.licence is None else options.licence.split(",")
    gathered = gather(
        options.query,
        options.label,
        options.out,
        max_photos=options.max,
        source=options.source,
        licences=licences,
    )
    print(gathered)
    return 0
