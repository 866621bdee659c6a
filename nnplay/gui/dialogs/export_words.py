"""What the export dialog says: what formats are for, how to use them, how an export went."""

from __future__ import annotations

import html
import json
import keyword
import shlex
from dataclasses import dataclass
from typing import Final

from nnplay.core.network import Network
from nnplay.formats.registry import FORMATS, GROUPS
from nnplay.formats.verification import ExportReport
from nnplay.gui.panels.words import count, plain_number

__all__ = ["CHOICES", "Choice", "outcome", "size_text", "use_of"]

SAMPLES: Final = 64


@dataclass(frozen=True)
class Choice:
    """One kind of file in the list.

    Attributes:
        name: of the format, or of the kind of picture.
        title: for people.
        suffix: of its files.
        group: one of :data:`nnplay.formats.registry.GROUPS`.
        purpose: what it is for, in a sentence.
        preview: what the preview shows: ``text``, ``tensors``, ``model``, ``contents``, ``picture``.
    """

    name: str
    title: str
    suffix: str
    group: str
    purpose: str
    preview: str

    @property
    def is_picture(self) -> bool:
        """Whether the picture room draws it."""
        return self.group == "figures"


_PURPOSES: Final = {
    "nnplay": "Everything in one small file: network, data, settings, curves. To go on in nnplay.",
    "json": "The same document as readable text, every digit kept. To compare versions.",
    "npz": "Weights and biases for NumPy; nnplay reads the whole network back from it.",
    "safetensors": "Weights and biases for PyTorch and others, with the network described inside.",
    "csv": "One row for each neuron and connection. For spreadsheets and your own scripts.",
    "onnx": "The whole computation for onnxruntime, web browsers, phones and other frameworks.",
    "pytorch": "A module with its weights, to use or to train further in PyTorch.",
    "python": "One function in one file; needs nothing but Python. To read, or to run anywhere.",
    "c": "One C99 header without memory from the heap. For microcontrollers and C programs.",
    "notebook": "Trains this network again with PyTorch, on the same data, step by step.",
    "script": "The same as a plain Python file, to scale up to larger data and machines.",
    "svg": "Lines for web pages and drawing programs; sharp in any size.",
    "pdf": "Lines for papers and slides; sharp in any size.",
    "png": "Pixels for slides and messages, twice as fine as the screen.",
    "tex": "A TikZ figure that LaTeX draws, in the type of your paper; edit it by hand.",
}
_PREVIEWS: Final = {
    "nnplay": "contents",
    "npz": "tensors",
    "safetensors": "tensors",
    "onnx": "model",
}
_FIGURES: Final = (
    ("svg", "SVG figure"),
    ("pdf", "PDF figure"),
    ("png", "PNG picture"),
    ("tex", "LaTeX figure (TikZ)"),
)

# Each is a whole program (or says where its lines belong), so that it runs as it is pasted.
_USES: Final = {
    "nnplay": "import nnplay\ndocument = nnplay.load({text})\nprint(document.network.topology)",
    "json": "import nnplay\ndocument = nnplay.load({text})\nprint(document.network.topology)",
    "npz": "import numpy as np\n"
    'arrays = np.load({text}, allow_pickle=False)\nprint(arrays["edges.weight"])',
    "safetensors": "from safetensors.torch import load_file\n"
    "tensors = load_file({text})\nprint({{name: t.shape for name, t in tensors.items()}})",
    "csv": "import pandas as pd\n"
    'table = pd.read_csv({text})\nprint(table[table["record"] == "edge"])',
    "onnx": "import numpy as np, onnxruntime as ort\n"
    "model = ort.InferenceSession({text})\n"
    'print(model.run(None, {{"x": np.zeros((1, {inputs}), np.{dtype})}})[0])',
    "pytorch": "import torch\n{load}\nprint(load()(torch.zeros(1, {inputs}, dtype=torch.{dtype})))",
    "python": "{predict}\nx = [0.0] * {inputs}\nprint(predict(x))",
    "c": '// gcc main.c -lm && ./a.out\n#include <stdio.h>\n#include "{file}"\n'
    "{real} x[{prefix}_INPUTS], y[{prefix}_OUTPUTS];\n"
    'int main(void) {{ {run}_run(x, y); printf("%g\\n", y[0]); return 0; }}',
    "notebook": "pip install torch jupyterlab\njupyter lab {shell}\n# Run ▸ Run All Cells",
    "script": "pip install torch\npython {shell}\n# or open it in an editor that knows # %% cells",
    "svg": '<figure>\n  <img src="{html}" alt="A neural network">\n</figure>',
    "pdf": "% in the preamble, and where the figure belongs:\n\\usepackage{{graphicx}}\n"
    "\\begin{{figure}}\\includegraphics[width=\\linewidth]{{{file}}}\\end{{figure}}",
    "png": '<figure>\n  <img src="{html}" alt="A neural network">\n</figure>',
    "tex": "pdflatex {shell}\n% or copy its tikzpicture into a paper whose preamble has\n"
    "\\usepackage{{tikz}}",
}


