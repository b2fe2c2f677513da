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
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, metavar="BUNDLE", help="folder to write the model to")
    what.add_argument(
        "--show-code",
        action="store_true",
        help="train nothing, but print fastai code that does the same, for fine-tune",
    )
    command.add_argument(
        "--recipe",
        choices=("probe", "fine-tune", "best"),
        default="probe",
        help="probe: seconds, and as a rule the better one for some hundred photos (default); "
        "fine-tune: the course's recipe, minutes; best: tries both in several ways and keeps the best",
    )
    command.add_argument(
        "--labels",
        type=Path,
        metavar="TABLE",
        help="several labels for one photo: a CSV with a row for each photo below FOLDER, its name and its "
        "labels, in place of class folders",
    )
    command.add_argument(
        "--label-delim", metavar="TEXT", help="what stands between two labels (default: a space)"
    )
    _add_data(command)
    _add_fine_tuning(command)
    command.add_argument(
        "--minutes", type=float, metavar="M", help="for best: time to try others in (default: 10)"
    )
    command.add_argument("--noun", help="common noun for the classes, such as “bear”")
    command.add_argument(
        "--no-photos", dest="report_photos", action="store_false", help="leave photos out of the report"
    )
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


def _add_data(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("photos and network")
    group.add_argument(
        "--arch",
        dest="architecture",
        metavar="NAME",
        help=f"any architecture of timm or torchvision (default: {DEFAULT_ARCHITECTURE}: no download)",
    )
    group.add_argument(
        "--weights",
        metavar="package|hub|FILE",
        help="pretrained weights: of an installed package, a model hub or a file (default: package for "
        f"{DEFAULT_ARCHITECTURE}, else hub)",
    )
    group.add_argument(
        "--size", type=size, metavar="PX", help="side of the model's input (default: 320, fine-tune 224)"
    )
    group.add_argument(
        "--resize",
        choices=("crop", "pad", "squish", "random"),
        help="how a photo comes to that size (default: squish, fine-tune random)",
    )
    group.add_argument(
        "--valid",
        metavar="SHARE|folder",
        help="share of the pictures to hold out, or “folder” where FOLDER has train and valid, each with the "
        "class folders (default: 0.2; probe: cross-validation)",
    )
    group.add_argument("--seed", type=int, metavar="N", help="random seed (default: 42)")


def _add_fine_tuning(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("for fine-tune")
    group.add_argument(
        "--epochs", type=positive, metavar="N", help="epochs of the whole network (default: 4)"
    )
    group.add_argument(
        "--freeze-epochs", type=positive, metavar="N", help="epochs of the head alone before (default: 1)"
    )
    group.add_argument("--lr", metavar="auto|RATE", help="learning rate; auto: as lr_find suggests")
    group.add_argument(
        "--augment", choices=("none", "light", "course"), help="changes to the photos (default: course)"
    )
    group.add_argument(
        "--flip-vert", action="store_true", help="for photos without up and down: turn them, too"
    )
    group.add_argument(
        "--patience",
        type=positive,
        metavar="N",
        help="end after N epochs that were no better, and keep the best",
    )
    group.add_argument(
        "--progressive", metavar="PX,PX", help="sizes to train at, one after the other, such as 128,224"
    )
    group.add_argument("--fp16", action="store_true", help="half precision, on a graphics card")


def run(options: argparse.Namespace) -> int:
    """Train, and tell how well the model does. Raises what :func:`bearclf.training.train.train` raises."""
    say("Getting ready…")
    from tqdm import tqdm

    from bearclf.training.log import Event, lines
    from bearclf.training.options import options_of
    from bearclf.training.show_code import show_code
    from bearclf.training.train import train

    def tell(event: Event) -> None:
        for line in lines(event):
            tqdm.write(line)

    words = vars(options).copy()
    folder, out, only_code = (words.pop(name) for name in ("folder", "out", "show_code"))
    del words["run"]
    chosen = options_of({name: value for name, value in words.items() if value is not None})
    if only_code:
        print(show_code(folder, chosen), end="")
        return 0
    card, skipped = train(folder, out, chosen, watch=tell)
    for file in skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    low, high = card.metrics["accuracy_interval"]
    if card.threshold is None:
        what, more, page = "classes", "", out / "report" / "report.html"
    else:
        what, page = "labels", out / "report"
        more = " of each yes and no"
    print(
        f"{card.learned} photos of {len(card.classes)} {what}. Accuracy{more} {card.metrics['accuracy']:.3f} "
        f"(95 % interval {low:.3f} to {high:.3f}), measured by {card.metrics['method']}.\n"
        f"The model is in {out}, how it did in {page}."
    )
    return 0
