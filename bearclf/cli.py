"""The command line: ``bearclf gather | train | predict | evaluate | serve | passphrase``."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bearclf import settings
from bearclf.errors import UserError
from bearclf.gathering import command as gathering
from bearclf.protocol.prediction import Answer
from bearclf.settings import DEFAULT_ARCHITECTURE, DEFAULT_PORT


def main(arguments: Sequence[str] | None = None, prog: str = "bearclf") -> int:
    """Run one command and return its exit code: 0, 1 for a refusal in a plain sentence, 2 for wrong use.

    ``prog`` is how the person called it, which help repeats.
    """
    options = _parser(prog).parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    warnings.simplefilter("ignore")  # a library's notes to programmers are not for the person at the screen
    try:
        return options.run(options)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt as stop:
        print(str(stop) or "Stopped.", file=sys.stderr)
        return 130


# Each command imports what it needs when it runs: torch takes seconds, and --help should not.


def _train(options: argparse.Namespace) -> int:
    _say("Getting ready…")
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
        f"{card.metrics['method']}.\nThe model is in {options.out}, pictures of how it did in "
        f"{options.out / 'report'}."
    )
    return 0


def _predict(options: argparse.Namespace) -> int:
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
    return f"{'perhaps ' if answer.standing == 'doubtful' else ''}{answer.label}: {shares}"


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


def _evaluate(options: argparse.Namespace) -> int:
    from bearclf.prediction.evaluation import evaluate

    result, skipped = evaluate(options.bundle, options.folder, options.outside)
    for file in skipped:
        print(f"Skipped {file.path}: {file.reason}", file=sys.stderr)
    if options.json:
        print(json.dumps(result))
        return 0
    low, high = result["accuracy_interval"]
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
    print(
        f"{result['turned_away']:.1%} of them were told that they are none of the classes, "
        f"{result['doubtful']:.1%} that they may be one."
    )
    if options.outside:
        print(
            f"Of photos of other things, {result['let_through']:.1%} were let through, as one of the classes "
            f"or as perhaps one (AUROC {result['auroc']:.4f})."
        )
    return 0


def _serve(options: argparse.Namespace) -> int:
    from bearclf.server.serve import serve

    return serve(options.port, options.bundle, options.ip, options.open_browser, options.template)


def _passphrase(options: argparse.Namespace) -> int:
    from bearclf.access.passphrase import hash_passphrase

    try:
        hashed = hash_passphrase(_asked_passphrase())
    except UnicodeError as error:
        raise UserError("The passphrase can't be read, since it isn't UTF-8 text.") from error
    print(hashed, flush=True)
    _say(
        "Set BEARCLF_CURATORS to this line, in single quotes (it has dollar signs), and start the server "
        "again: whoever knows the passphrase may then clean the training photos."
    )
    return 0


def _asked_passphrase() -> str:
    """Read the new passphrase: typed twice and not shown, or the first line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    import getpass

    try:
        passphrase = getpass.getpass("New passphrase for curators: ")
        repeated = getpass.getpass("Once more: ")
    except EOFError as error:
        raise UserError("There was no passphrase, so nothing was made.") from error
    if passphrase != repeated:
        raise UserError("The two are not the same, so nothing was made. Please start again.")
    return passphrase


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A photo classifier of your own: train it on folders of photos, ask it, serve it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    gather = _command(commands, "gather", gathering.run, "fetch openly licensed photos into a class folder")
    gathering.add_arguments(gather)

    train = _command(commands, "train", _train, "make a model from a folder of class folders")
    train.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder with one folder of photos for each class"
    )
    train.add_argument(
        "--out", type=Path, required=True, metavar="BUNDLE", help="folder to write the model to"
    )
    train.add_argument(
        "--recipe",
        choices=("probe", "fine-tune"),
        default="probe",
        help="probe: seconds, and as a rule the better one for some hundred photos (default); "
        "fine-tune: the course's recipe, minutes",
    )
    train.add_argument(
        "--arch",
        default=DEFAULT_ARCHITECTURE,
        metavar="NAME",
        help=f"any architecture of timm or torchvision (default: {DEFAULT_ARCHITECTURE}: no download)",
    )
    train.add_argument("--epochs", type=_positive, default=4, metavar="N", help="for fine-tune (default: 4)")
    train.add_argument(
        "--size", type=_size, metavar="PX", help="side of the model's input (default: 320, fine-tune 224)"
    )
    train.add_argument("--seed", type=int, default=42, metavar="N", help="random seed (default: 42)")
    train.add_argument("--noun", default="", help="common noun for the classes, such as “bear”")
    train.add_argument("--no-photos", action="store_true", help="leave photos out of the report")
    train.add_argument(
        "--examples",
        type=Path,
        metavar="PHOTOS",
        help="folder of up to 3 photos of yours for visitors to try",
    )

    train.add_argument(
        "--elsewhere",
        type=Path,
        metavar="OTHER",
        help="folder of class folders from another source, never learned from: the card tells how the model "
        "does on them (default: photos held out with all that look like them)",
    )

    predict = _command(commands, "predict", _predict, "say what photos show")
    predict.add_argument("photo", nargs="+", metavar="PHOTO", help="photo files")
    _add_bundle(predict)
    predict.add_argument("--json", action="store_true", help="one JSON object a line, for programs")

    evaluate = _command(commands, "evaluate", _evaluate, "measure a model on other photos than its own")
    evaluate.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder with one folder of photos for each class"
    )
    evaluate.add_argument(
        "--outside",
        type=Path,
        metavar="OTHER",
        help="folder of photos of other things, which the model should reject",
    )
    _add_bundle(evaluate)
    evaluate.add_argument("--json", action="store_true", help="one JSON object, for programs")

    serve = _command(commands, "serve", _serve, "open the page for everybody on this machine")
    serve.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, metavar="N", help=f"default: {DEFAULT_PORT}"
    )
    serve.add_argument(
        "--ip",
        default="localhost",
        metavar="ADDRESS",
        help="address to listen on (default: localhost, this machine alone; 0.0.0.0 is your whole network)",
    )
    serve.add_argument("--open-browser", action="store_true", help="show the page at once")
    serve.add_argument(
        "--template",
        metavar="NAME",
        help="a Voilà template other than bearclf; lab is Voilà's own, slower page",
    )
    _add_bundle(serve)

    _command(
        commands,
        "passphrase",
        _passphrase,
        "set a passphrase for curators: makes what BEARCLF_CURATORS must be",
    )
    return parser


def _command(commands: Any, name: str, run: Any, summary: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_bundle(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--bundle",
        type=Path,
        default=settings.bundle_folder(),
        help="folder of the model (default: BEARCLF_BUNDLE, or the bears)",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("must be from 1 to 65535")
    return number


def _size(text: str) -> int:
    number = int(text)
    if not 32 <= number <= 1024:
        raise argparse.ArgumentTypeError("must be from 32 to 1024 pixels")
    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
