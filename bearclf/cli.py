"""The command line: ``bearclf COMMAND``; each command is a module in ``bearclf/commands``."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Sequence

from bearclf.commands import adopt, batch, evaluate, export, gather, passphrase, predict, report, serve, train
from bearclf.errors import UserError

COMMANDS = (gather, batch, train, adopt, predict, evaluate, export, report, serve, passphrase)


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


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A photo classifier of your own: train it on folders of photos, ask it, serve it.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        summary = module.SUMMARY
        command = commands.add_parser(
            module.__name__.rpartition(".")[2],
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
        )
        command.set_defaults(run=module.run)
        module.add_arguments(command)
    return parser
