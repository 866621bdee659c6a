"""Everything that reads what others wrote: sound files, how they get damaged, how they are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from formats.refusals import OPTIONS, archive, npy, rich_document
from soak import damage, forked_torch, window_targets
from soak.onnx_damage import twisted_model

from nnplay.core.excerpt import excerpt_of
from nnplay.core.network import Network
from nnplay.data import tables
from nnplay.data.errors import DataError
from nnplay.data.features import canonical_feature, compile_formula, evaluate_number
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError
from nnplay.formats.selection_text import excerpt_from_text, excerpt_to_text

FORMATS = Path(__file__).parents[1] / "formats"
NAME = "bad.file"
LONGEST_SENTENCE = 600
# A small file that was refused for this only after it had been tried.
NEEDS_MEMORY = re.compile("memory of this computer|too much memory")

Random = np.random.Generator


@dataclass(frozen=True)
class Target:
    """A reader under attack.

    Attributes:
        name: on the command line and in the table.
        bases: sound files; made when first needed.
        twist: damage that gets past checksums and syntax.
        read: the reader; gives what it read.
        error: the one exception it may raise.
        keep: raises AssertionError where what was read is not sound or cannot be kept.
        names_file: whether its sentences begin with the file's name.
        missing: the package it needs, which may be absent.
        chunk: files of which figures are told together; few where each takes long.
        has_threads: whether it has threads, for each of which the system sets aside addresses
            that are never used; then memory is measured, but not withheld.
    """

    name: str
    bases: Callable[[], list[bytes]]
    twist: Callable[[bytes, Random], bytes]
    read: Callable[[bytes, int], Any]
    error: type[Exception] = FormatError
    keep: Callable[[Any], None] = lambda found: None
    names_file: bool = True
    missing: str = ""
    chunk: int = 1000
    has_threads: bool = False

    def make(self, seed: int, number: int) -> bytes:
        """The damaged file with this number; always the same."""
        random = np.random.default_rng((seed, number))
        data = damage.chosen(self.bases(), random)
        return (damage.damaged, self.twist)[number % 2](data, random)

    def judge(self, error: Exception) -> None:
        """Whether a refusal is a sentence for people."""
        text = str(error)
        assert not self.names_file or text.startswith(f"{NAME}: "), text
        assert text.endswith((".", "?")), text
        assert len(text) < LONGEST_SENTENCE, text
        assert not NEEDS_MEMORY.search(text), text


# ------------------------------------------------------------------ documents and networks
def kept_document(document: Document) -> None:
    """What can be read can be saved and is then the same."""
    again = registry.read(registry.write(document, "nnplay"), "again", "nnplay")
    assert same_document(again, document), "it is not the same after saving"


def samples(suffix: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((FORMATS / "samples").glob(f"*{suffix}"))]


def layers() -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    return {
        "0.weight": random.normal(size=(3, 2)),
        "0.bias": random.normal(size=3),
        "2.weight": random.normal(size=(1, 3)).astype(np.float32),
    }


def bare_npz() -> bytes:
    return archive([(f"{name}.npy", npy(value)) for name, value in layers().items()])


def bare_safetensors() -> bytes:
    from safetensors.numpy import save

    return save(layers())


def semicolons() -> bytes:
    """The table of neurons as a spreadsheet with decimal commas leaves it."""
    text = registry.write(rich_document(), "csv").decode().replace('"h ""1"",\nα"', "h")
    return text.replace(",", ";").replace(".", ",").encode()


def reader(name: str, **options: Any) -> Callable[[bytes, int], Document]:
    def read(data: bytes, number: int) -> Document:
        if number % 16 < 2:  # as a file whose contents must tell what it is
            return registry.read(data, NAME, **options)
        return registry.read(data, NAME, name, **options)

    return read


def own_onnx() -> bytes:
    network = Network.mlp([2, 3, 2], activation="mish", output_activation="softmax")
    return registry.write(Document(network.with_theta(np.linspace(-1, 1, 17))), "onnx")


def onnx_beside() -> bytes:
    """A model whose weights lie in a second file."""
    model = onnx.load_model_from_string((FORMATS / "models/torch_wide_dynamo.onnx").read_bytes())
    del model.metadata_props[:]
    tensor = next(t for t in model.graph.initializer if t.raw_data)
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": "w", "offset": "4", "length": f"{size}"}.items():
        tensor.external_data.add(key=key, value=value)
    return model.SerializeToString()


def beside(name: str) -> bytes:
    if name != "w":
        raise FormatError(f"There is no file “{name[:40]}” beside it.")
    return np.linspace(-1, 1, 5000).astype("<f4").tobytes()


def recorded_models() -> list[bytes]:
    return [path.read_bytes() for path in sorted((FORMATS / "models").glob("*.onnx"))]


# ------------------------------------------------------------------ tables of data
PLAIN = "height,colour,kind\n1.5,red,a\n2.5,green,b\n-3e-2,red,a\n4,,b\n5.25,blue,a\n"


def spreadsheet_tables() -> list[bytes]:
    german = PLAIN.replace(",", ";").replace(".", ",").replace("green", "grün")
    quoted = 'a,"b ""c""",d\n"1","x, y",2\n"3","line\nbreak",4\n"5",z,6\n'
    return [
        PLAIN.encode(),
        german.encode("cp1252"),
        german.encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace(",", "|").replace("\n", "\r\n").encode(),
        quoted.encode(),
        b"1 2 3\n4 5 6\n7 8 9\n",
        ("sep=;\n" + german).encode(),
        ("id,x,y\n" + "".join(f"{i},{i * 0.5},{i % 3}\n" for i in range(40))).encode(),
    ]


