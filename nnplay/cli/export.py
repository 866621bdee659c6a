"""Write the network for other programs; the file is read again and compared before this succeeds.

The ending of OUT chooses the format: .npz, .safetensors, .csv, .json or .nnplay.
"""

from __future__ import annotations

import argparse

from nnplay.cli.arguments import Parser, name_from
from nnplay.cli.console import print_json, say
from nnplay.formats.registry import FORMATS
from nnplay.library import export, load

__all__ = ["add_arguments", "run"]


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("out", metavar="OUT")
    parser.add_argument(
        "--format",
        type=name_from([name for name, row in FORMATS.items() if row.can_write], "format"),
        metavar="NAME",
        help=f"one of {', '.join(FORMATS)} (default: by the ending of OUT)",
    )
    parser.add_argument(
        "--dtype",
        type=name_from(["float64", "float32"], "number type"),
        metavar="NAME",
        help="float64 (default) or float32, for npz and safetensors",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Export and report."""
    report = export(
        load(arguments.document), arguments.out, arguments.format, dtype=arguments.dtype
    )
    if arguments.json:
        print_json(
            {
                "path": str(report.path),
                "format": report.format,
                "bytes": report.byte_count,
                "largest_deviation": report.largest_deviation,
                "output_deviation": report.output_deviation,
            }
        )
    else:
        say(str(report))
    return 0
