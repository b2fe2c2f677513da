"""``bearclf export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from bearclf.commands.arguments import say
from bearclf.settings import bundle_folder

SUMMARY = "take a model to where bearclf isn't"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument(
        "bundle",
        type=Path,
        nargs="?",
        default=bundle_folder(),
        metavar="BUNDLE",
        help="folder of the model (default: BEARCLF_BUNDLE, or the bears)",
    )
    command.add_argument(
        "--web", type=Path, metavar="FOLDER", help="a page that answers in the browser, without a server"
    )
    command.add_argument(
        "--onnx", type=Path, metavar="FILE", help="the network in one file, for onnxruntime and others"
    )
    command.add_argument(
        "--pkl", type=Path, metavar="FILE", help="for fastai's load_learner where bearclf isn't installed"
    )
    command.add_argument(
        "--space", type=Path, metavar="FOLDER", help="what a Hugging Face Space or any container needs"
    )


def run(options: argparse.Namespace) -> int:
    """Write it, and say where it is. Raises what :func:`bearclf.exporting.export.export` raises."""
    say("Getting ready…")
    from bearclf.exporting.export import export

    written = export(options.bundle, web=options.web, onnx=options.onnx, pkl=options.pkl, space=options.space)
    for place in written:
        print(f"Written: {place}")
    return 0
