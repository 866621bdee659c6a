"""What computes: the option, and waiting for compilation with a word about it."""

from __future__ import annotations

import os
from typing import Final

from nnplay.cli.arguments import Parser, name_from
from nnplay.cli.console import note

__all__ = ["add_backend", "make_ready"]

WISHES: Final = ("auto", "numpy", "compiled")
VARIABLE: Final = "NNPLAY_BACKEND"


def usual_backend() -> str:
    """What computes unless the command line says otherwise: as in the window."""
    found = os.environ.get(VARIABLE, "auto")
    return found if found in WISHES else "auto"


def add_backend(parser: Parser) -> None:
    """Declare the option."""
    parser.add_argument(
        "--backend",
        type=name_from(WISHES, "backend"),
        default=usual_backend(),
        metavar="NAME",
        help=f"what computes: auto, numpy or compiled (default: {VARIABLE} or auto)",
    )


def make_ready(backend: str) -> None:
    """Wait until a backend can compute, so that its numbers never depend on timing."""
    if backend == "numpy":
        return
    from nnplay.compiled import choose, state

    if state() in ("cold", "compiling"):
        note("The fast training code is being compiled. That is done once, and takes a while.")
    choice = choose(backend, wait=True)
    if choice.notice:
        note(choice.notice)
