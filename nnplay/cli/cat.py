"""Print a document as text: settings, neurons, connections and weights.

So that git shows changes, put "*.nnplay diff=nnplay" into .gitattributes and run
git config diff.nnplay.textconv "nnplay cat"
"""

from __future__ import annotations

import argparse
import sys

from nnplay.cli.arguments import Parser
from nnplay.formats import registry
from nnplay.library import load

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")


def run(arguments: argparse.Namespace) -> int:
    """Print the text twin, in UTF-8 whatever the terminal has."""
    text = registry.write(load(arguments.document), "json")
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a stream of text, such as that of a test
        sys.stdout.write(text.decode())
    else:
        binary.write(text)
        binary.flush()
    return 0
