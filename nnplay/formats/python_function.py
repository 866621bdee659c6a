"""Networks as one Python function: a file that needs nothing but Python's own ``math``.

Small networks are written out neuron by neuron; large ones as tables of numbers and a loop.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from nnplay.core.activation_functions import (
    GELU_CUBIC,
    GELU_SLOPE,
    LEAK,
    SELU_ALPHA,
    SELU_SCALE,
    SOFTPLUS_LINEAR_ABOVE,
)
from nnplay.core.targets import class_codes
from nnplay.data.features import Expression
from nnplay.document import Document
from nnplay.formats.code_text import (
    as_python_floats,
    input_sentences,
    one_line,
    output_sentences,
    python_literal,
    safe_in_docstring,
    wrapped_numbers,
)
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import Group, InputStage, Plan, plan_of
from nnplay.formats.proving import deviation_of, includes_preparation, trial_of
from nnplay.formats.verification import Proof

if TYPE_CHECKING:
    import threading

__all__ = ["prove", "python_expression", "to_bytes"]

WRITTEN_OUT: Final = 400
"""Up to so many connections every neuron gets its own line."""
TOLERANCE: Final = 1e-12
ROOT_HALF: Final = repr(0.5**0.5)

# What each activation is in Python, of a local name z, and the helpers that it needs.
_ACTIVATIONS: Final[dict[str, str]] = {
    "linear": "z",
    "relu": "max(z, 0.0)",
    "leaky_relu": f"z if z > 0.0 else {LEAK!r} * z",
    "elu": "z if z > 0.0 else math.expm1(z)",
    "selu": f"{SELU_SCALE!r} * (z if z > 0.0 else {SELU_ALPHA!r} * math.expm1(z))",
    "gelu": f"0.5 * z * math.erfc(-{ROOT_HALF} * z)",
    "gelu_tanh": f"z / (1.0 + _exp(-{GELU_SLOPE!r} * (z + {GELU_CUBIC!r} * z * z * z)))",
    "silu": "z / (1.0 + _exp(-z))",
    "mish": "z * _mish_gate(_exp(min(z, 30.0)))",
    "sigmoid": "1.0 / (1.0 + _exp(-z))",
    "hard_sigmoid": "min(max(z + 3.0, 0.0), 6.0) / 6.0",
    "tanh": "math.tanh(z)",
    "hard_tanh": "min(max(z, -1.0), 1.0)",
    "softplus": f"z if z > {SOFTPLUS_LINEAR_ABOVE!r} else math.log1p(_exp(z))",
    "softsign": "z / (1.0 + abs(z))",
    "sin": "_sin(z)",
    "cos": "_cos(z)",
    "gaussian": "_exp(-z * z)",
    "abs": "abs(z)",
    "square": "z * z",
    "step": "1.0 if z > 0.0 else 0.0",
}

# Python's functions raise errors where arithmetic has an infinite value, or none.
_HELPERS: Final[dict[str, str]] = {
    "_exp": """\
def _exp(z):
    return math.exp(z) if not z > 709.0 else _INFINITY
""",
    "_sin": """\
def _sin(z):
    return math.sin(z) if abs(z) < _INFINITY else _NAN
""",
    "_cos": """\
def _cos(z):
    return math.cos(z) if abs(z) < _INFINITY else _NAN
""",
    "_tan": """\
def _tan(z):
    return math.tan(z) if abs(z) < _INFINITY else _NAN
""",
    "_log": """\
def _log(z):
    return math.log(z) if z > 0.0 else (-_INFINITY if z == 0.0 else _NAN)
""",
    "_sqrt": """\
def _sqrt(z):
    return math.sqrt(z) if z >= 0.0 else _NAN
""",
    "_sign": """\
def _sign(z):
    return float((z > 0.0) - (z < 0.0))
""",
    "_divide": """\
def _divide(a, b):
    if b == 0.0:
        return math.copysign(_INFINITY, a) * math.copysign(1.0, b) if a else _NAN
    return a / b
""",
    "_power": """\
def _power(a, b):
    try:
        return math.pow(a, b)
    except ValueError:
        return _INFINITY if a == 0.0 else _NAN
    except OverflowError:
        return -_INFINITY if a < 0.0 and b % 2.0 == 1.0 else _INFINITY
""",
    "_mish_gate": """\
def _mish_gate(w):
    n = w * (w + 2.0)
    return n / (n + 2.0)
""",
    "_softmax": """\
