"""Write the network for other programs; the file is read again or run, and compared, before this
succeeds.

The ending of OUT chooses the format: .onnx, .npz, .safetensors, .csv, .h, .ipynb, .json, .nnplay,
or a picture: .svg, .pdf, .png, .tex. For .py say which one: --format python, pytorch or script.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from nnplay.cli.arguments import Parser, name_from, whole_number
from nnplay.cli.console import print_json, say
from nnplay.formats.errors import FormatError
from nnplay.formats.registry import FORMATS, format_of
from nnplay.library import export, load

__all__ = ["add_arguments", "run"]

FIGURES = ("svg", "pdf", "png", "tex")


def add_arguments(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("document", metavar="DOC")
    parser.add_argument("out", metavar="OUT")
    names = [name for name, row in FORMATS.items() if row.can_write]
    parser.add_argument(
        "--format",
        type=name_from(names, "format"),
        metavar="NAME",
        help=f"one of {', '.join(names)} (default: by the ending of OUT)",
    )
    number_type = name_from(["float64", "float32"], "number type")
    parser.add_argument(
        "--dtype", type=number_type, metavar="NAME", help="float64 or float32, where there is both"
    )
    parser.add_argument(
        "--float64",
        action="store_const",
        const="float64",
        dest="dtype",
        help="the same as --dtype float64",
    )
    parser.add_argument(
        "--no-preparation",
        action="store_true",
        help="models and code: take what the inputs receive instead of the raw columns of the data",
    )
    parser.add_argument("--opset", type=whole_number(1, 99), metavar="N", help="onnx: 13 to 21")
    parser.add_argument(
        "--batch",
        type=whole_number(1),
        metavar="N",
        help="onnx: samples a run (default: any number)",
    )
    parser.add_argument("--prefix", metavar="NAME", help="c: what all names begin with")
    parser.add_argument(
        "--weights",
        type=name_from(["inline", "beside"], "place for weights"),
        metavar="PLACE",
        help="pytorch: inline (default), or beside in a safetensors file of the same name",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Export and report."""
    suffix = Path(arguments.out).suffix.lower().lstrip(".")
    options = {
        "dtype": arguments.dtype,
        "include_preparation": False if arguments.no_preparation else None,
        "opset": arguments.opset,
        "batch": arguments.batch,
        "prefix": arguments.prefix,
        "weights": arguments.weights,
    }
    if arguments.format is None and suffix in FIGURES:
        given = [name for name, value in options.items() if value is not None]
        if given:
            raise FormatError(f"A picture has no option “{given[0].replace('_', ' ')}”.")
        return _draw(arguments)
    if arguments.format is None:
        format_of(Path(arguments.out).name, "write", [f".{name}" for name in FIGURES])
    report = export(load(arguments.document), arguments.out, arguments.format, **options)
    if arguments.json:
        print_json(
            {
                "path": str(report.path),
                "format": report.format,
                "bytes": report.byte_count,
                "largest_deviation": report.largest_deviation,
                "output_deviation": report.output_deviation,
                "run_with": report.proof.judge or None if report.proof else None,
            }
        )
    else:
        say(str(report))
    return 0


def _draw(arguments: argparse.Namespace) -> int:
    """Pictures are what ``nnplay render`` draws."""
    from nnplay.cli import render

    parser = Parser("nnplay render", render.__doc__)
    render.add_arguments(parser)
    return render.run(parser.parse_args([arguments.document, arguments.out]))
