"""``bearclf passphrase``."""

from __future__ import annotations

import argparse
import sys

from bearclf.commands.arguments import say
from bearclf.errors import UserError

SUMMARY = "set a passphrase for curators: makes what BEARCLF_CURATORS must be"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""


def run(options: argparse.Namespace) -> int:
    """Ask for a passphrase and print its hash. Raises UserError if it can't be had."""
    from bearclf.access.passphrase import hash_passphrase

    try:
        hashed = hash_passphrase(_asked_passphrase())
    except UnicodeError as error:
        raise UserError("The passphrase can't be read, since it isn't UTF-8 text.") from error
    print(hashed, flush=True)
    say(
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
