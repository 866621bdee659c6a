"""Train a document with several settings and seeds, side by side, and compare what comes of it.

Every combination of values is trained with every seed, each time from the beginning. Names of
settings are those of nnplay train. Nothing is written unless asked.

  nnplay sweep spiral.nnplay --set lr=.01,.03,.1 --set optimizer=sgd,adam --seeds 5 --jobs 2
"""

from __future__ import annotations

import argparse
import difflib
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from nnplay.cli.arguments import Parser, name_from, seed, whole_number
from nnplay.cli.backend import add_backend, make_ready
from nnplay.cli.console import Progress, complain, finite, note, print_json, print_table, say
from nnplay.cli.data import need_data
from nnplay.cli.settings import OPTIONS, option_for
from nnplay.core.errors import TrainingError
from nnplay.core.plain_numbers import plain_number
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import format_of
from nnplay.library import load, save
from nnplay.storage import check_writable, write_file
from nnplay.sweeps.plan import Sweep
from nnplay.sweeps.results import SweepResult, SweepRow, setting_text
from nnplay.sweeps.running import SweepProgress, run_sweep

__all__ = ["add_arguments", "run"]

DEFAULT_EPOCHS: Final = 100
DEFAULT_SEEDS: Final = 5
PARALLEL: Final = ("loky", "threading", "dask")
_NAMES: Final = {option.field: option.name for option in OPTIONS}


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=V,V,…",
        help="values to try for a setting; may be given several times",
    )
    parser.add_argument(
        "--seeds",
        type=_seeds,
        default=DEFAULT_SEEDS,
        metavar="N|A,B,…",
        help=f"how many seeds, or which (default: {DEFAULT_SEEDS})",
    )
    parser.add_argument(
        "--seeds-redraw",
        type=name_from(("weights", "everything"), "way to redraw"),
        default="weights",
        metavar="WHAT",
        help="what a seed changes: weights (and shuffling), or everything",
    )
    parser.add_argument("--epochs", type=whole_number(0), default=DEFAULT_EPOCHS, metavar="N")
    parser.add_argument(
        "--jobs", type=whole_number(1, 4096), metavar="N", help="runs side by side (default: cores)"
    )
    parser.add_argument(
        "--parallel",
        type=name_from(PARALLEL, "way to work side by side"),
        metavar="NAME",
        help="loky (processes, the default), threading, or dask",
    )
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster")
    parser.add_argument("--out", metavar="FILE.csv", help="write the table")
    parser.add_argument("--curves", metavar="FILE.csv", help="write the loss curves")
    parser.add_argument("--best", metavar="DOC", help="save the best trained document here")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    add_backend(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do the sweep, then write and print."""
    if arguments.best is not None and format_of(arguments.best).carries != "document":
        raise FormatError("A document is saved as .nnplay or .nnplay.json.", arguments.best)
    for target in (arguments.out, arguments.curves, arguments.best):
        if target is not None:
            check_writable(target)
    settings: dict[str, tuple[Any, ...]] = {}
    for name, values in arguments.settings:
        if name in settings:
            raise TrainingError(f"The setting {_NAMES[name]} is given twice; list all its values.")
        settings[name] = values
    document = load(arguments.document)
    need_data(document, arguments.document)
    sweep = Sweep(
        document,
        settings,
        arguments.seeds,
        arguments.epochs,
        arguments.backend,
        redraw=arguments.seeds_redraw,
    )
    result = _done(sweep, arguments)
    if result is None:
        complain("interrupted; nothing was written.")
        return 1
    _write(arguments, result)
    _report(arguments, result)
    if not any(row.is_done for row in result.rows):
        complain(f"no run came to its end. {result.rows[0].problem}")
        return 1
    return 0


# ------------------------------------------------------------------ arguments
def _setting(text: str) -> tuple[str, tuple[Any, ...]]:
    """A setting and its values from ``lr=.01,.03``."""
    name, equals, values = text.partition("=")
    option = option_for(name)
    if option is None:
        names = [option.name for option in OPTIONS]
        near = difflib.get_close_matches(name.strip(), names, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise argparse.ArgumentTypeError(
            f"there is no setting “{name}”{hint}; there are {', '.join(names)}."
        )
    parts = values.split(";" if ";" in values else ",")
    if not equals or not values.strip():
        raise argparse.ArgumentTypeError(f"say which values to try, such as {option.name}=…,….")
    try:
        return option.field, tuple(option.parse(part.strip()) for part in parts)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{option.name}: {error}") from None


def _seeds(text: str) -> int | tuple[int, ...]:
    """``5``, or ``3,4,8``; one certain seed is ``7,``."""
    if "," in text:
        return tuple(seed(part.strip()) for part in text.split(",") if part.strip())
    return whole_number(1, 10_000)(text)


# ------------------------------------------------------------------ work
def _done(sweep: Sweep, arguments: argparse.Namespace) -> SweepResult | None:
    """The result; None after Ctrl+C."""
    progress = Progress(1000)
    finished = 0

    def on_row(row: SweepRow) -> None:
        nonlocal finished
        finished += 1
        if not row.is_done:
            progress.clear()
            note(f"run {row.number + 1} ({_run_words(row)}): {row.problem}")

    def on_progress(news: SweepProgress) -> None:
        progress.show(round(1000 * news.share), f"{finished} of {len(sweep)} runs")

    try:
        make_ready(arguments.backend)
        with _workers(arguments):
            return run_sweep(
                sweep,
                jobs=arguments.jobs,
                parallel=arguments.parallel,
                on_row=on_row,
                on_progress=on_progress,
            )
    except KeyboardInterrupt:
        return None
    finally:
        progress.clear()


@contextmanager
def _workers(arguments: argparse.Namespace) -> Iterator[None]:
    """A Dask cluster, if one is wanted: the one at the address, else one on this machine."""
    if arguments.parallel != "dask":
        if arguments.scheduler is not None:
            raise TrainingError("--scheduler is for --parallel dask.")
        yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise TrainingError(
            "Dask is not installed here: pip install distributed, or use --parallel loky."
        ) from None
    address = arguments.scheduler
    try:
        client = Client(address) if address is not None else Client(n_workers=arguments.jobs)
    except (OSError, ValueError) as error:
        raise TrainingError(f"No Dask scheduler answers at {address} ({error}).") from None
    with client:
        yield


def _run_words(row: SweepRow) -> str:
    parts = [f"{_NAMES[name]} {setting_text(value)}" for name, value in row.settings.items()]
    return ", ".join([*parts, f"seed {row.seed}"])


# ------------------------------------------------------------------ what came of it
def _write(arguments: argparse.Namespace, result: SweepResult) -> None:
    if arguments.best is not None:
        best = result.best
        if best is None or best.document is None:
            note(f"{arguments.best} was not written: no run can be called the best.")
        else:
            save(best.document, arguments.best)
    if arguments.out is not None:
        write_file(arguments.out, result.csv(_NAMES).encode())
    if arguments.curves is not None:
        write_file(arguments.curves, result.curves_csv(_NAMES).encode())


def _report(arguments: argparse.Namespace, result: SweepResult) -> None:
    if arguments.json:
        print_json(_as_json(result))
        return
    names = list(result.sweep.settings)
    has_test = any(not math.isnan(row.loss_test) for row in result.rows)
    has_accuracy = any(not math.isnan(row.accuracy_train) for row in result.rows)
    parts = ("train", "test") if has_test else ("train",)
    header = ["run", *[_NAMES[name] for name in names], "seed", "epochs"]
    header += [f"loss {part}" for part in parts]
    header += [f"right {part}" for part in parts if has_accuracy]
    header += ["seconds"]
    table: list[Sequence[str]] = []
    for row in result.rows:
        line = [str(row.number + 1), *[setting_text(row.settings[name]) for name in names]]
        line += [str(row.seed), str(row.epochs)]
        line += [_number(getattr(row, f"loss_{part}")) for part in parts]
        line += [_share(getattr(row, f"accuracy_{part}")) for part in parts if has_accuracy]
        line += [f"{row.seconds:.2f}" if row.is_done else _failure(row)]
        table.append(line)
    print_table(header, table)
    say("")
    say(result.summary().sentence)
    for target, what in ((arguments.out, "table"), (arguments.curves, "curves")):
        if target is not None:
            say(f"{what} written to {target}")
    if arguments.best is not None and result.best is not None:
        say(f"run {result.best.number + 1} saved as {arguments.best}")


def _failure(row: SweepRow) -> str:
    return "diverged" if row.diverged else "failed"


def _number(value: float) -> str:
    return plain_number(value)


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"


def _as_json(result: SweepResult) -> dict[str, Any]:
    summary = result.summary()
    best = result.best
    return {
        "runs": [
            {
                "run": row.number + 1,
                "settings": {_NAMES[name]: value for name, value in row.settings.items()},
                "seed": row.seed,
                "epochs": row.epochs,
                "loss_train": finite(row.loss_train),
                "loss_test": finite(row.loss_test),
                "best_loss_train": finite(row.best_loss_train),
                "best_loss_test": finite(row.best_loss_test),
                "best_epoch": row.best_epoch,
                "accuracy_train": finite(row.accuracy_train),
                "accuracy_test": finite(row.accuracy_test),
                "seconds": row.seconds,
                "diverged": row.diverged,
                "problem": row.problem or None,
                "ended": row.ended or None,
            }
            for row in result.rows
        ],
        "summary": [
            {
                "settings": {_NAMES[name]: value for name, value in group.settings.items()},
                "runs": group.runs,
                "failed": group.failed,
                "median": finite(group.median),
                "low": finite(group.low),
                "high": finite(group.high),
            }
            for group in summary.groups
        ],
        "measure": summary.measure.name or None,
        "best_run": None if best is None else best.number + 1,
        "is_clear": summary.is_clear,
    }
