"""Networks as PyTorch modules: ``nn.Sequential`` for plain layers, else one step for each group."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activation_functions import LEAK
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

__all__ = ["class_lines", "prove", "state_of", "to_bytes", "weight_lines"]

FloatArray = npt.NDArray[np.float64]

TOLERANCES: Final = {"float32": 1e-6, "float64": 1e-12}
WEIGHTS: Final = ("inline", "beside")

_MODULES: Final[dict[str, str]] = {
    "relu": "nn.ReLU()",
    "leaky_relu": f"nn.LeakyReLU({LEAK!r})",
    "elu": "nn.ELU()",
    "selu": "nn.SELU()",
    "gelu": "nn.GELU()",
    "gelu_tanh": 'nn.GELU(approximate="tanh")',
    "silu": "nn.SiLU()",
    "mish": "nn.Mish()",
    "sigmoid": "nn.Sigmoid()",
    "hard_sigmoid": "nn.Hardsigmoid()",
    "tanh": "nn.Tanh()",
    "hard_tanh": "nn.Hardtanh()",
    "softplus": "nn.Softplus()",
    "softsign": "nn.Softsign()",
    "softmax": "nn.Softmax(dim=1)",
    "sin": "Elementwise(torch.sin)",
    "cos": "Elementwise(torch.cos)",
    "gaussian": "Elementwise(lambda z: torch.exp(-z * z))",
    "abs": "Elementwise(torch.abs)",
    "square": "Elementwise(torch.square)",
    "step": "Elementwise(lambda z: (z > 0).to(z.dtype))",
}

_CLASSES: Final = {
    "Elementwise(": '''\
class Elementwise(nn.Module):
    """Any function of single numbers."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, z):
        return self.function(z)
''',
    "Masked(": '''\
class Masked(nn.Linear):
    """A layer in which connections are missing: where the mask has a 0, there is none."""

    def __init__(self, rows):
        mask = torch.tensor([[float(mark) for mark in row] for row in rows])
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x):
        return nn.functional.linear(x, self.weight * self.mask, self.bias)
''',
    "Sparse(": '''\
class Sparse(nn.Module):
    """A layer of few connections, each from a source to a target."""

    def __init__(self, sources, targets, out_features):
        super().__init__()
        self.register_buffer("sources", torch.tensor(sources), persistent=False)
        self.register_buffer("targets", torch.tensor(targets), persistent=False)
        self.weight = nn.Parameter(torch.zeros(len(sources)))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        z = self.bias.expand(len(x), -1)
        return z.index_add(1, self.targets, x[:, self.sources] * self.weight)
''',
    "Dropout([": '''\
class Dropout(nn.Module):
    """Silences each neuron in training with a probability of its own."""

    def __init__(self, shares):
        super().__init__()
        self.register_buffer("keep", 1 - torch.tensor(shares), persistent=False)

    def forward(self, a):
        if not self.training:
            return a
        return a * (torch.rand_like(a) < self.keep) / self.keep
''',
    "Constant(": '''\
class Constant(nn.Module):
    """Neurons that nothing feeds: they give their biases."""

    def __init__(self, out_features):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return self.bias.expand(len(x), -1)