def kept_table(table: tables.CsvTable) -> None:
    assert len(table.columns) >= 2
    assert table.row_count >= 1
    for column in table.columns:
        assert np.isfinite(column.values).all(), column.name
        assert len(column.values) == table.row_count, column.name
    try:
        chosen = tables.choose_target(table, table.suggested_target)
    except DataError as error:
        if not str(error).endswith("."):
            raise AssertionError(str(error)) from None
        return
    document = rich_document()
    kept_document(replace(document, data=replace(document.data, table=chosen)))


# ------------------------------------------------------------------ what people paste and type
def selections() -> list[bytes]:
    network = rich_document().network
    texts = []
    for ids in ([2, 3], network.topology.ids.tolist(), [6]):
        places = {i: (float(i), 0.0) for i in ids}
        texts.append(excerpt_to_text(excerpt_of(network, ids), places).encode())
    return texts


def read_selection(data: bytes, number: int) -> Any:
    return excerpt_from_text(data.decode("utf-8", "surrogateescape"))


def kept_selection(found: Any) -> None:
    text = excerpt_to_text(*found)
    assert excerpt_to_text(*excerpt_from_text(text)) == text


COLUMNS = {"x1": np.linspace(-3, 3, 7), "x2": np.linspace(0, 1, 7)}
FORMULAS = ("x1^2", "sin(x1*x2)/3", "max(x1, 1/3) - exp(-x2)", "sqrt(abs(x1))", "2^x1", "0.03")


def read_formula(data: bytes, number: int) -> Any:
    text = data.decode("utf-8", "replace")
    canonical_feature(text)
    if number % 4 == 3:
        return evaluate_number(text)
    return compile_formula(text, tuple(COLUMNS)).evaluate(COLUMNS)


# ------------------------------------------------------------------ the table
def made(*parts: Callable[[], list[bytes] | bytes]) -> Callable[[], list[bytes]]:
    @cache
    def bases() -> list[bytes]:
        found = [part() for part in parts]
        return [data for part in found for data in ([part] if isinstance(part, bytes) else part)]

    return bases


def of(name: str) -> Callable[[], bytes]:
    return lambda: registry.write(rich_document(), name)


def network(name, twist, *parts, missing="", **options):
    read = reader(name, **(options or OPTIONS))
    return Target(name, made(*parts), twist, read, keep=kept_document, missing=missing)


_ROWS = (
    network("nnplay", damage.twisted_document, of("nnplay"), lambda: samples(".nnplay")),
    network("json", damage.twisted_json, of("json"), lambda: samples(".nnplay.json")),
    network("npz", damage.twisted_members, of("npz"), bare_npz),
    network("safetensors", damage.twisted_safetensors, of("safetensors"), bare_safetensors),
    network("csv", damage.twisted_table, of("csv"), semicolons),
    network("onnx", twisted_model, own_onnx, recorded_models, onnx_beside, beside=beside),
    Target(
        "torch",
        made(forked_torch.files),
        forked_torch.twisted,
        lambda data, number: forked_torch.read(data, NAME, **OPTIONS),
        keep=kept_document,
        missing="torch",
        chunk=100,
    ),
    Target(
        "table",
        made(spreadsheet_tables),
        damage.twisted_table,
        lambda data, number: tables.read_csv(data, NAME),
        DataError,
        kept_table,
        names_file=False,  # it stands in the middle of some sentences
    ),
    Target(
        "selection",
        made(selections),
        damage.twisted_json,
        read_selection,
        keep=kept_selection,
        names_file=False,
    ),
    Target(
        "formula",
        made(lambda: [text.encode() for text in FORMULAS]),
        damage.scribbled,
        read_formula,
        DataError,
        names_file=False,
    ),
    Target(
        "recovery",
        made(window_targets.copies),
        damage.twisted_document,
        window_targets.read_copy,
        keep=window_targets.kept_copy,
        names_file=False,  # it is called as the copy is
    ),
    Target(
        "thumbnail",
        made(window_targets.pictured),
        window_targets.twisted_picture,
        window_targets.read_picture,
        names_file=False,
    ),
    Target(
        "settings",
        made(window_targets.remembered),
        window_targets.twisted_settings,
        window_targets.read_settings,
        keep=window_targets.kept_settings,
        names_file=False,
    ),
)
TARGETS = {row.name: row for row in _ROWS}
