"""Networks as ONNX models, for onnxruntime and whatever else runs them.

One ``Gemm`` and one activation for each group of neurons; a sparse group gathers what each of its
neurons reads. Raw columns come in and units of the target go out where the data are prepared in
any way, unless that is left out on request. The metadata carry the network without loss.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from nnplay.document import Document
from nnplay.formats import nnplay_zip, tensors
from nnplay.formats.errors import FormatError
from nnplay.formats.groups import Group, InputStage, Plan, plan_of
from nnplay.formats.onnx_operators import ACTIVATION_WRITERS, write_expression
from nnplay.formats.record import AnyArray

__all__ = [
    "ARCHIVE_KEY",
    "DEFAULT_OPSET",
    "GRAPH_KEY",
    "NETWORK_KEY",
    "OPSETS",
    "model_of",
    "to_bytes",
]

DEFAULT_OPSET: Final = 17
IR_OF_OPSET: Final = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10}
"""The lowest format version that allows each operator set, so that old runtimes open the file."""
OPSETS: Final = tuple(IR_OF_OPSET)
NETWORK_KEY: Final = "nnplay_json"
ARCHIVE_KEY: Final = "nnplay_base64"
LARGEST_TEXT: Final = 20_000
"""Networks of more parameters are stored as an archive instead of JSON: many times quicker."""
GRAPH_KEY: Final = "nnplay_graph"
MAX_BYTES: Final = 2**31 - 1


def to_bytes(
    document: Document,
    dtype: str = "float32",
    opset: int = DEFAULT_OPSET,
    batch: int | None = None,
    include_preparation: bool | None = None,
) -> bytes:
    """The network as an ONNX model; the same network always gives the same bytes.

    Args:
        document: its network and the preparation of its data.
        dtype: ``float32`` or ``float64``.
        opset: version of the operator set, 13 to 21.
        batch: a fixed number of samples a run (usually 1); None for any number.
        include_preparation: whether the model takes raw columns and gives units of the target;
            None means where there is a preparation that does anything.

    Raises:
        FormatError: an option is out of range, or the model would not fit.
    """
    model = model_of(plan_of(document), document, dtype, opset, batch, include_preparation)
    if model.ByteSize() > MAX_BYTES:
        raise FormatError("The network is too large for one ONNX file. Export it as safetensors.")
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def model_of(
    plan: Plan,
    document: Document,
    dtype: str = "float32",
    opset: int = DEFAULT_OPSET,
    batch: int | None = None,
    include_preparation: bool | None = None,
) -> onnx.ModelProto:
    """The model for a plan that is already made; see :func:`to_bytes`."""
    if dtype not in tensors.DTYPES:
        raise FormatError(f"There is no number type “{dtype}”; there are float32 and float64.")
    if opset not in IR_OF_OPSET:
        raise FormatError(f"Choose an opset from {OPSETS[0]} to {OPSETS[-1]}; 17 suits most.")
    if batch is not None and not 1 <= batch <= 1_000_000:
        raise FormatError("The number of samples a run must be 1 or more.")
    if not plan.input_rows.size or not plan.output_rows.size:
        raise FormatError("A model needs at least one input and one output. Add what is missing.")
    if include_preparation and plan.input_stage is None:
        raise FormatError(
            "The preparation of the data cannot go along, because the data do not fit the network. "
            "Choose data that fit, or leave the preparation out."
        )
    prepared = plan.has_preparation if include_preparation is None else include_preparation
    return _Writer(plan, dtype, opset, batch, prepared).model(document)


class _Writer:
    """A graph in the making."""

    def __init__(
        self, plan: Plan, dtype: str, opset: int, batch: int | None, with_preparation: bool
    ) -> None:
        self.plan = plan
        self.opset = opset
        self.is_double = dtype == "float64"
        self._dtype = np.dtype(tensors.DTYPES[dtype])
        self._element = onnx.TensorProto.DOUBLE if self.is_double else onnx.TensorProto.FLOAT
        self._batch: int | str = "batch" if batch is None else batch
        self._stage = plan.input_stage if with_preparation else None
        self._with_preparation = with_preparation
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, AnyArray] = {}
        self._numbers: dict[float, str] = {}
        self._taken: dict[str, int] = {}
        count = plan.network.topology.neuron_count
        # Where each neuron's value stands: number of the tensor, and its column there.
        self._tensor_of = np.full(count, -1, dtype=np.int64)
        self._column_of = np.zeros(count, dtype=np.int64)
        self._tensors: list[tuple[str, int]] = []
        self._blocks: dict[bytes, str] = {}

    # ------------------------------------------------------------------ small pieces
    def _unique(self, hint: str) -> str:
        number = self._taken.get(hint, 0)
        self._taken[hint] = number + 1
        return hint if number == 0 else self._unique(f"{hint}_{number + 1}")

    def node(self, op: str, inputs: list[str], hint: str, **attributes: Any) -> str:
        name = self._unique(hint)
        self._nodes.append(helper.make_node(op, inputs, [name], name=f"{name}_node", **attributes))
        return name

    def constant(self, array: npt.ArrayLike, hint: str) -> str:
        """An initialiser; raises :class:`FormatError` for a number that does not fit."""
        values = np.asarray(array)
        if values.dtype.kind == "f":
            with np.errstate(over="ignore"):
                values = values.astype(self._dtype)
            if not np.isfinite(values).all():
                raise FormatError(f"A number is too large for {self._dtype}. Export it as float64.")
        name = self._unique(hint)
        self._constants[name] = values
        return name

    def number(self, value: float) -> str:
        if value not in self._numbers:
            self._numbers[value] = self.constant(np.float64(value), "number")
        return self._numbers[value]

    def cast(self, name: str, hint: str) -> str:
        return self.node("Cast", [name], hint, to=int(self._element))

    def _gather(self, name: str, columns: npt.ArrayLike, hint: str) -> str:
        index = self.constant(np.asarray(columns, dtype=np.int64), f"{hint}_columns")
        return self.node("Gather", [name, index], hint, axis=1)

    def _concat(self, names: list[str], hint: str) -> str:
        return names[0] if len(names) == 1 else self.node("Concat", names, hint, axis=1)

    # ------------------------------------------------------------------ the whole
    def model(self, document: Document) -> onnx.ModelProto:
        plan = self.plan
        self._unique("x")
        width = plan.input_rows.size
        inner = "x"
        if self._stage is not None:
            width = len(self._stage.raw_names)
            inner = self._prepared(self._stage)
        self._keep(inner, plan.input_rows)
        for number, group in enumerate(plan.groups, 1):
            self._keep(self._group(group, f"group{number}_{group.activation}"), group.rows)
        outer = self._outputs()
        result = outer
        after = plan.output_stage
        if self._with_preparation and after is not None and not after.is_trivial:
            scaled = self.node("Mul", [outer, self.number(after.deviation)], "stretched")
            result = self.node("Add", [scaled, self.number(after.mean)], "in_units")
        result = self.node("Identity", [result], "y")
        graph = helper.make_graph(
            self._nodes,
            "nnplay",
            [helper.make_tensor_value_info("x", self._element, [self._batch, width])],
            [
                helper.make_tensor_value_info(
                    result, self._element, [self._batch, plan.output_rows.size]
                )
            ],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
            doc_string=self._explanation(),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", self.opset)],
            ir_version=IR_OF_OPSET[self.opset],
            producer_name="nnplay",
            doc_string=self._explanation(),
        )
        helper.set_model_props(model, self._metadata(document, inner, outer))
        return model

    def _keep(self, name: str, rows: npt.NDArray[np.int64]) -> None:
        """Remember that a tensor's columns are these neurons."""
        self._tensor_of[rows] = len(self._tensors)
        self._column_of[rows] = np.arange(rows.size)
        self._tensors.append((name, rows.size))

    def _block(self, rows: npt.NDArray[np.int64], hint: str) -> str:
        """A tensor whose columns are the values of these neurons, in this order."""
        key = rows.tobytes()
        if key not in self._blocks:
            numbers = self._tensor_of[rows]
            cuts = np.flatnonzero(np.diff(numbers)) + 1
            parts = []
            for part in np.split(rows, cuts):
                name, width = self._tensors[int(self._tensor_of[part[0]])]
                columns = self._column_of[part]
                whole = columns.size == width and bool((np.diff(columns) == 1).all())
                parts.append(name if whole else self._gather(name, columns, f"{hint}_part"))
            self._blocks[key] = self._concat(parts, f"{hint}_sources")
        return self._blocks[key]

    def _group(self, group: Group, hint: str) -> str:
        rows, bias = group.source_rows, self.constant(group.bias, f"{hint}_bias")
        if not rows.size:  # nobody feeds them; an input times 0 has as many samples as any
            zero = self.node("Mul", [self._first_input(), self.number(0.0)], f"{hint}_zero")
            z = self.node("Add", [zero, bias], f"{hint}_z")
        elif group.is_sparse:
            columns, weights = group.padded
            read = self._gather(self._block(rows, hint), columns, f"{hint}_read")
            weight = self.constant(weights, f"{hint}_weight")
            product = self.node("Mul", [read, weight], f"{hint}_product")
            axes = self.constant(np.array([2], dtype=np.int64), f"{hint}_axes")
            total = self.node("ReduceSum", [product, axes], f"{hint}_sum", keepdims=0)
            z = self.node("Add", [total, bias], f"{hint}_z")
        else:
            weight = self.constant(group.matrix, f"{hint}_weight")
            z = self.node("Gemm", [self._block(rows, hint), weight, bias], f"{hint}_z", transB=1)
        return ACTIVATION_WRITERS[group.activation](self, z, hint)

    def _first_input(self) -> str:
        return self._block(self.plan.input_rows[:1], "first_input")

    def _outputs(self) -> str:
        plan = self.plan
        if plan.output_enabled.all():
            return self._block(plan.output_rows, "outputs")
        zero = self.node("Mul", [self._first_input(), self.number(0.0)], "silent")
        parts = [
            self._block(plan.output_rows[i : i + 1], "outputs") if enabled else zero
            for i, enabled in enumerate(plan.output_enabled.tolist())
        ]
        return self._concat(parts, "outputs")

    # ------------------------------------------------------------------ preparation
    def _prepared(self, stage: InputStage) -> str:
        columns: dict[int, str] = {}

        def column(place: int) -> str:
            if place not in columns:
                columns[place] = self._gather("x", [place], f"column{place + 1}")
            return columns[place]

        def named(name: str) -> str:
            return column(stage.raw_names.index(name))

        parts: list[str] = []
        plain: list[int] = []
        for number, planned in enumerate(stage.inputs, 1):
            hint = f"feature{number}"
            if planned.formula is None and planned.category < 0:
                plain.append(planned.column)
                continue
            self._flush(plain, parts)
            if planned.formula is None:
                is_it = self.node(
                    "Equal", [column(planned.column), self.number(planned.category)], f"{hint}_is"
                )
                parts.append(self.cast(is_it, hint))
                continue
            value = write_expression(self, planned.formula.expression, named, hint)
            if not planned.formula.columns:  # one number for all samples
                zero = self.node("Mul", [column(0), self.number(0.0)], f"{hint}_zero")
                value = self.node("Add", [zero, value], hint)
            parts.append(value)
        self._flush(plain, parts)
        block = self._concat(parts, "features")
        if stage.is_scaled:
            means = self.constant(stage.means, "means")
            deviations = self.constant(stage.deviations, "deviations")
            moved = self.node("Sub", [block, means], "centred")
            block = self.node("Div", [moved, deviations], "scaled")
        return block

    def _flush(self, plain: list[int], parts: list[str]) -> None:
        """Neighbouring plain columns are one gather, or the input itself."""
        if plain:
            assert self._stage is not None  # noqa: S101
            everything = plain == list(range(len(self._stage.raw_names)))
            parts.append("x" if everything else self._gather("x", list(plain), "columns"))
            plain.clear()

    # ------------------------------------------------------------------ words
    def _explanation(self) -> str:
        plan = self.plan
        if self._stage is not None:
            names = [
                name if words is None else f"{name} (index of {', '.join(words)})"
                for name, words in zip(
                    self._stage.raw_names, self._stage.raw_categories, strict=True
                )
            ]
            inputs = f"x: raw columns {', '.join(names)}; their preparation is in the graph."
        else:
            inputs = f"x: inputs of the network {', '.join(plan.names_of(plan.input_rows))}."
        outputs = f"y: {', '.join(plan.names_of(plan.output_rows))}."
        return f"A network made with nnplay. {inputs} {outputs}"

    def _metadata(self, document: Document, inner: str, outer: str) -> dict[str, str]:
        plan, stage = self.plan, self._stage
        is_large = plan.network.theta.size > LARGEST_TEXT
        metadata = tensors.metadata_of(document, with_network=not is_large)
        if is_large:
            stored = nnplay_zip.to_bytes(tensors.plain_document(document))
            metadata[ARCHIVE_KEY] = base64.b64encode(stored).decode()
        graph: dict[str, Any] = {
            "input": inner,
            "output": outer,
            "dtype": str(self._dtype),
            "includes_preparation": self._with_preparation,
        }
        metadata[GRAPH_KEY] = json.dumps(graph)
        if stage is not None:
            columns = [
                {"name": name} if words is None else {"name": name, "categories": list(words)}
                for name, words in zip(stage.raw_names, stage.raw_categories, strict=True)
            ]
            metadata["columns"] = json.dumps(columns, ensure_ascii=False)
        metadata["outputs"] = json.dumps(plan.names_of(plan.output_rows), ensure_ascii=False)
        if plan.output_stage is not None and plan.output_stage.classes is not None:
            metadata["classes"] = json.dumps(plan.output_stage.classes, ensure_ascii=False)
        metadata.pop("layers", None)  # the graph says it
        return metadata
