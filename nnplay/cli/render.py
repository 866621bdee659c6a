"""Draw the network as it looks on the canvas; the ending of OUT chooses svg, png or pdf."""

from __future__ import annotations

import argparse
from pathlib import Path

from nnplay.cli.arguments import Parser
from nnplay.cli.console import complain, say
from nnplay.library import load
from nnplay.storage import write_file

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--dark", action="store_true", help="light lines on a dark ground")
    parser.add_argument("--transparent", action="store_true", help="leave the ground out")
    parser.add_argument("--numbers", action="store_true", help="write weights and biases")
    parser.add_argument("--weights", action="store_true", help="write the weights beside the edges")
    parser.add_argument("--biases", action="store_true", help="write the biases")
    parser.add_argument("--no-values", action="store_true", help="do not write activations")
    parser.add_argument("--no-headers", action="store_true", help="do not name the layers")
    parser.add_argument(
        "--scale", type=int, choices=(1, 2, 3), default=2, help="pixels per canvas pixel of a png"
    )
    parser.add_argument(
        "--direction",
        choices=("right", "down"),
        help="from left to right or from top to bottom, instead of as the document has it",
    )


def run(arguments: argparse.Namespace) -> int:
    """Draw the picture."""
    document = load(arguments.document)
    try:
        # The only command that needs Qt, and only its painting.
        from nnplay.picture.arrange import turned
        from nnplay.picture.options import PictureOptions
        from nnplay.picture.render import PictureError, picture_bytes
    except ImportError as error:
        complain(f"pictures need Qt, which cannot be loaded here ({error}).")
        return 1
    if arguments.direction:
        document = turned(document, downwards=arguments.direction == "down")
    options = PictureOptions(
        weights=arguments.weights or arguments.numbers,
        biases=arguments.biases or arguments.numbers,
        values=not arguments.no_values,
        headers=not arguments.no_headers,
        dark=arguments.dark,
        transparent=arguments.transparent,
        scale=arguments.scale,
    )
    path = Path(arguments.out)
    try:
        write_file(path, picture_bytes(document, path.suffix.lower().lstrip("."), options))
    except PictureError as error:
        complain(str(error))
        return 1
    say(f"drawn as {arguments.out}")
    return 0
