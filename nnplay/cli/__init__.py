"""The command line: the same things as in the window, without a display.

If the first argument is exactly the name of a command, it is one; anything else is a list of files
for the window. Exit codes: 0 done, 1 it could not be done (one sentence on stderr says why),
2 the command was not understood.
"""

from __future__ import annotations

import difflib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Final

from nnplay.cli.console import complain

__all__ = ["COMMANDS", "main"]

COMMANDS: Final = {
    "new": ("new", "make a document with data and a network that fits them"),
    "train": ("train", "train a document"),
    "sweep": ("sweep", "train with several settings and seeds, and compare"),
    "rates": ("rates", "find a learning rate"),
    "predict": ("predict", "compute the outputs for rows of a CSV file"),
    "explain": ("explain", "show every number behind one prediction"),
    "export": ("export", "write the network for other programs"),
    "import": ("import_file", "make a document of another program's network"),
    "info": ("info", "say what is in a document or any other network file"),
    "cat": ("cat", "print a document as text, for git and other tools"),
    "diff": ("diff", "compare two documents"),
    "check": ("check", "validate a document and compare its gradients"),
    "render": ("render", "draw the network as SVG, PNG or PDF"),
}

USAGE: Final = """\
usage: nnplay [FILE…]                open documents in the window
       nnplay COMMAND …              work without a window
       nnplay COMMAND --help         say more about a command
       nnplay --version | --help
       nnplay --install-desktop      put nnplay into the menu of the Linux desktop, for this user
       nnplay --uninstall-desktop    take it out again

commands:
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run nnplay with the given arguments (by default those of the process).

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # "δ" on a terminal without it is no failure
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (head, less) went away. Python would complain again while shutting down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        complain("interrupted.")
        return 1
    return code


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return _run_command(first, arguments[1:])
    if first in ("-h", "--help"):
        lines = [f"  {name:<9} {summary}\n" for name, (_, summary) in COMMANDS.items()]
        sys.stdout.write(USAGE + "".join(lines))
        return 0
    if first == "--version":
        from nnplay import __version__

        sys.stdout.write(f"nnplay {__version__}\n")
        return 0
    if first in ("--install-desktop", "--uninstall-desktop"):
        return _change_desktop(first)
    if first == "--":
        arguments = arguments[1:]
    elif first.startswith("-"):
        complain(f"there is no option {first}. See nnplay --help.")
        return 2
    elif _is_slip(first):
        near = difflib.get_close_matches(first, COMMANDS, 1)
        hint = f" Did you mean {near[0]}?" if near else " See nnplay --help."
        complain(f"there is neither a command nor a file named {first}.{hint}")
        return 2
    try:
        from nnplay.app import run
    except ImportError as error:
        complain(
            f"the window needs Qt, which cannot be loaded here ({error}). The commands of "
            "nnplay --help work without it."
        )
        return 1
    code: int = run(arguments)
    return code


def _change_desktop(wish: str) -> int:
    from nnplay import desktop
    from nnplay.cli.console import say
    from nnplay.storage import StorageError

    try:
        return desktop.install(say) if wish == "--install-desktop" else desktop.uninstall(say)
    except (StorageError, FileNotFoundError) as error:
        complain(str(error))
        return 1


def _is_slip(word: str) -> bool:
    """Whether the first argument looks like a mistyped command rather than a file."""
    return word.isalpha() and not os.path.exists(word)


def _run_command(name: str, arguments: list[str]) -> int:
    from nnplay.cli.arguments import Parser, UsageError, joined_values

    module = importlib.import_module(f"nnplay.cli.{COMMANDS[name][0]}")
    parser = Parser(prog=f"nnplay {name}", description=module.__doc__)
    module.add_arguments(parser)
    try:
        parsed = parser.parse_args(joined_values(arguments))
    except UsageError as error:
        complain(f"{name}: {str(error).removeprefix('argument ')} See nnplay {name} --help.")
        return 2
    except SystemExit:  # --help
        return 0
    from nnplay.core.errors import TrainingError
    from nnplay.core.topology import TopologyError
    from nnplay.data.errors import DataError
    from nnplay.formats.errors import FormatError
    from nnplay.storage import StorageError

    try:
        code: int = module.run(parsed)
    except (DataError, FormatError, StorageError, TopologyError, TrainingError) as error:
        complain(str(error))
        return 1
    except MemoryError:
        complain("this does not fit into the memory of this computer.")
        return 1
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if os.environ.get("NNPLAY_DEBUG"):
            raise
        complain(
            f"{name} failed in a way nobody foresaw ({type(error).__name__}: {error}). Set "
            "NNPLAY_DEBUG=1 to see where, and please report it."
        )
        return 1
    return code
