"""Networks as one C99 header: no heap, no library but ``math.h``, arrays of constants and loops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from nnplay.core.activation_functions import (
    GELU_CUBIC,
    GELU_SLOPE,
    LEAK,
    SELU_ALPHA,
    SELU_SCALE,
    SOFTPLUS_LINEAR_ABOVE,
)
from nnplay.data.features import Expression
from nnplay.document import Document
from nnplay.formats.code_text import (
    input_sentences,
    one_line,
    output_sentences,
    safe_in_c_comment,
    wrapped_numbers,
)
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import Group, InputStage, Plan, plan_of
from nnplay.formats.proving import SAMPLES, deviation_of, includes_preparation, trial_of
from nnplay.formats.verification import Proof

if TYPE_CHECKING:
    import threading

__all__ = ["FLAGS", "prove", "to_bytes", "trial_program"]

FLAGS: Final = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
TOLERANCES: Final = {"float32": 1e-5, "float64": 1e-12}
PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
ON_THE_STACK: Final = 16_384
"""Numbers of a run that may stand on the stack; more are static, and runs must take turns."""

# What each activation is in C: R is the type of numbers, f the ending of functions of math.h.
_ACTIVATIONS: Final[dict[str, str]] = {
    "linear": "z",
    "relu": "z > {0} ? z : {0}",
    "leaky_relu": "z > {0} ? z : {leak} * z",
    "elu": "z > {0} ? z : expm1{f}(z)",
    "selu": "z > {0} ? {scale} * z : {scale_alpha} * expm1{f}(z)",
    "gelu": "{half} * z * erfc{f}(-{root_half} * z)",
    "gelu_tanh": "z / ({1} + exp{f}(-{slope} * (z + {cubic} * z * z * z)))",
    "silu": "z / ({1} + exp{f}(-z))",
    "mish": "z * PREFIX_mish_gate(exp{f}(z < {gate} ? z : {gate}))",
    "sigmoid": "{1} / ({1} + exp{f}(-z))",
    "hard_sigmoid": "z < -{3} ? {0} : z > {3} ? {1} : (z + {3}) / {6}",
    "tanh": "tanh{f}(z)",
    "hard_tanh": "z < -{1} ? -{1} : z > {1} ? {1} : z",
    "softplus": "z > {linear} ? z : log1p{f}(exp{f}(z))",
    "softsign": "z / ({1} + fabs{f}(z))",
    "sin": "sin{f}(z)",
    "cos": "cos{f}(z)",
    "gaussian": "exp{f}(-z * z)",
    "abs": "fabs{f}(z)",
    "square": "z * z",
    "step": "z > {0} ? {1} : {0}",
}
_MISH: Final = """\
/* tanh(log(1 + w)) without overflow. */
static inline {R} PREFIX_mish_gate({R} w)
<
    const {R} n = w * (w + {2});
    return n / (n + {2});
