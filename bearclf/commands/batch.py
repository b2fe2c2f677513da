"""``bearclf batch``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bearclf.commands.arguments import positive, say, size
from bearclf.errors import UserError

SUMMARY = "draw how photos are seen in training: ways of resizing, and augmentation"

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".pdf")
_DOTS_PER_INCH = 150


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder with one folder of photos for each class"
    )
    command.add_argument(
        "--out",
        type=Path,
        default=Path("batch.png"),
        metavar="PICTURE|FOLDER",
        help="file for one picture of all ways, or folder for one of each (default: batch.png)",
    )
    command.add_argument(
        "--class", dest="label", default="", metavar="NAME", help="only photos of this class"
    )
    command.add_argument("--photos", type=positive, default=4, metavar="N", help="how many (default: 4)")
    command.add_argument(
        "--size", type=size, default=224, metavar="PX", help="side of the model's input (default: 224)"
    )
    command.add_argument(
        "--min-scale",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="least share of a photo that a random crop keeps (default: 0.5)",
    )
    command.add_argument(
        "--seed", type=int, default=42, metavar="N", help="another one draws other photos (default: 42)"
    )


def run(options: argparse.Namespace) -> int:
    """Draw, and say where. Raises what :func:`bearclf.training.batch_picture.show_batch` raises."""
    _check(options.out, options.folder)
    say("Getting ready…")
    from bearclf.training.batch_picture import draw, draw_each, look

    rows, drawn = look(
        options.folder, options.photos, options.size, options.min_scale, options.seed, options.label
    )
    for file in drawn.skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    if len(drawn.photos) < options.photos:
        say(f"There are only {len(drawn.photos)} photos that can be read.")
    if _is_picture(options.out):
        figures = {options.out: draw(rows)}
    else:
        figures = {options.out / f"{name}.png": figure for name, figure in draw_each(rows).items()}
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        for path, figure in figures.items():
            path.parent.mkdir(exist_ok=True)
            figure.savefig(path, dpi=_DOTS_PER_INCH)
    except OSError as error:
        raise UserError(f"{options.out} can't be written: {error.strerror or error}.") from error
    print(f"{'The picture is' if _is_picture(options.out) else 'The pictures are'} in {options.out}.")
    return 0


def _is_picture(out: Path) -> bool:
    return bool(out.suffix) and not out.is_dir()


def _check(out: Path, folder: Path) -> None:
    if _is_picture(out) and out.suffix.lower() not in PICTURES:
        raise UserError(f"{out} has an ending that I can't draw. Please choose one of {', '.join(PICTURES)}.")
    if out.exists() and not out.is_dir() and not _is_picture(out):
        raise UserError(f"{out} is a file. Please choose a picture or a folder.")
    if folder.resolve() in (out.resolve(), *out.resolve().parents):
        raise UserError(f"{out} is among the training photos. Please choose another place for pictures.")
