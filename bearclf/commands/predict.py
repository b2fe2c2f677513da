"""``bearclf predict``."""

from __future__ import annotations

import argparse
import json
from typing import Any

from bearclf.commands.arguments import add_bundle
from bearclf.protocol.prediction import Answer

SUMMARY = "say what photos show"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument("photo", nargs="+", metavar="PHOTO", help="photo files")
    add_bundle(command)
    command.add_argument("--json", action="store_true", help="one JSON object a line, for programs")


def run(options: argparse.Namespace) -> int:
    """Answer each photo on a line of its own, also what can't be read; that makes the exit code 1."""
    from bearclf.photos.decode import PhotoError
    from bearclf.prediction.predictor import Predictor

    predictor = Predictor(options.bundle)
    failed = False
    for file in options.photo:
        try:
            answer = predictor.predict(file)
        except PhotoError as error:
            failed = True
            print(json.dumps({"file": file, "error": str(error)}) if options.json else f"{file}: {error}")
            continue
        if options.json:
            print(json.dumps({"file": file, **_as_json(answer)}))
        else:
            print(f"{file}: {_in_words(answer)} ({answer.ms:.0f} ms)")
    return 1 if failed else 0


def _in_words(answer: Answer) -> str:
    if answer.standing == "none":
        return f"none of these; if it had to be one, {answer.label}"
    shares = ", ".join(f"{name} {_percent(share)}" for name, share in answer.probabilities.items())
    said = ", ".join(answer.labels) or "none of the labels"
    return f"{'perhaps ' if answer.standing == 'doubtful' else ''}{said}: {shares}"


def _percent(share: float) -> str:
    return "> 99.9%" if share > 0.9995 else f"{share:.1%}"  # no answer is ever certain


def _as_json(answer: Answer) -> dict[str, Any]:
    """The answer's fields without ``nearest``, which means nothing without the training photos.

    ``known`` is told beside ``standing``: programs of before there were three know no other.
    """
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(answer) | {"known": answer.known}
    del fields["nearest"]
    return fields