>
"""
_CALLED: Final = {"min": "fmin", "max": "fmax", "abs": "fabs", "^": "pow"}


def to_bytes(
    document: Document,
    dtype: str = "float32",
    include_preparation: bool | None = None,
    prefix: str = "nnplay",
) -> bytes:
    """The network as a header with ``void nnplay_run(const float *x, float *y)``.

    Args:
        document: its network and the preparation of its data.
        dtype: ``float32`` for ``float``, ``float64`` for ``double``.
        include_preparation: whether it takes raw columns and gives units of the target; None means
            where there is a preparation that does anything.
        prefix: what all names begin with, so that several networks fit into one program.

    Raises:
        FormatError: a number does not fit, no inputs or outputs, or the prefix is no name in C.
    """
    if not PREFIX.fullmatch(prefix):
        raise FormatError("A prefix begins with a letter; letters, digits and _ may follow.")
    plan = plan_of(document)
    with_preparation = includes_preparation(plan, include_preparation)
    return _Writer(plan, dtype, with_preparation, prefix).text(document.title).encode()


class _Writer:
    """A header in the making."""

    def __init__(self, plan: Plan, dtype: str, with_preparation: bool, prefix: str) -> None:
        self.plan = plan
        self.prefix = prefix
        self.is_double = dtype == "float64"
        self.type = np.dtype(dtype)
        self.real = "double" if self.is_double else "float"
        self.with_preparation = with_preparation
        self.stage = plan.input_stage if with_preparation else None
        self.constants: list[str] = []
        self.body: list[str] = []
        self.place = np.full(plan.network.topology.neuron_count, -1, dtype=np.int64)
        self.filled = 0
        f = "" if self.is_double else "f"
        words = {str(n): self.number(float(n)) for n in range(7)}
        words |= {
            "f": f,
            "leak": self.number(LEAK),
            "scale": self.number(SELU_SCALE),
            "scale_alpha": self.number(SELU_SCALE * SELU_ALPHA),
            "half": self.number(0.5),
            "root_half": self.number(0.5**0.5),
            "slope": self.number(GELU_SLOPE),
            "cubic": self.number(GELU_CUBIC),
            # Squares up to here fit into a float, and behind it the gate is 1.
            "gate": self.number(30.0),
            "linear": self.number(SOFTPLUS_LINEAR_ABOVE),
            "R": self.real,
        }
        self._words = words

    # ------------------------------------------------------------------ small pieces
    def number(self, value: float) -> str:
        """A number as C writes it, with all the digits that its type holds."""
        with np.errstate(over="ignore", under="ignore"):
            rounded = self.type.type(value)
        if not np.isfinite(rounded):
            raise FormatError(f"A number is too large for {self.type}. Export it as float64.")
        text = repr(float(rounded)) if self.is_double else str(rounded)
        if "." not in text and "e" not in text:
            text += ".0"
        return text if self.is_double else f"{text}f"

    def _numbers(self, values: npt.NDArray[np.float64]) -> list[str]:
        return [self.number(value) for value in values.tolist()]

    def _filled_in(self, template: str) -> str:
        text = re.sub(r"\{(\w+)\}", lambda match: self._words[match[1]], template)
        return text.replace("PREFIX", self.prefix)

    def _constant(self, type_: str, name: str, texts: list[str]) -> None:
        """A constant array inside of the function; C has no empty ones."""
        body = wrapped_numbers(texts or ["0"], " " * 8)
        self.constants.append(
            f"    static const {type_} {name}[{max(1, len(texts))}] = {{\n{body}\n    }};"
        )

    # ------------------------------------------------------------------ the whole
    def text(self, title: str) -> str:
        plan, prefix = self.plan, self.prefix
        inputs = input_sentences(plan, self.stage)
        outputs = output_sentences(plan, self.with_preparation)
        self._inputs()
        for number, group in enumerate(plan.groups, 1):
            self._group(group, number)
        self._outputs()
        width = max(1, self.filled)
        storage = "" if width <= ON_THE_STACK else "static "
        comment = [
            one_line(title) or "A network",
            "",
            f"A neural network made with nnplay, as C99. Call {prefix}_run(x, y); link with -lm.",
            "It takes no memory from the heap"
            + (" and may run in several threads." if not storage else ", but one run at a time."),
            "",
            f"x: {len(inputs)} numbers",
            *(f"  x[{i}]: {text}" for i, text in enumerate(inputs)),
            f"y: {len(outputs)} numbers",
            *(f"  y[{i}]: {text}" for i, text in enumerate(outputs)),
        ]
        if self.stage is None and plan.has_preparation:
            comment.append("The inputs must be prepared (scaled) as the network's data were.")
        guard = f"{prefix.upper()}_H"
        lines = ["/* " + safe_in_c_comment(comment[0])]
        lines += [f" * {safe_in_c_comment(line)}".rstrip() for line in comment[1:]]
        lines += [" */", f"#ifndef {guard}", f"#define {guard}", "", "#include <math.h>", ""]
        lines += [
            f"#define {prefix.upper()}_INPUTS {len(inputs)}",
            f"#define {prefix.upper()}_OUTPUTS {len(outputs)}",
            "",
        ]
        if any(group.activation == "mish" for group in plan.groups):
            gate = self._filled_in(_MISH)
            lines.append(gate.replace("<\n", "{\n").replace(">\n", "}\n"))
        lines += self._class_names()
        lines += [
            f"static inline void {prefix}_run(const {self.real} *x, {self.real} *y)",
            "{",
            *self.constants,
            f"    {storage}{self.real} v[{width}];",
            *self.body,
            "}",
            "",
            f"#endif /* {guard} */",
            "",
        ]
        return "\n".join(lines)

    def _class_names(self) -> list[str]:
        after = self.plan.output_stage
        if after is None or after.classes is None:
            return []
        names = after.classes if len(after.names) == 1 else after.names
        quoted = []
        for name in names:
            # Three octal digits end an escape, whatever follows.
            quoted.append(
                "".join(
                    chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
                    for byte in name.encode()[:500]
                )
            )
        body = ",\n".join(f'        "{name}"' for name in quoted)
        return [
            "/* The name of a class (UTF-8) by its number from 0. */",
            f"static inline const char *{self.prefix}_class(int number)",
            "{",
            f"    static const char *const names[{len(quoted)}] = {{\n{body}\n    }};",
            f'    return number >= 0 && number < {len(quoted)} ? names[number] : "";',
            "}",
            "",
        ]

    # ------------------------------------------------------------------ inputs
    def _inputs(self) -> None:
        rows = self.plan.input_rows
        self.place[rows] = np.arange(rows.size)
        self.filled = rows.size
        stage = self.stage
        if stage is None or (stage.is_trivial and self._in_order(stage)):
            self.body += [
                f"    for (int i = 0; i < {rows.size}; i++) {{",
                "        v[i] = x[i];",
                "    }",
            ]
            return
        columns = {name: f"x[{i}]" for i, name in enumerate(stage.raw_names)}
        means, deviations = self._numbers(stage.means), self._numbers(stage.deviations)
        for i, planned in enumerate(stage.inputs):
            if planned.formula is not None:
                value = self._expression(planned.formula.expression, columns)
            elif planned.category >= 0:
                value = (
                    f"(x[{planned.column}] == {self.number(planned.category)} ? "
                    f"{self.number(1.0)} : {self.number(0.0)})"
                )
            else:
                value = f"x[{planned.column}]"
            if stage.means[i] != 0.0 or stage.deviations[i] != 1.0:
                value = f"({value} - {_in_brackets(means[i])}) / {deviations[i]}"
            self.body.append(f"    v[{i}] = {value};")
        if not any(f"x[{i}]" in line for line in self.body for i in range(len(stage.raw_names))):
            self.body.insert(0, "    (void)x;")

    def _in_order(self, stage: InputStage) -> bool:
        columns = [planned.column for planned in stage.inputs]
        return columns == list(range(len(stage.raw_names)))

    def _expression(self, tree: Expression, columns: dict[str, str]) -> str:
        if tree.kind == "number":
            return _in_brackets(self.number(tree.number))
        if tree.kind == "column":
            return columns[tree.column]
        parts = [self._expression(part, columns) for part in tree.parts]
        if tree.kind == "negative":
            return f"(-{parts[0]})"
        if tree.kind in ("+", "-", "*", "/"):
            return f"({parts[0]} {tree.kind} {parts[1]})"
        if tree.kind == "sign":
            zero = self.number(0.0)
            return f"({self.real})(({parts[0]} > {zero}) - ({parts[0]} < {zero}))"
        return f"{_CALLED.get(tree.kind, tree.kind)}{self._words['f']}({', '.join(parts)})"

    # ------------------------------------------------------------------ groups
    def _group(self, group: Group, number: int) -> None:
        places = self.place[group.source_rows]
        first, out, width = self.filled, group.rows.size, group.source_rows.size
        self.place[group.rows] = np.arange(first, first + out)
        self.filled += out
        names = ", ".join(one_line(name) for name in self.plan.names_of(group.rows[:6]))
        more = f" and {out - 6} more" if out > 6 else ""
        self.body.append(f"    /* {group.activation}: {safe_in_c_comment(names)}{more} */")
        self._constant(f"{self.real}", f"b{number}", self._numbers(group.bias))
        index = f"unsigned {'short' if self.filled < 65_536 else 'int'}"
        if not group.weights.size:
            source = []
        elif group.is_sparse:
            bounds = np.searchsorted(group.targets, np.arange(out + 1))
            self._constant("int", f"n{number}", [str(v) for v in bounds.tolist()])
            self._constant(index, f"s{number}", [str(v) for v in places[group.sources].tolist()])
            self._constant(self.real, f"w{number}", self._numbers(group.weights))
            source = [
                f"        for (int k = n{number}[i]; k < n{number}[i + 1]; k++) {{",
                f"            z += w{number}[k] * v[s{number}[k]];",
            ]
        else:
            self._constant(self.real, f"w{number}", self._numbers(group.matrix.reshape(-1)))
            start = int(places[0])
            if np.array_equal(places, np.arange(start, start + width)):
                read = f"v[{start} + k]" if start else "v[k]"
            else:
                self._constant(index, f"s{number}", [str(v) for v in places.tolist()])
                read = f"v[s{number}[k]]"
            source = [
                f"        for (int k = 0; k < {width}; k++) {{",
                f"            z += w{number}[i * {width} + k] * {read};",
            ]
        is_softmax = group.activation == "softmax"
        form = "z" if is_softmax else self._filled_in(_ACTIVATIONS[group.activation])
        target = f"v[{first} + i]" if first else "v[i]"
        self.body += [
            f"    for (int i = 0; i < {out}; i++) {{",
            f"        {'' if source else 'const '}{self.real} z = b{number}[i];",
            *source,
            *(["        }"] if source else []),
            f"        {target} = {form};",
            "    }",
        ]
        if is_softmax:
            self._softmax(first, out)

    def _softmax(self, first: int, out: int) -> None:
        f, real, zero = self._words["f"], self.real, self.number(0.0)
        self.body += [
            "    {",
            f"        {real} top = v[{first}], total = {zero};",
            f"        for (int i = 1; i < {out}; i++) {{",
            f"            if (v[{first} + i] > top) {{",
            f"                top = v[{first} + i];",
            "            }",
            "        }",
            f"        for (int i = 0; i < {out}; i++) {{",
            f"            v[{first} + i] = exp{f}(v[{first} + i] - top);",
            f"            total += v[{first} + i];",
            "        }",
            f"        for (int i = 0; i < {out}; i++) {{",
            f"            v[{first} + i] /= total;",
            "        }",
            "    }",
        ]

    # ------------------------------------------------------------------ outputs
    def _outputs(self) -> None:
        plan, after = self.plan, self.plan.output_stage
        ending = ""
        if self.with_preparation and after is not None and not after.is_trivial:
            mean = _in_brackets(self.number(after.mean))
            ending = f" * {self.number(after.deviation)} + {mean}"
        for i, (row, enabled) in enumerate(
            zip(plan.output_rows.tolist(), plan.output_enabled.tolist(), strict=True)
        ):
            value = f"v[{self.place[row]}]" if enabled else self.number(0.0)
            self.body.append(f"    y[{i}] = {value}{ending};")


def _in_brackets(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


# ---------------------------------------------------------------------- the proof
def trial_program(headers: list[tuple[str, str, int, int]], real: str = "float") -> str:
    """A program that runs networks on numbers from its input and writes their outputs.

    Args:
        headers: file name, prefix, number of inputs and of outputs of each network; each is run
            on 64 samples in turn.
        real: ``float`` or ``double``; both directions use this type, in the machine's bytes.
    """
    lines = [f'#include "{name}"' for name, _, _, _ in headers]
    lines += ["#include <stdio.h>", "", "int main(void)", "{"]
    for _, prefix, inputs, outputs in headers:
        lines += [
            f"    for (int i = 0; i < {SAMPLES}; i++) {{",
            f"        {real} x[{inputs}], y[{outputs}];",
            "        if (fread(x, sizeof x, 1, stdin) != 1) { return 1; }",
            f"        {prefix}_run(x, y);",
            "        if (fwrite(y, sizeof y, 1, stdout) != 1) { return 2; }",
            "    }",
        ]
    return "\n".join([*lines, "    return 0;", "}", ""])


def prove(
    document: Document,
    data: bytes,
    *,
    stop: threading.Event | None = None,
    dtype: str = "float32",
    include_preparation: bool | None = None,
    prefix: str = "nnplay",
) -> Proof:
    """Compile an exported header without a warning, run it, and compare its outputs.

    Raises:
        FormatError: the compiler complains, or it gives other outputs.
    """
    import shutil
    import tempfile
    from pathlib import Path

    from nnplay.formats.running import run

    plan = plan_of(document)
    trial = trial_of(plan, includes_preparation(plan, include_preparation), dtype)
    compiler = shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return Proof("", remark="There is no C compiler (gcc or clang) here to try it with.")
    name = Path(compiler).name
    real = "double" if dtype == "float64" else "float"
    inputs, outputs = trial.inputs.shape[1], trial.outputs.shape[1]
    with tempfile.TemporaryDirectory(prefix="nnplay-") as place:
        folder = Path(place)
        (folder / "network.h").write_bytes(data)
        program = trial_program([("network.h", prefix, inputs, outputs)], real)
        (folder / "main.c").write_text(program, encoding="utf-8")
        command = [compiler, *FLAGS, "main.c", "-o", "main", "-lm"]
        built = run(command, folder=folder, seconds=300, stop=stop)
        if built.returncode == -9:
            return Proof("", remark=f"{name} took too long to compile it.")
        if built.returncode:
            complaint = built.stderr.decode(errors="replace").strip().splitlines()
            raise FormatError(
                f"{name} does not accept the exported header ({' '.join(complaint[:2])[:200]}). "
                "Nothing was written; please report this."
            )
        done = run([str(folder / "main")], trial.inputs.astype(dtype).tobytes(), stop=stop)
    found = np.frombuffer(done.stdout, dtype=dtype).astype(np.float64)
    if done.returncode or found.size != trial.outputs.size:
        raise FormatError("The compiled header does not run here. Nothing was written.")
    found = found.reshape(trial.outputs.shape)
    return Proof(name, deviation_of(trial, found, TOLERANCES[dtype], name))
