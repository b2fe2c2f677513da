"""``bearclf serve``."""

from __future__ import annotations

import argparse

from bearclf.commands.arguments import add_bundle, port
from bearclf.settings import DEFAULT_PORT

SUMMARY = "open the page for everybody on this machine"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    command.add_argument(
        "--port", type=port, default=DEFAULT_PORT, metavar="N", help=f"default: {DEFAULT_PORT}"
    )
    command.add_argument(
        "--ip",
        default="localhost",
        metavar="ADDRESS",
        help="address to listen on (default: localhost, this machine alone; 0.0.0.0 is your whole network)",
    )
    command.add_argument("--open-browser", action="store_true", help="show the page at once")
    command.add_argument(
        "--template",
        metavar="NAME",
        help="a Voilà template other than bearclf; lab is Voilà's own, slower page",
    )
    add_bundle(command)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped. Raises what :func:`bearclf.server.serve.serve` raises."""
    from bearclf.server.serve import serve

    return serve(options.port, options.bundle, options.ip, options.open_browser, options.template)
