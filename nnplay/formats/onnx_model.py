"""ONNX files as plain values: nodes with attributes, constants as arrays, what goes in and out.

Everything is checked here before anybody computes with it: sizes before memory is taken, types,
shapes, lengths. Nothing is ever run, and no second file is read but by :data:`Beside`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from nnplay.formats.errors import FormatError
from nnplay.formats.record import MAX_ELEMENTS, AnyArray

__all__ = ["WAY_OUT", "Beside", "Graph", "GraphInput", "Node", "parse", "shown"]

Beside = Callable[[str], bytes]
"""Contents of a file in the same folder by its plain name; raises :class:`FormatError`."""

MAX_TENSORS: Final = 10_000
MAX_NODES: Final = 10_000
OPSETS: Final = (6, 28)

_P = onnx.TensorProto
TYPES: Final[Mapping[int, str]] = {
    _P.FLOAT: "<f4",
    _P.DOUBLE: "<f8",
    _P.FLOAT16: "<f2",
    _P.INT8: "|i1",
    _P.INT16: "<i2",
    _P.INT32: "<i4",
    _P.INT64: "<i8",
    _P.UINT8: "|u1",
    _P.UINT16: "<u2",
    _P.UINT32: "<u4",
    _P.UINT64: "<u8",
    _P.BOOL: "|b1",
}
FLOATS: Final = frozenset({_P.FLOAT, _P.DOUBLE, _P.FLOAT16})
WAY_OUT: Final = (
    "nnplay opens fully connected networks: Gemm or MatMul, activations, and what only moves or "
    "scales numbers. Export the part of the model that is one."
)
DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml"})


def shown(text: str) -> str:
    """A name out of a file, printable and short."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 60 else clean[:57] + "…"


@dataclass(frozen=True, eq=False)
class Node:
    """One operation of the graph.

    Attributes:
        op: name of the operator.
        name: the node's name, or that of its first result.
        inputs: names of values; empty where an optional one is left out.
        outputs: names of results.
        attributes: numbers, texts, tuples of them, or arrays, by name.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{shown(self.op)} “{shown(self.name)}”"

    def refused(self, reason: str) -> FormatError:
        """The error that names this node."""
        return FormatError(f"{self}: {reason}")

    def whole(self, name: str, default: int) -> int:
        """A whole-number attribute."""
        value = self.attributes.get(name, default)
        if type(value) is not int:
            raise self.refused(f"its attribute {name} must be a whole number.")
        return value

    def number(self, name: str, default: float) -> float:
        """A number attribute; always finite."""
        value = self.attributes.get(name, default)
        if type(value) not in (int, float) or not math.isfinite(value):
            raise self.refused(f"its attribute {name} must be a finite number.")
        return float(value)

    def text(self, name: str, default: str) -> str:
        """A text attribute."""
        value = self.attributes.get(name, default)
        if not isinstance(value, str):
            raise self.refused(f"its attribute {name} must be a text.")
        return value

    def wholes(self, name: str) -> tuple[int, ...] | None:
        """A list of whole numbers, or None if it is not given."""
        value = self.attributes.get(name)
        if value is None:
            return None
        if not isinstance(value, tuple) or not all(type(item) is int for item in value):
            raise self.refused(f"its attribute {name} must be a list of whole numbers.")
        return value


@dataclass(frozen=True)
class GraphInput:
    """Something the model is given; unknown lengths are None."""

    name: str
    shape: tuple[int | None, ...] | None
    is_float: bool


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole model."""

    opset: int
    nodes: tuple[Node, ...]
    constants: Mapping[str, AnyArray]
    inputs: tuple[GraphInput, ...]
    outputs: tuple[str, ...]
    metadata: Mapping[str, str]
    producer: str
    notes: tuple[str, ...]


def parse(data: bytes, beside: Beside | None = None) -> Graph:
    """Read a model.

    Args:
        data: the file.
        beside: how to read a second file with weights; without it such models are refused.

    Raises:
        FormatError: this is no sound ONNX model.
    """
    try:
        model = onnx.load_model_from_string(data)
    except (DecodeError, ValueError, TypeError, RecursionError):
        raise FormatError(
            "This is not an ONNX model, or it is damaged. Export it again from where it was made."
        ) from None
    if not model.HasField("graph") or not model.graph.node:
        raise FormatError(
            "There is no graph of operations in it. Is this an ONNX model? Export it again."
        )
    return _Parser(model, beside).graph()