def _choices() -> tuple[Choice, ...]:
    rows = [
        Choice(
            row.name,
            row.title,
            row.suffixes[0],
            row.group,
            _PURPOSES.get(row.name, f"{row.title}."),
            _PREVIEWS.get(row.name, "text"),
        )
        for row in FORMATS.values()
        if row.can_write
    ]
    rows += [
        Choice(name, title, f".{name}", "figures", _PURPOSES[name], "picture")
        for name, title in _FIGURES
    ]
    order = list(GROUPS)
    return tuple(sorted(rows, key=lambda choice: order.index(choice.group)))


CHOICES: Final = {choice.name: choice for choice in _choices()}
"""All kinds of files in the order of the list, by name."""


def use_of(name: str, file: str, inputs: int, dtype: str | None, prefix: str = "nnplay") -> str:
    """A few lines of code that use an exported file, to be pasted and run beside it.

    Args:
        name: of the choice.
        file: name of the file.
        inputs: how many numbers go in.
        dtype: type of its numbers, where there is a choice.
        prefix: of names in C.
    """
    text = json.dumps(file, ensure_ascii=False)
    module = file.removesuffix(".py")

    def imported(what: str) -> str:
        if module.isidentifier() and not keyword.iskeyword(module):
            return f"from {module} import {what}"
        return f"import runpy; {what} = runpy.run_path({text})[{what!r}]".replace("'", '"')

    return _USES[name].format(
        file=file,
        text=text,
        shell=shlex.quote(file),
        html=html.escape(file),
        load=imported("load"),
        predict=imported("predict"),
        inputs=inputs,
        dtype=dtype or "float32",
        real="double" if dtype == "float64" else "float",
        prefix=prefix.upper(),
        run=prefix,
    )


def size_text(byte_count: int) -> str:
    """``812 bytes``, ``12.3 kB``, ``4.1 MB``."""
    if byte_count < 1000:
        return count(byte_count, "byte")
    if byte_count < 1_000_000:
        return f"{byte_count / 1000:,.1f} kB"
    return f"{byte_count / 1_000_000:,.1f} MB"


def outcome(report: ExportReport, network: Network) -> str:
    """How an export went, in words.

    Args:
        report: what the export says about itself.
        network: the network that was exported.
    """
    parameters = count(len(network.theta), "parameter")
    if FORMATS[report.format].carries == "document":
        return (
            f"Written and read back: the same document in every part, with {parameters} "
            "bit for bit the same."
        )
    deviation = report.output_deviation
    agreement = f"to {plain_number(deviation, 2)}" if deviation else "exactly"
    proof = report.proof
    if proof is not None:
        if not proof.judge:
            return f"Written. {proof.remark}"
        remark = f" {proof.remark}" if proof.remark else ""
        return (
            f"Written and run with {proof.judge}: {parameters}; outputs agree on {SAMPLES} "
            f"inputs {agreement}.{remark}"
        )
    if report.largest_deviation == 0:
        numbers = f"{parameters}, bit for bit the same"
    else:
        numbers = (
            f"{parameters}, rounded to 32 bits "
            f"(largest deviation {plain_number(report.largest_deviation, 2)})"
        )
    return (
        f"Written and read back: {numbers}; outputs agree on {SAMPLES} random inputs {agreement}."
    )