def _softmax(z):
    top = max(z)
    powers = [math.exp(value - top) for value in z]
    total = math.fsum(powers)
    return [power / total for power in powers]
""",
    "_category": """\
def _category(value, words):
    return words.index(value) if isinstance(value, str) else value
""",
    "_weighted": """\
def _weighted(layer, values):
    sources, rows, biases = layer
    read = [values[place] for place in sources]
    return [
        bias + sum(weight * value for weight, value in zip(row, read))
        for row, bias in zip(rows, biases)
    ]
""",
    "_weighted_sparse": """\
def _weighted_sparse(layer, values):
    sources, rows, biases = layer
    return [
        bias + sum(weight * values[sources[place]] for place, weight in row)
        for row, bias in zip(rows, biases)
    ]
""",
}

_CALLED: Final = (
    {"sin": "_sin", "cos": "_cos", "tan": "_tan", "tanh": "math.tanh"}
    | {name: f"_{name}" for name in ("exp", "log", "sqrt", "sign")}
    | {"abs": "abs", "min": "min", "max": "max", "/": "_divide", "^": "_power"}
)


def python_expression(tree: Expression, columns: dict[str, str]) -> str:
    """A formula as Python; ``columns`` says how each column is written."""
    if tree.kind == "number":
        return repr(tree.number)
    if tree.kind == "column":
        return columns[tree.column]
    parts = [python_expression(part, columns) for part in tree.parts]
    if tree.kind == "negative":
        return f"(-{parts[0]})"
    if tree.kind in ("+", "-", "*"):
        return f"({parts[0]} {tree.kind} {parts[1]})"
    return f"{_CALLED[tree.kind]}({', '.join(parts)})"


def to_bytes(document: Document, include_preparation: bool | None = None) -> bytes:
    """The network as a Python module with ``predict(x)``.

    Args:
        document: its network and the preparation of its data.
        include_preparation: whether ``predict`` takes raw columns and gives units of the target;
            None means where there is a preparation that does anything.

    Raises:
        FormatError: no inputs or outputs, or the preparation cannot go along.
    """
    plan = plan_of(document)
    with_preparation = includes_preparation(plan, include_preparation)
    return _Writer(plan, with_preparation, document.training.loss).text(document.title).encode()


class _Writer:
    """A module in the making."""

    def __init__(self, plan: Plan, with_preparation: bool, loss: str) -> None:
        self.plan = plan
        self.loss = loss
        self.with_preparation = with_preparation
        self.stage = plan.input_stage if with_preparation else None
        self.tables: list[str] = []
        self.body: list[str] = []
        count = plan.network.topology.neuron_count
        self.place = np.full(count, -1, dtype=np.int64)
        self.filled = 0
        self.is_written_out = sum(g.weights.size for g in plan.groups) <= WRITTEN_OUT

    def text(self, title: str) -> str:
        plan = self.plan
        self._inputs()
        for number, group in enumerate(plan.groups, 1):
            write = self._lines_of if self.is_written_out else self._table_of
            write(group, number)
        self._outputs()
        functions = ["def predict(x):", *self._docstring(), *self.body]
        functions += self._classify()
        code = "\n".join([*self.tables, "", "", *functions, ""])
        needed = self._needed(code)
        head = [
            '"""' + safe_in_docstring(one_line(title) or "A network"),
            "",
            "A neural network made with nnplay. It needs nothing but Python's standard library.",
            '"""',
            "",
            "import math",
            "",
        ]
        together = "".join(f"\n\n{_HELPERS[name]}" for name in needed)
        between = "\n\n" if together or not self.tables else ""
        text = "\n".join(head) + together + between + code.lstrip("\n")
        constants = [
            f"{name} = float({value!r})"
            for name, value in (("_INFINITY", "inf"), ("_NAN", "nan"))
            if name in text
        ]
        if constants:
            text = text.replace("import math\n", "import math\n\n" + "\n".join(constants) + "\n", 1)
        if "math." not in text:
            text = text.replace("import math\n\n", "", 1)
        return text

    def _needed(self, code: str) -> list[str]:
        needed: list[str] = []
        for name, body in _HELPERS.items():
            if f"{name}(" in code:
                needed.append(name)
                code += body if name != "_category" else ""
        return [name for name in _HELPERS if name in needed]

    # ------------------------------------------------------------------ documentation
    def _docstring(self) -> list[str]:
        plan = self.plan
        inputs = input_sentences(plan, self.stage)
        outputs = output_sentences(plan, self.with_preparation)
        lines = ["The outputs of the network for one sample.", "", "Args:"]
        lines += [f"    x: {len(inputs)} numbers:"]
        lines += [f"        x[{i}]: {text}" for i, text in enumerate(inputs)]
        if self.stage is None and plan.has_preparation:
            lines += ["    They must be prepared (scaled) as the network's data were."]
        if self.stage is not None and any(self.stage.raw_categories):
            lines += ["    Instead of a number that stands for a word, the word may be given."]
        lines += ["", "Returns:", f"    A list of {len(outputs)} numbers:"]
        lines += [f"        {i}: {text}" for i, text in enumerate(outputs)]
        quoted = ['"""' + safe_in_docstring(lines[0]), *map(safe_in_docstring, lines[1:]), '"""']
        return [f"    {line}" if line else "" for line in quoted]

    # ------------------------------------------------------------------ inputs
    def _name(self, row: int) -> str:
        return f"v{self.place[row]}" if self.is_written_out else f"v[{self.place[row]}]"

    def _inputs(self) -> None:
        plan, stage = self.plan, self.stage
        width = plan.input_rows.size if stage is None else len(stage.raw_names)
        self.body += [
            f"    if len(x) != {width}:",
            f'        raise ValueError(f"{{len(x)}} values were given, but {width} are needed.")',
        ]
        self.place[plan.input_rows] = np.arange(plan.input_rows.size)
        self.filled = plan.input_rows.size
        if stage is None:
            values = [f"float(x[{i}])" for i in range(width)]
        else:
            values = self._prepared(stage)
        if self.is_written_out:
            names = plan.names_of(plan.input_rows)
            self.body += [
                f"    v{i} = {value}  # {one_line(name)}"
                for i, (value, name) in enumerate(zip(values, names, strict=True))
            ]
        elif stage is None:
            self.body.append("    v = [float(value) for value in x]")
        else:
            self.body += ["    v = [", *(f"        {value}," for value in values), "    ]"]

    def _prepared(self, stage: InputStage) -> list[str]:
        columns = {name: f"r{i}" for i, name in enumerate(stage.raw_names)}
        for i, words in enumerate(stage.raw_categories):
            if words is None:
                self.body.append(f"    r{i} = float(x[{i}])")
            else:
                self.tables.append(f"_WORDS_{i} = {python_literal(words)}")
                self.body.append(f"    r{i} = _category(x[{i}], _WORDS_{i})")
        values = []
        for planned, mean, deviation in zip(
            stage.inputs, stage.means.tolist(), stage.deviations.tolist(), strict=True
        ):
            if planned.formula is not None:
                value = python_expression(planned.formula.expression, columns)
            elif planned.category >= 0:
                value = f"float(r{planned.column} == {planned.category})"
            else:
                value = f"r{planned.column}"
            if mean != 0.0 or deviation != 1.0:
                value = f"({value} - {mean!r}) / {deviation!r}"
            values.append(value)
        return values

    # ------------------------------------------------------------------ groups
    def _take_places(self, group: Group) -> int:
        first = self.filled
        self.place[group.rows] = np.arange(first, first + group.rows.size)
        self.filled += group.rows.size
        return first

    def _lines_of(self, group: Group, number: int) -> None:
        """Each neuron on a line of its own."""
        first = self._take_places(group)
        names = self.plan.names_of(group.rows)
        weights, bias = group.weights.tolist(), group.bias.tolist()
        sources = [self._name(row) for row in group.source_rows[group.sources].tolist()]
        bounds = np.searchsorted(group.targets, np.arange(group.rows.size + 1)).tolist()
        sums = []
        for i in range(group.rows.size):
            sum_ = repr(bias[i])
            for k in range(bounds[i], bounds[i + 1]):
                sign = "-" if weights[k] < 0 else "+"
                sum_ += f" {sign} {abs(weights[k])!r} * {sources[k]}"
            sums.append(sum_)
        if group.activation == "softmax":
            targets = ", ".join(f"v{first + i}" for i in range(group.rows.size))
            self.body += [
                f"    {targets}{',' if group.rows.size == 1 else ''} = _softmax([",
                *(f"        {sum_}," for sum_ in sums),
                "    ])",
            ]
            return
        form = _ACTIVATIONS[group.activation]
        for i, sum_ in enumerate(sums):
            mark = f"  # {one_line(names[i])}"
            if form == "z":
                self.body.append(f"    v{first + i} = {sum_}{mark}")
            else:
                self.body += [f"    z = {sum_}", f"    v{first + i} = {form}{mark}"]

    def _table_of(self, group: Group, number: int) -> None:
        """The neurons of a group in a loop over a table of numbers."""
        places = self.place[group.source_rows].tolist()
        self._take_places(group)
        name = f"_LAYER_{number}"
        indent = " " * 8
        rows = []
        if group.is_sparse:
            bounds = np.searchsorted(group.targets, np.arange(group.rows.size + 1)).tolist()
            sources, weights = group.sources.tolist(), as_python_floats(group.weights)
            for i in range(group.rows.size):
                pairs = [f"({sources[k]}, {weights[k]})" for k in range(bounds[i], bounds[i + 1])]
                rows.append(pairs)
        else:
            rows = [as_python_floats(row) for row in group.matrix]
        text = [f"{name} = (", f"    ({', '.join(map(str, places))}{',' * (len(places) == 1)}),"]
        text.append("    (")
        for row in rows:
            body = wrapped_numbers(row, indent + "    ")
            text.append(f"{indent}(\n{body},\n{indent})," if row else f"{indent}(),")
        text.append("    ),")
        text += [
            "    (",
            wrapped_numbers(as_python_floats(group.bias), indent) + ",",
            "    ),",
            ")",
        ]
        self.tables.append("\n".join(text))
        kind = "_weighted_sparse" if group.is_sparse else "_weighted"
        call = f"{kind}({name}, v)"
        if group.activation == "softmax":
            self.body.append(f"    v += _softmax({call})")
        elif group.activation == "linear":
            self.body.append(f"    v += {call}")
        else:
            self.body.append(f"    v += [{_ACTIVATIONS[group.activation]} for z in {call}]")

    # ------------------------------------------------------------------ outputs
    def _outputs(self) -> None:
        plan = self.plan
        values = [
            self._name(row) if enabled else "0.0"
            for row, enabled in zip(
                plan.output_rows.tolist(), plan.output_enabled.tolist(), strict=True
            )
        ]
        after = plan.output_stage
        if self.with_preparation and after is not None and not after.is_trivial:
            values = [f"{value} * {after.deviation!r} + {after.mean!r}" for value in values]
        if len(values) <= 8:
            self.body.append(f"    return [{', '.join(values)}]")
        else:
            self.body += ["    return [", *(f"        {value}," for value in values), "    ]"]

    def _classify(self) -> list[str]:
        """For classes, a second function that names the most probable one."""
        after = self.plan.output_stage
        if after is None or after.classes is None:
            return []
        names = after.classes if len(after.names) == 1 else after.names
        lines = ["", "", f"CLASSES = {python_literal(tuple(names))}", "", ""]
        lines += [
            "def classify(x):",
            '    """The name of the class that the network decides for."""',
        ]
        off, on = class_codes(self.plan.network.output_activations, self.loss)
        if len(after.names) == 1:
            return [*lines, f"    return CLASSES[predict(x)[0] > {float(off[0] + on[0]) / 2!r}]"]
        values = "predict(x)"
        if len(set(off.tolist())) > 1:  # each on its own scale from "not this" to "this"
            values = f"[(a - b) / (1.0 - b) for a, b in zip(predict(x), {off.tolist()})]"
        return [
            *lines,
            f"    outputs = {values}",
            "    return CLASSES[outputs.index(max(outputs))]",
        ]


_RUNNER: Final = """\
import json, sys
code, rows = json.load(sys.stdin)
names = {"__name__": "exported"}
exec(compile(code, "exported.py", "exec"), names)
json.dump([names["predict"](row) for row in rows], sys.stdout)
"""


def prove(
    document: Document,
    data: bytes,
    *,
    stop: threading.Event | None = None,
    include_preparation: bool | None = None,
) -> Proof:
    """Run an exported function in a process of its own and compare its outputs.

    Raises:
        FormatError: it does not run, or gives other outputs.
    """
    from nnplay.formats.running import isolated_python, run

    plan = plan_of(document)
    trial = trial_of(plan, includes_preparation(plan, include_preparation))
    wish = json.dumps([data.decode(), trial.inputs.tolist()]).encode()
    done = run(isolated_python(_RUNNER), wish, stop=stop)
    if done.returncode:
        raise FormatError(
            "The exported Python function does not run here "
            f"({done.stderr.decode(errors='replace').strip().splitlines()[-1:]}). "
            "Nothing was written; please report this."
        )
    found = np.array(json.loads(done.stdout), dtype=np.float64)
    import platform

    judge = f"Python {platform.python_version()}"
    return Proof(judge, deviation_of(trial, found, TOLERANCE, judge))