class _Parser:
    def __init__(self, model: onnx.ModelProto, beside: Beside | None) -> None:
        self._model = model
        self._beside = beside
        self._files: dict[str, bytes] = {}
        self._taken = 0

    def graph(self) -> Graph:
        model, graph = self._model, self._model.graph
        opset = self._opset()
        if model.functions:
            raise FormatError(
                f"The model defines functions of its own (“{shown(_plain(model.functions[0].name))}”). "
                "Export it again with them written out (onnx.inliner.inline_local_functions)."
            )
        if graph.sparse_initializer:
            raise FormatError(
                "The model stores sparse tensors, which nnplay cannot read. Save it with plain ones."
            )
        if len(graph.initializer) > MAX_TENSORS:
            raise FormatError(f"The model holds more than {MAX_TENSORS} tensors.")
        if len(graph.node) > MAX_NODES:
            raise FormatError(f"The model has more than {MAX_NODES} operations.")
        constants: dict[str, AnyArray] = {}
        for tensor in graph.initializer:
            name = _plain(tensor.name)
            if name in constants:
                raise FormatError(f"The tensor “{shown(name)}” is there twice.")
            constants[name] = self._array(tensor, f"The tensor “{shown(name)}”")
        inputs = tuple(self._input(value) for value in graph.input if value.name not in constants)
        notes = tuple(
            f"The weights were read from a second file beside it, {shown(name)}."
            for name in self._files
        )
        return Graph(
            opset=opset,
            nodes=tuple(self._node(node) for node in graph.node),
            constants=constants,
            inputs=inputs,
            outputs=tuple(_plain(value.name) for value in graph.output),
            metadata={_plain(entry.key): _plain(entry.value) for entry in model.metadata_props},
            producer=_plain(model.producer_name),
            notes=notes,
        )

    def _opset(self) -> int:
        versions = [
            entry.version for entry in self._model.opset_import if entry.domain in ("", "ai.onnx")
        ]
        if not versions:
            raise FormatError("The model does not say which operator set it uses. Export it again.")
        opset = versions[0]
        if not OPSETS[0] <= opset <= OPSETS[1]:
            raise FormatError(
                f"The model uses operator set {opset}; nnplay knows {OPSETS[0]} to {OPSETS[1]}. "
                "Export it again with opset 17."
            )
        return int(opset)

    @staticmethod
    def _input(value: onnx.ValueInfoProto) -> GraphInput:
        name, kind = _plain(value.name), value.type.tensor_type
        if not value.type.HasField("tensor_type"):
            return GraphInput(name, None, False)
        shape: tuple[int | None, ...] | None = None
        if kind.HasField("shape"):
            shape = tuple(
                int(dim.dim_value) if dim.HasField("dim_value") and dim.dim_value > 0 else None
                for dim in kind.shape.dim
            )
        return GraphInput(name, shape, kind.elem_type in FLOATS)

    def _node(self, proto: onnx.NodeProto) -> Node:
        name = _plain(proto.name) or (_plain(proto.output[0]) if proto.output else "")
        op = _plain(proto.op_type)
        label = f"{shown(op)} “{shown(name)}”"
        if _plain(proto.domain) not in DOMAINS:
            raise FormatError(
                f"{label} is an operator of “{shown(proto.domain)}” and no standard one. Export the "
                "model with standard ONNX operators only."
            )
        attributes: dict[str, Any] = {}
        for attribute in proto.attribute:
            attributes[_plain(attribute.name)] = self._attribute(attribute, label)
        inputs, outputs = map(_plain, proto.input), map(_plain, proto.output)
        return Node(op, name, tuple(inputs), tuple(outputs), attributes)

    def _attribute(self, proto: onnx.AttributeProto, label: str) -> Any:
        kinds = onnx.AttributeProto
        if proto.ref_attr_name:
            raise FormatError(f"{label}: an attribute refers to a function that is not there.")
        match proto.type:
            case kinds.FLOAT:
                return float(proto.f)
            case kinds.INT:
                return int(proto.i)
            case kinds.STRING:
                return _text(proto.s, label)
            case kinds.TENSOR:
                return self._array(proto.t, label)
            case kinds.FLOATS:
                return tuple(float(value) for value in proto.floats)
            case kinds.INTS:
                return tuple(int(value) for value in proto.ints)
            case kinds.STRINGS:
                return tuple(_text(value, label) for value in proto.strings)
        return None  # an inner graph or the like; whoever uses it is refused by its operator

    # ------------------------------------------------------------------ tensors
    def _array(self, tensor: onnx.TensorProto, name: str) -> AnyArray:
        if any(dim < 0 for dim in tensor.dims) or len(tensor.dims) > 8:
            raise FormatError(f"{name} has a broken shape. Export the model again.")
        shape = tuple(int(dim) for dim in tensor.dims)
        count = math.prod(shape)
        self._taken += min(count, MAX_ELEMENTS + 1)
        if count > MAX_ELEMENTS or self._taken > 2 * MAX_ELEMENTS:
            raise FormatError(
                f"{name} claims {min(count, 10**300):.3g} numbers, which is too many."
            )
        if tensor.data_type == _P.STRING:
            texts = [_text(value, name) for value in tensor.string_data]
            if len(texts) != count:
                raise FormatError(f"{name} does not hold as many texts as its shape says.")
            return np.array(texts, dtype=object).reshape(shape)
        if tensor.data_type not in TYPES:
            kind = _type_name(tensor.data_type)
            raise FormatError(
                f"{name} holds {kind} numbers, which nnplay cannot read. Export the model with "
                "float32 weights."
            )
        dtype = np.dtype(TYPES[tensor.data_type])
        array = self._numbers(tensor, dtype, count, name)
        if array.size != count:
            raise FormatError(f"{name} holds {array.size} numbers, but its shape says {count}.")
        array = array.reshape(shape)
        # A single infinity may be the limit of a Clip; as a weight it is refused later.
        if dtype.kind == "f" and count != 1 and not np.isfinite(array).all():
            raise FormatError(
                f"{name} holds a number that is not finite. The model was probably saved after its "
                "training had failed; use an earlier one."
            )
        if dtype.kind == "f" and count == 1 and np.isnan(array).any():
            raise FormatError(f"{name} is not a number. Export the model again.")
        return array

    def _numbers(
        self, tensor: onnx.TensorProto, dtype: np.dtype[Any], count: int, name: str
    ) -> AnyArray:
        if tensor.data_location == _P.EXTERNAL:
            return self._external(tensor, dtype, count, name)
        if tensor.HasField("raw_data"):
            raw = tensor.raw_data
            if len(raw) != count * dtype.itemsize:
                raise FormatError(f"{name} does not have as many bytes as its shape needs.")
            array = np.frombuffer(raw, dtype=dtype)
            return array.astype(np.bool_) if dtype.kind == "b" else array
        if dtype.kind == "f" and dtype.itemsize == 2:
            bits = np.array(tensor.int32_data, dtype=np.int64)
            if bits.size and not 0 <= bits.min() <= bits.max() <= 0xFFFF:
                raise FormatError(f"{name} holds broken float16 numbers.")
            return bits.astype(np.uint16).view(np.float16)
        field: Any = {
            "<f4": tensor.float_data,
            "<f8": tensor.double_data,
            "<i8": tensor.int64_data,
            "<u8": tensor.uint64_data,
            "<u4": tensor.uint64_data,
        }.get(dtype.str, tensor.int32_data)
        return np.array(field, dtype=np.float64 if dtype.kind == "f" else None).astype(dtype)

    def _external(
        self, tensor: onnx.TensorProto, dtype: np.dtype[Any], count: int, name: str
    ) -> AnyArray:
        entries = {_plain(entry.key): _plain(entry.value) for entry in tensor.external_data}
        place = entries.get("location", "")
        if not place or place in (".", "..") or any(c in place for c in "/\\:\0"):
            raise FormatError(
                f"{name} lies in the file “{shown(place)}”. Only a file in the same folder as the "
                "model is ever read. Save the model as a single file."
            )
        if self._beside is None:
            raise FormatError(
                f"{name} lies in a second file, “{shown(place)}”. Open the model where that file "
                "is beside it, or save it as a single file (external_data=False)."
            )
        if place not in self._files:
            self._files[place] = self._beside(place)
        contents = self._files[place]
        size = count * dtype.itemsize
        offset = _whole(entries.get("offset", "0"), name)
        length = _whole(entries.get("length", str(size)), name)
        if length != size or offset + length > len(contents):
            raise FormatError(
                f"{name} does not fit into “{shown(place)}”. Is it the file that belongs to this "
                "model?"
            )
        return np.frombuffer(contents, dtype=dtype, count=count, offset=offset)


def _plain(value: str | bytes) -> str:
    """A text of the file; protobuf hands out bytes where it is not UTF-8."""
    if isinstance(value, bytes):
        raise FormatError("A name in the file is not UTF-8 text. The model is damaged.")
    return value


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise FormatError(f"{name}: its place in the second file is broken.")
    return int(text)


def _text(value: bytes, name: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise FormatError(f"{name} holds text that is not UTF-8.") from None


def _type_name(number: int) -> str:
    try:
        return str(_P.DataType.Name(number)).lower()
    except ValueError:
        return "unknown"
