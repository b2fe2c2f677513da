"""``bearclf evaluate``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bearclf.commands.arguments import add_bundle, add_judged

SUMMARY = "measure a model on other photos than its own"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    add_judged(command)
    command.add_argument(
        "--labels", type=Path, metavar="TABLE", help="for a model with several labels a photo: as for train"
    )
    command.add_argument(
        "--label-delim", default=" ", metavar="TEXT", help="what stands between two labels (default: a space)"
    )
    add_bundle(command)
    command.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(options: argparse.Namespace) -> int:
    """Measure, and print a summary. Raises what :func:`bearclf.prediction.evaluation.evaluate` raises."""
    from bearclf.prediction.evaluation import evaluate

    result, skipped = evaluate(
        options.bundle,
        options.folder,
        options.outside,
        labels=options.labels,
        label_delim=options.label_delim,
    )
    for file in skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps(result))
        return 0
    _print_measures(result)
    if "turned_away" in result:
        print(
            f"{result['turned_away']:.1%} of them were told that they are none of the classes, "
            f"{result['doubtful']:.1%} that they may be one."
        )
    else:
        print("This model can't tell what is none of its classes.")
    if options.outside:
        print(
            f"Of photos of other things, {result['let_through']:.1%} were let through, as one of the classes "
            f"or as perhaps one (AUROC {result['auroc']:.4f})."
        )
    return 0


def _print_measures(result: dict[str, Any]) -> None:
    low, high = result["accuracy_interval"]
    if "f2" in result:
        print(
            f"{result['n']} photos, {result['error_rate']:.1%} of all yeses and noes wrong: accuracy "
            f"{result['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f}), F2 {result['f2']:.3f}; "
            f"{result['all_right']:.1%} of the photos without a wrong one."
        )
        for name, of_label in result["confusion_per_label"].items():
            photos = of_label["rightly_said"] + of_label["missed"]
            missed, wrongly = of_label["missed"], of_label["wrongly_said"]
            print(f"  {name}: {photos} photos, {missed} missed; said of {wrongly} others")
        return
    print(
        f"{result['n']} photos, {result['error_rate']:.1%} answered wrongly: accuracy "
        f"{result['accuracy']:.3f} (95 % interval {low:.3f} to {high:.3f})."
    )
    for name, row in zip(result["classes"], result["confusion_matrix"], strict=True):
        answers = "".join(
            f", {count} answered as {other}"
            for other, count in zip(result["classes"], row, strict=True)
            if count
        )
        print(f"  {name}: {sum(row)} photos{answers}")
