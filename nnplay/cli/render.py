"""Draw the network as it looks on the canvas; the ending of OUT chooses svg, png or pdf."""

from __future__ import annotations

import argparse

from nnplay.cli.arguments import Parser
from nnplay.cli.console import complain, say
from nnplay.library import load

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--dark", action="store_true", help="light lines on a dark ground")
    parser.add_argument("--numbers", action="store_true", help="write the weights beside the edges")


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    document = load(arguments.document)
    try:
        # The only command that needs Qt, and only its painting.
        from nnplay.picture.render import PictureError, render_file
    except ImportError as error:
        complain(f"pictures need Qt, which cannot be loaded here ({error}).")
        return 1
    try:
        render_file(document, arguments.out, dark=arguments.dark, numbers=arguments.numbers)
    except PictureError as error:
        complain(str(error))
        return 1
    say(f"drawn as {arguments.out}")
    return 0
