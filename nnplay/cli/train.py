"""Train a document, going on from where it stands.

Without --out nothing is written. The same document trained twice gives the same numbers, the same
log and the same document, byte for byte.

  nnplay train spiral.nnplay --epochs 500 --lr 1/10 --out trained.nnplay --log losses.csv
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import Final

from nnplay.cli.arguments import Parser, seed, whole_number
from nnplay.cli.backend import add_backend, make_ready
from nnplay.cli.console import Progress, complain, finite, note, print_json, say
from nnplay.cli.data import need_data
from nnplay.cli.settings import add_settings, given_settings
from nnplay.core.hints import training_hints
from nnplay.core.history import EpochRecord
from nnplay.core.plain_numbers import plain_number
from nnplay.document import Document
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import format_of
from nnplay.headless import TrainingResult, redrawn, train
from nnplay.library import load, save
from nnplay.storage import check_writable, write_file
from nnplay.sweeps.changes import restarted, with_settings

__all__ = ["add_arguments", "run"]

DEFAULT_EPOCHS: Final = 100
_SAID: Final = ("all_frozen", "disconnected_outputs")
"""Hints about networks that cannot learn; others are for those who watch."""


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("--epochs", type=whole_number(0), default=DEFAULT_EPOCHS, metavar="N")
    parser.add_argument(
        "--seed", type=seed, metavar="N", help="of shuffling; with --fresh of everything"
    )
    anew = parser.add_mutually_exclusive_group()
    anew.add_argument(
        "--fresh", action="store_true", help="draw data, split and weights again and start over"
    )
    anew.add_argument(
        "--weights-seed",
        type=seed,
        metavar="N",
        help="start over with weights and shuffling of this seed; data and split stay",
    )
    parser.add_argument("--out", metavar="DOC", help="save the trained document here")
    parser.add_argument("--log", metavar="FILE.csv", help="write epoch,loss_train,loss_test")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    add_backend(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train, then save."""
    if arguments.out is not None and format_of(arguments.out).carries != "document":
        raise FormatError("A document is saved as .nnplay or .nnplay.json.", arguments.out)
    # Hours of work must not end at a folder that was never writable.
    for target in (arguments.out, arguments.log):
        if target is not None:
            check_writable(target)
    document = load(arguments.document)
    need_data(document, arguments.document)
    settings = given_settings(arguments)
    if arguments.fresh or arguments.weights_seed is not None:
        document = _anew(arguments, with_settings(document, settings))
    elif "dropout" in settings:
        document = with_settings(document, {"dropout": settings["dropout"]})
    settings.pop("dropout", None)
    if arguments.seed is not None and not arguments.fresh:
        settings["shuffle_seed"] = arguments.seed
    for hint in training_hints(document.network, document.training):
        if hint.key in _SAID:
            note(hint.sentence)
    progress = Progress(arguments.epochs)
    done = 0

    def on_epoch(record: EpochRecord) -> None:
        nonlocal done
        done += 1
        progress.show(done, f"loss {plain_number(record.loss_train)}")

    result = None
    start = time.perf_counter()
    try:
        make_ready(arguments.backend)
        start = time.perf_counter()
        result = train(
            document, arguments.epochs, on_epoch=on_epoch, backend=arguments.backend, **settings
        )
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


def _anew(arguments: argparse.Namespace, document: Document) -> Document:
    if arguments.fresh:
        return redrawn(document, arguments.seed)
    return restarted(document, arguments.weights_seed, "weights")


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
                "backend": trained.backend,
                "stopped": trained.stopped,
            }
        )
        return
    say(f"{epochs} epochs in {seconds:.2f} s ({trained.backend})")
    if trained.stopped is not None:
        say(trained.stopped)
    say(_line("training", result.loss_train, result.accuracy_train))
    if finite(result.loss_test) is not None:
        say(_line("test", result.loss_test, result.accuracy_test))
    if arguments.out is not None:
        say(f"saved as {arguments.out}")


def _line(part: str, loss: float, accuracy: float | None) -> str:
    right = "" if accuracy is None else f", {accuracy:.1%} right"
    return f"{part + ':':<10}loss {plain_number(loss)}{right}"