''',
}

_MAKING: Final = (
    "    usual = torch.get_default_dtype()",
    "    torch.set_default_dtype(dtype)  # so that no digit is lost on the way",
    "    try:",
    "        network = Network()",
    "    finally:",
    "        torch.set_default_dtype(usual)",
)

_CALLED: Final = {"min": "minimum", "max": "maximum", "^": "pow"}


def to_bytes(
    document: Document,
    dtype: str = "float32",
    include_preparation: bool | None = None,
    weights: str = "inline",
) -> bytes:
    """The network as a Python file with ``class Network(nn.Module)`` and ``load()``.

    Args:
        document: its network and the preparation of its data.
        dtype: type of the parameters; the file holds every digit that it has.
        include_preparation: whether it takes raw columns and gives units of the target; None means
            where there is a preparation that does anything.
        weights: ``inline``, or ``beside`` for a safetensors file of the same name beside it.

    Raises:
        FormatError: no inputs or outputs, or an option is out of range.
    """
    if weights not in WEIGHTS:
        raise FormatError("Weights stand inline or in a safetensors file beside.")
    plan = plan_of(document)
    with_preparation = includes_preparation(plan, include_preparation)
    writer = _Writer(plan, with_preparation)
    title = one_line(document.title) or "A network"
    lines = [
        '"""' + safe_in_docstring(title),
        "",
        "A neural network made with nnplay, for PyTorch. ``load()`` gives it with its weights.",
        "",
        "Inputs, one row for each sample:",
        *(
            f"    {i}: {safe_in_docstring(text)}"
            for i, text in enumerate(input_sentences(plan, writer.stage))
        ),
        "Outputs:",
        *(
            f"    {i}: {safe_in_docstring(text)}"
            for i, text in enumerate(output_sentences(plan, with_preparation))
        ),
        '"""',
        "",
        *(["from pathlib import Path", ""] if weights == "beside" else []),
        "import torch",
        "from torch import nn",
        "",
        *writer.class_lines(),
        "",
        "",
    ]
    if plan.output_stage is not None and plan.output_stage.classes is not None:
        lines += [f"CLASSES = {python_literal(plan.output_stage.classes)}", "", ""]
    if weights == "inline":
        lines += writer.weight_lines(dtype)
    else:
        lines += writer.loading_lines(dtype)
    return "\n".join([*lines, ""]).encode()


def class_lines(plan: Plan, with_preparation: bool, *, with_dropout: bool = False) -> list[str]:
    """Only the class ``Network`` and what it needs; with dropout, for training."""
    return _Writer(plan, with_preparation, with_dropout).class_lines()


def weight_lines(plan: Plan, dtype: str, *, with_dropout: bool = False) -> list[str]:
    """``WEIGHTS`` and ``load()`` for that class."""
    return _Writer(plan, False, with_dropout).weight_lines(dtype)


def state_of(plan: Plan, *, with_dropout: bool = False) -> dict[str, FloatArray]:
    """The parameters of that class by name."""
    return _Writer(plan, False, with_dropout).state()


class _Writer:
    """A module in the making."""

    def __init__(self, plan: Plan, with_preparation: bool, with_dropout: bool = False) -> None:
        self.plan = plan
        drops = with_dropout and plan.network.dropout.any()
        self.dropout = plan.network.dropout if drops else None
        self.with_preparation = with_preparation
        self.stage = plan.input_stage if with_preparation else None
        self.is_plain = self._is_plain()
        # For the state dictionary: its names, and how each layer's numbers are laid out.
        self.layers: list[tuple[str, Group]] = []
        for number, group in enumerate(plan.groups):
            self.layers.append(("" if self.is_plain else f"group{number + 1}", group))
        if self.is_plain:
            place, named = 0, []
            for _, group in self.layers:
                named.append((f"layers.{place}", group))
                place += 1 if group.activation == "linear" else 2
            self.layers = named

    def _is_plain(self) -> bool:
        """Whether every layer reads all of the layer before it and nothing else."""
        plan, before = self.plan, self.plan.input_rows
        if self.dropout is not None:
            return False
        for group in plan.groups:
            if not np.array_equal(group.source_rows, before):
                return False
            if group.weights.size != group.rows.size * before.size or not before.size:
                return False
            before = group.rows
        return bool(
            plan.groups and np.array_equal(before, plan.output_rows) and plan.output_enabled.all()
        )

    # ------------------------------------------------------------------ the class
    def class_lines(self) -> list[str]:
        """Classes, with two lines between them."""
        prepare, buffers = self._prepare()
        init = ["    def __init__(self):", "        super().__init__()", *buffers]
        if self.is_plain:
            init += ["        self.layers = nn.Sequential("]
            for _, group in self.layers:
                init.append(f"            nn.Linear({group.source_rows.size}, {group.rows.size}),")
                if group.activation != "linear":
                    init.append(f"            {_MODULES[group.activation]},")
            init.append("        )")
            forward: list[str] = []
            result = "self.layers(x)"
        else:
            init += self._block_lines()
            forward, result = self._forward_lines()
        forward = [
            "    def forward(self, x):",
            *(["        x = self.prepare(x)"] if prepare else []),
            *forward,
        ]
        after = self.plan.output_stage
        if self.with_preparation and after is not None and not after.is_trivial:
            result = f"{result} * {after.deviation!r} + {after.mean!r}"
        forward.append(f"        return {result}")
        network = [
            "class Network(nn.Module):",
            f'    """{"Raw columns" if self.stage is not None else "Inputs"} [samples, '
            f'{self._width}] to outputs [samples, {self.plan.output_rows.size}]."""',
            "",
            *init,
            "",
            *([*prepare, ""] if prepare else []),
            *forward,
        ]
        text = "\n".join(network)
        helpers = [body for mark, body in _CLASSES.items() if mark in text]
        return "\n\n".join(["", *helpers, text]).split("\n")

    @property
    def _width(self) -> int:
        return self.plan.input_rows.size if self.stage is None else len(self.stage.raw_names)

    def _block_lines(self) -> list[str]:
        lines = []
        for name, group in self.layers:
            out, width = group.rows.size, group.source_rows.size
            if not width:
                layer = f"Constant({out})"
            elif group.is_sparse:
                layer = f"Sparse({group.sources.tolist()}, {group.targets.tolist()}, {out})"
            elif group.weights.size == out * width:
                layer = f"nn.Linear({width}, {out})"
            else:
                exists = np.zeros((out, width), dtype=np.int64)
                exists[group.targets, group.sources] = 1
                rows = ["".join(map(str, row)) for row in exists.tolist()]
                layer = f"Masked({rows})"
            names = ", ".join(one_line(n) for n in self.plan.names_of(group.rows[:6]))
            lines.append(f"        self.{name} = {layer}  # {names}{' …' if out > 6 else ''}")
            if group.activation != "linear":
                lines.append(f"        self.{name}_activation = {_MODULES[group.activation]}")
            if self.dropout is not None and self.dropout[group.rows].any():
                shares = self.dropout[group.rows].tolist()
                lines.append(f"        self.{name}_dropout = Dropout({shares})")
        return lines

    def _forward_lines(self) -> tuple[list[str], str]:
        count = self.plan.network.topology.neuron_count
        holder = np.full(count, -1, dtype=np.int64)
        column = np.zeros(count, dtype=np.int64)
        sizes = {0: self.plan.input_rows.size}
        holder[self.plan.input_rows] = 0
        column[self.plan.input_rows] = np.arange(sizes[0])

        def block(rows: npt.NDArray[np.int64]) -> str:
            parts = []
            if not rows.size:
                return "x"
            bounds = np.flatnonzero(np.diff(holder[rows])) + 1
            for part in np.split(rows, bounds):
                number, columns = int(holder[part[0]]), column[part]
                name = "x" if number == 0 else f"v{number}"
                first, last = int(columns[0]), int(columns[-1]) + 1
                if np.array_equal(columns, np.arange(first, last)):
                    whole = last - first == sizes[number]
                    parts.append(name if whole else f"{name}[:, {first}:{last}]")
                else:
                    parts.append(f"{name}[:, {columns.tolist()}]")
            return parts[0] if len(parts) == 1 else f"torch.cat([{', '.join(parts)}], dim=1)"

        lines = []
        for number, (name, group) in enumerate(self.layers, 1):
            value = f"self.{name}({block(group.source_rows)})"
            if group.activation != "linear":
                value = f"self.{name}_activation({value})"
            if self.dropout is not None and self.dropout[group.rows].any():
                value = f"self.{name}_dropout({value})"
            lines.append(f"        v{number} = {value}")
            holder[group.rows], column[group.rows] = number, np.arange(group.rows.size)
            sizes[number] = group.rows.size
        plan = self.plan
        if plan.output_enabled.all():
            return lines, block(plan.output_rows)
        parts = [
            block(plan.output_rows[i : i + 1]) if enabled else "torch.zeros_like(x[:, :1])"
            for i, enabled in enumerate(plan.output_enabled.tolist())
        ]
        return lines, f"torch.cat([{', '.join(parts)}], dim=1)"

    # ------------------------------------------------------------------ preparation
    def _prepare(self) -> tuple[list[str], list[str]]:
        stage = self.stage
        if stage is None or (stage.is_trivial and self._in_order(stage)):
            return [], []
        lines = ["    def prepare(self, x):"]
        if not (
            self._in_order(stage)
            and all(p.formula is None and p.category < 0 for p in stage.inputs)
        ):
            columns = {name: f"x[:, {i}]" for i, name in enumerate(stage.raw_names)}
            parts = []
            for planned in stage.inputs:
                if planned.formula is not None:
                    value = _expression(planned.formula.expression, columns)
                    value = f"torch.broadcast_to({value}, x.shape[:1])"
                elif planned.category >= 0:
                    value = f"(x[:, {planned.column}] == {planned.category}).to(x.dtype)"
                else:
                    value = f"x[:, {planned.column}]"
                parts.append(f"                {value},  # {one_line(planned.key)}")
            lines += ["        x = torch.stack(", "            [", *parts, "            ],"]
            lines += ["            dim=1,", "        )"]
        buffers = []
        if stage.is_scaled:
            for name, values in (("mean", stage.means), ("deviation", stage.deviations)):
                numbers = wrapped_numbers(as_python_floats(values), " " * 16)
                buffers += [
                    "        self.register_buffer(",
                    f'            "{name}",',
                    f"            torch.tensor([\n{numbers},\n            ]),",
                    "            persistent=False,",
                    "        )",
                ]
            lines.append("        return (x - self.mean) / self.deviation")
        else:
            lines.append("        return x")
        return lines, buffers

    def _in_order(self, stage: InputStage) -> bool:
        columns = [planned.column for planned in stage.inputs]
        return columns == list(range(len(stage.raw_names)))

    # ------------------------------------------------------------------ weights
    def state(self) -> dict[str, FloatArray]:
        """All parameters by name."""
        state: dict[str, FloatArray] = {}
        for name, group in self.layers:
            if group.source_rows.size:
                is_list = group.is_sparse and not self.is_plain
                state[f"{name}.weight"] = group.weights if is_list else group.matrix
            state[f"{name}.bias"] = group.bias
        return state

    def weight_lines(self, dtype: str) -> list[str]:
        """All numbers in the file itself."""
        lines = [
            f"def load(dtype=torch.{dtype}):",
            '    """The network with its weights."""',
            *_MAKING,
            "    state = {name: torch.tensor(v, dtype=dtype) for name, v in WEIGHTS.items()}",
            "    network.load_state_dict(state)",
            "    return network",
            "",
            "",
            "WEIGHTS = {",
        ]
        for name, values in self.state().items():
            with np.errstate(over="ignore"):
                narrow = values.astype(dtype)
            if not np.isfinite(narrow).all():
                raise FormatError(f"A number is too large for {dtype}. Export it as float64.")
            lines.append(f'    "{name}": [')
            for row in values if values.ndim == 2 else [values]:
                texts = [repr(v) for v in row.tolist()]
                if dtype == "float32":
                    texts = [str(v) for v in row.astype(np.float32)]
                body = wrapped_numbers(texts, " " * (12 if values.ndim == 2 else 8))
                lines += (
                    ["        [", f"{body},", "        ],"] if values.ndim == 2 else [f"{body},"]
                )
            lines.append("    ],")
        lines.append("}")
        return lines

    def loading_lines(self, dtype: str) -> list[str]:
        """All numbers in a safetensors file of the same name."""
        lines = ["NEURONS = {  # of each layer: neurons it computes, neurons it reads, connections"]
        ids = self.plan.network.topology.ids
        for name, group in self.layers:
            pairs = "None"
            if group.is_sparse and not self.is_plain:
                pairs = str(list(zip(group.targets.tolist(), group.sources.tolist(), strict=True)))
            targets, sources = ids[group.rows].tolist(), ids[group.source_rows].tolist()
            lines.append(f'    "{name}": ({targets}, {sources}, {pairs}),')
        lines += [
            "}",
            "",
            "",
            f"def load(path=None, dtype=torch.{dtype}):",
            '    """The network with the weights of a safetensors file of nnplay."""',
            "    from safetensors.torch import load_file",
            "",
            '    tensors = load_file(path or Path(__file__).with_suffix(".safetensors"))',
            '    ends = zip(tensors["edges.source"].tolist(), tensors["edges.target"].tolist())',
            '    weights = dict(zip(ends, tensors["edges.weight"].tolist()))',
            '    biases = dict(zip(tensors["neurons.id"].tolist(), '
            'tensors["neurons.bias"].tolist()))',
            "    state = {}",
            "    for name, (targets, sources, pairs) in NEURONS.items():",
            '        state[f"{name}.bias"] = torch.tensor([biases[t] for t in targets], dtype=dtype)',
            "        if pairs is not None:",
            "            values = [weights[sources[s], targets[t]] for t, s in pairs]",
            "        else:",
            "            values = [[weights.get((s, t), 0.0) for s in sources] for t in targets]",
            "        if sources:",
            '            state[f"{name}.weight"] = torch.tensor(values, dtype=dtype)',
            *_MAKING,
            "    network.load_state_dict(state)",
            "    return network",
        ]
        return lines


def _expression(tree: Expression, columns: dict[str, str]) -> str:
    if tree.kind == "number":
        return f"x.new_tensor({tree.number!r})"
    if tree.kind == "column":
        return columns[tree.column]
    parts = [_expression(part, columns) for part in tree.parts]
    if tree.kind == "negative":
        return f"(-{parts[0]})"
    if tree.kind in ("+", "-", "*", "/"):
        return f"({parts[0]} {tree.kind} {parts[1]})"
    return f"torch.{_CALLED.get(tree.kind, tree.kind)}({', '.join(parts)})"


# ---------------------------------------------------------------------- the proof
_RUNNER: Final = """\
import json, sys
from pathlib import Path
folder, dtype = Path(sys.argv[1]), sys.argv[2]
file = folder / "network.py"
names = {"__name__": "network", "__file__": str(file)}
exec(compile(file.read_text(encoding="utf-8"), "network.py", "exec"), names)
import torch
torch.set_num_threads(1)
network = names["load"]().eval()
with torch.no_grad():
    x = torch.tensor(json.load(sys.stdin), dtype=getattr(torch, dtype))
    y = network(x)
json.dump([torch.__version__, y.double().tolist()], sys.stdout)
"""


def prove(
    document: Document,
    data: bytes,
    *,
    stop: threading.Event | None = None,
    dtype: str = "float32",
    include_preparation: bool | None = None,
    weights: str = "inline",
) -> Proof:
    """Run an exported module with PyTorch in a process of its own and compare its outputs.

    Raises:
        FormatError: it does not run, or gives other outputs.
    """
    import tempfile
    from pathlib import Path

    from nnplay.formats import safetensors_file
    from nnplay.formats.running import has_module, isolated_python, run

    plan = plan_of(document)
    trial = trial_of(plan, includes_preparation(plan, include_preparation), dtype)
    if not has_module("torch"):
        return Proof("", remark="PyTorch is not installed here to try it with.")
    with tempfile.TemporaryDirectory(prefix="nnplay-") as place:
        folder = Path(place)
        (folder / "network.py").write_bytes(data)
        if weights == "beside":
            if not has_module("safetensors"):
                return Proof("", remark="The package safetensors is not installed here.")
            (folder / "network.safetensors").write_bytes(safetensors_file.to_bytes(document, dtype))
        wish = json.dumps(trial.inputs.tolist()).encode()
        done = run(isolated_python(_RUNNER, str(folder), dtype), wish, seconds=300, stop=stop)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise FormatError(
            f"The exported module does not run here ({''.join(reason)[:200]}). Nothing was "
            "written; please report this."
        )
    version, outputs = json.loads(done.stdout)
    judge = f"PyTorch {version.split('+')[0]}"
    found = np.array(outputs, dtype=np.float64)
    return Proof(judge, deviation_of(trial, found, TOLERANCES[dtype], judge))
