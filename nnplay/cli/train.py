"""Train a document, going on from where it stands.

Without --out nothing is written. The same document trained twice gives the same numbers, the same
log and the same document, byte for byte.

  nnplay train spiral.nnplay --epochs 500 --lr 1/10 --out trained.nnplay --log losses.csv
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any, Final

from nnplay.cli.arguments import Parser, name_from, number, positive_number, seed, whole_number
from nnplay.cli.console import Progress, complain, finite, print_json, say
from nnplay.core.config import TrainingState
from nnplay.core.history import HISTORY_LIMIT, EpochRecord, History
from nnplay.core.initializers import draw_parameters
from nnplay.core.losses import LOSSES
from nnplay.core.optimizers import OPTIMIZERS
from nnplay.core.training import Diverged, Evaluation, Trainer
from nnplay.data.preparation import prepare
from nnplay.document import Document
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import format_of
from nnplay.library import load, save
from nnplay.storage import write_file

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
    document = load(arguments.document)
    if arguments.fresh:
        document = _fresh(document, arguments.seed)
    config = replace(document.training, **_changes(arguments))
    data = prepare(document.data, document.preparation, document.seed)
    train, test = data.train_and_test(document.network)
    trainer = Trainer(
        document.network, train, test, document.training, document.seed, document.state
    )
    if config != document.training:
        trainer.set_config(config)
    before = trainer.evaluate()
    records = [EpochRecord(trainer.epoch, before.loss_train, before.loss_test)]
    progress = Progress(arguments.epochs)

    def on_epoch(record: EpochRecord) -> None:
        records.append(record)
        progress.show(len(records) - 1, f"loss {record.loss_train:.6g}")

    start = time.perf_counter()
    try:
        outcome = trainer.run(arguments.epochs, on_epoch)
    finally:
        progress.clear()
    seconds = time.perf_counter() - start
    if arguments.log is not None:
        write_file(arguments.log, _log(records))
    if isinstance(outcome, Diverged):
        complain(
            f"{outcome.sentence} Nothing was saved."
            if arguments.out is not None
            else outcome.sentence
        )
        return 1
    if arguments.out is not None:
        rows = records if not len(document.history) else records[1:]
        trained = replace(
            document,
            network=trainer.network,
            training=config,
            state=trainer.state,
            history=document.history.append_many(rows).decimated(HISTORY_LIMIT),
        )
        save(trained, arguments.out)
    _report(arguments, len(records) - 1, trainer.evaluate(), seconds)
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


def _fresh(document: Document, new_seed: int | None) -> Document:
    """The document before any training, with everything random drawn from a seed."""
    chosen = document.seed if new_seed is None else new_seed
    theta = draw_parameters(document.network, document.training.initializer, chosen, 0)
    network = document.network.with_theta(theta)
    return replace(
        document,
        network=network,
        initial=network.theta,
        training=replace(document.training, shuffle_seed=None),
        seed=chosen,
        draw=0,
        state=TrainingState(),
        history=History(),
    )


def _log(records: list[EpochRecord]) -> bytes:
    lines = ["epoch,loss_train,loss_test"]
    for record in records:
        test = finite(record.loss_test)
        lines.append(f"{record.epoch},{record.loss_train!r},{'' if test is None else repr(test)}")
    return ("\n".join(lines) + "\n").encode()


def _report(arguments: argparse.Namespace, epochs: int, result: Evaluation, seconds: float) -> None:
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
