"""Find a learning rate: train a copy with ever larger rates and watch the loss.

The document is not changed. The rate suggested is where the loss falls fastest.

  nnplay rates spiral.nnplay --out curve.csv
"""

from __future__ import annotations

import argparse
from typing import Final

from nnplay.cli.arguments import Parser, positive_number, whole_number
from nnplay.cli.console import Progress, complain, finite, print_json, say
from nnplay.cli.data import need_data
from nnplay.core.errors import TrainingError
from nnplay.core.plain_numbers import plain_number
from nnplay.core.rate_finder import RateCurve, find_rate
from nnplay.core.rate_probe import RateProbe
from nnplay.headless import trainer_of
from nnplay.library import load
from nnplay.storage import check_writable, write_file

__all__ = ["add_arguments", "run"]

LOWEST: Final = 1e-5
HIGHEST: Final = 10.0
STEPS: Final = 200


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument(
        "--lowest", type=positive_number, default=LOWEST, metavar="RATE", help="first rate"
    )
    parser.add_argument(
        "--highest", type=positive_number, default=HIGHEST, metavar="RATE", help="last rate"
    )
    parser.add_argument(
        "--steps",
        type=whole_number(2, 100_000),
        default=STEPS,
        metavar="N",
        help=f"batches at most, one rate each (default: {STEPS})",
    )
    parser.add_argument("--out", metavar="FILE.csv", help="write rate,loss,smoothed")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Search, then write and print."""
    if arguments.lowest >= arguments.highest:
        raise TrainingError(
            f"The highest rate ({plain_number(arguments.highest)}) must be above the lowest "
            f"({plain_number(arguments.lowest)})."
        )
    if arguments.out is not None:
        check_writable(arguments.out)
    document = load(arguments.document)
    need_data(document, arguments.document)
    progress = Progress(arguments.steps)
    done = 0

    def on_point(rate: float, _loss: float, smooth: float) -> None:
        nonlocal done
        done += 1
        progress.show(done, f"rate {plain_number(rate, 3)}, loss {plain_number(smooth, 4)}")

    curve = None
    try:
        curve = find_rate(
            lambda: RateProbe(trainer_of(document)),
            arguments.lowest,
            arguments.highest,
            arguments.steps,
            on_point=on_point,
        )
    except KeyboardInterrupt:
        pass
    finally:
        progress.clear()
    if curve is None:
        complain("interrupted; nothing was written.")
        return 1
    if arguments.out is not None:
        write_file(arguments.out, _csv(curve))
    if arguments.json:
        print_json(
            {
                "suggestion": finite(curve.suggestion),
                "diverged_at": finite(curve.diverged_at),
                "rates": curve.rates.tolist(),
                "losses": curve.losses.tolist(),
                "smoothed": curve.smoothed.tolist(),
            }
        )
        return 0
    say(curve.sentence)
    if arguments.out is not None:
        say(f"curve written to {arguments.out}")
    return 0


def _csv(curve: RateCurve) -> bytes:
    lines = ["rate,loss,smoothed"]
    columns = (curve.rates.tolist(), curve.losses.tolist(), curve.smoothed.tolist())
    lines += [",".join(repr(value) for value in row) for row in zip(*columns, strict=True)]
    return ("\n".join(lines) + "\n").encode()
