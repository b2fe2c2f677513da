"""``bearclf train``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bearclf.commands.arguments import positive, say, size
from bearclf.settings import DEFAULT_ARCHITECTURE

SUMMARY = "make a model from a folder of class folders"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder with one folder of photos for each class"
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder to write the model to"
    )
    command.add_argument(
        "--recipe",
        choices=("probe", "fine-tune"),
        default="probe",
        help="probe: seconds, and as a rule the better one for some hundred photos (default); "
        "fine-tune: the course's recipe, minutes",
    )
    command.add_argument(
        "--arch",
        default=DEFAULT_ARCHITECTURE,
        metavar="NAME",
        help=f"any architecture of timm or torchvision (default: {DEFAULT_ARCHITECTURE}: no download)",
    )
    command.add_argument("--epochs", type=positive, default=4, metavar="N", help="for fine-tune (default: 4)")
    command.add_argument(
        "--size", type=size, metavar="PX", help="side of the model's input (default: 320, fine-tune 224)"
    )
    command.add_argument("--seed", type=int, default=42, metavar="N", help="random seed (default: 42)")
    command.add_argument("--noun", default="", help="common noun for the classes, such as “bear”")
    command.add_argument("--no-photos", action="store_true", help="leave photos out of the report")
    command.add_argument(
        "--examples",
        type=Path,
        metavar="PHOTOS",
        help="folder of up to 3 photos of yours for visitors to try",
    )

    command.add_argument(
        "--elsewhere",
        type=Path,
        metavar="OTHER",
        help="folder of class folders from another source, never learned from: the card tells how the model "
        "does on them (default: photos held out with all that look like them)",
    )


def run(options: argparse.Namespace) -> int:
    """Train, and tell how well the model does. Raises what :func:`bearclf.training.train.train` raises."""
    say("Getting ready…")
    from bearclf.training.options import Options
    from bearclf.training.train import train

    chosen = Options(
        recipe=options.recipe,
        architecture=options.arch,
        epochs=options.epochs,
        size=options.size,
        seed=options.seed,
        noun=options.noun,
        report_photos=not options.no_photos,
        examples=options.examples,
        elsewhere=options.elsewhere,
    )
    card, skipped = train(options.folder, options.out, chosen)
    for file in skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    low, high = card.metrics["accuracy_interval"]
    print(
        f"{sum(card.photos.values())} photos of {len(card.classes)} classes. "
        f"Accuracy {card.metrics['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), measured by "
        f"{card.metrics['method']}.\nThe model is in {options.out}, how it did in "
        f"{options.out / 'report' / 'report.html'}."
    )
    return 0
