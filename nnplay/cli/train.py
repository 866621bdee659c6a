"""Train a document, going on from where it stands.

Without --out nothing is written. The same document trained twice gives the same numbers, the same
log and the same document, byte for byte.

  nnplay train spiral.nnplay --epochs 500 --lr 1/10 --out trained.nnplay --log losses.csv
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Any, Final

from nnplay.cli.arguments import Parser, name_from, number, positive_number, seed, whole_number
from nnplay.cli.console import Progress, complain, finite, print_json, say
from nnplay.core.history import EpochRecord
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import format_of
from nnplay.headless import TrainingResult, redrawn, train
from nnplay.library import load, save
from nnplay.storage import check_writable, write_file

__all__ = ["add_arguments", "run"]

DEFAULT_EPOCHS: Final = 100
BACKEND: Final = "numpy"
# Option -> field of the training settings.
SETTINGS: Final = {
    "lr": "learning_rate",
    "optimizer": "optimizer",
    "batch": "batch_size",
    "loss": "loss",
    "momentum": "momentum",
    "l1": "l1",
    "l2": "l2",
}


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("--epochs", type=whole_number(0), default=DEFAULT_EPOCHS, metavar="N")
    parser.add_argument("--lr", type=positive_number, metavar="RATE", help="learning rate")
    parser.add_argument("--optimizer", type=name_from(OPTIMIZERS, "optimiser"), metavar="NAME")
    parser.add_argument("--batch", type=whole_number(1), metavar="N", help="samples per step")
    parser.add_argument("--loss", type=name_from(LOSSES, "loss"), metavar="NAME")
    parser.add_argument("--momentum", type=number, metavar="RATE")
    parser.add_argument("--l1", type=number, metavar="RATE", help="penalty on |w|")
    parser.add_argument("--l2", type=number, metavar="RATE", help="penalty on w²/2")
    parser.add_argument(
        "--seed", type=seed, metavar="N", help="of shuffling; with --fresh of everything"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="draw data, split and weights again and start over"
    )
    parser.add_argument("--out", metavar="DOC", help="save the trained document here")
    parser.add_argument("--log", metavar="FILE.csv", help="write epoch,loss_train,loss_test")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Train, then save."""
    if arguments.out is not None and format_of(arguments.out).carries != "document":
        raise FormatError("A document is saved as .nnplay or .nnplay.json.", arguments.out)
    # Hours of work must not end at a folder that was never writable.
    for target in (arguments.out, arguments.log):
        if target is not None:
            check_writable(target)
    document = load(arguments.document)
    if arguments.fresh:
        document = redrawn(document, arguments.seed)
    progress = Progress(arguments.epochs)
    done = 0

    def on_epoch(record: EpochRecord) -> None:
        nonlocal done
        done += 1
        progress.show(done, f"loss {record.loss_train:.6g}")

    start = time.perf_counter()
    result = None
    try:
        result = train(document, arguments.epochs, on_epoch=on_epoch, **_changes(arguments))
    except KeyboardInterrupt:
        pass
    finally:
        progress.clear()
    if result is None:
        complain("interrupted; nothing was written.")
        return 1
    seconds = time.perf_counter() - start
    if result.diverged is not None:
        if arguments.log is not None:  # it shows how the loss grew
            write_file(arguments.log, _log(result.records))
        nothing = " Nothing was saved." if arguments.out is not None else ""
        complain(result.diverged.sentence + nothing)
        return 1
    if arguments.out is not None:  # first, because it is worth more than the log
        save(result.document, arguments.out)
    if arguments.log is not None:
        write_file(arguments.log, _log(result.records))
    _report(arguments, result, seconds)
    return 0


def _changes(arguments: argparse.Namespace) -> dict[str, Any]:
    changes = {
        field: getattr(arguments, option)
        for option, field in SETTINGS.items()
        if getattr(arguments, option) is not None
    }
    if arguments.seed is not None and not arguments.fresh:
        changes["shuffle_seed"] = arguments.seed
    return changes


def _log(records: Sequence[EpochRecord]) -> bytes:
    lines = ["epoch,loss_train,loss_test"]
    for record in records:
        test = finite(record.loss_test)
        lines.append(f"{record.epoch},{record.loss_train!r},{'' if test is None else repr(test)}")
    return ("\n".join(lines) + "\n").encode()


def _report(arguments: argparse.Namespace, trained: TrainingResult, seconds: float) -> None:
    epochs, result = trained.epochs, trained.evaluation
    if arguments.json:
        print_json(
            {
                "epochs": epochs,
                "loss_train": finite(result.loss_train),
                "loss_test": finite(result.loss_test),
                "accuracy_train": finite(result.accuracy_train),
                "accuracy_test": finite(result.accuracy_test),
                "seconds": seconds,
                "backend": BACKEND,
            }
        )
        return
    say(f"{epochs} epochs in {seconds:.2f} s ({BACKEND})")
    say(_line("training", result.loss_train, result.accuracy_train))
    if finite(result.loss_test) is not None:
        say(_line("test", result.loss_test, result.accuracy_test))
    if arguments.out is not None:
        say(f"saved as {arguments.out}")


def _line(part: str, loss: float, accuracy: float | None) -> str:
    right = "" if accuracy is None else f", {accuracy:.1%} right"
    return f"{part + ':':<10}loss {loss:.6g}{right}"
