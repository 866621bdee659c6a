"""A document with something of everything, and how a file that is none must be refused."""

import hashlib
import io
import re
import struct
import time
import zipfile

import numpy as np

from nnplay.core.config import TrainingState
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.data.recipe import Column, DataRecipe, RawTable
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.archive import write_members
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError
from nnplay.formats.nnplay_zip import SUMS

OPTIONS = {"activation": "relu", "output_activation": "linear"}
WRITERS = ("nnplay", "json", "npz", "safetensors", "csv")


def rich_document():
    """Something of everything a file can hold."""
    network = Network.mlp([2, 3, 2], activation="tanh", output_activation="softmax")
    network = network.with_theta(np.linspace(-1, 1, 17)).set_frozen([1], True)
    network = network.set_enabled([2], False).set_label(3, 'h "1",\nα').set_binding(0, "x1")
    words = Column("colour", np.array([0.0, 1.0, np.nan]), ("red", "green"))
    target = Column("kind", np.array([1.0, 0.0, 1.0]), ("a", "b"))
    memory = {"velocity": np.linspace(0, 1, 17)}
    return Document(
        network,
        {0: (1.5, -2.0)},
        data=DataRecipe("table", table=RawTable((words, target), "kind", ("a", "b"))),
        state=TrainingState(step=9, epoch=3, optimizer_arrays=memory),
        history=History(np.arange(4.0), np.linspace(1, 0, 4), np.array([1, np.nan, np.inf, 0])),
        view={"probe": [0.5, 0.6]},
        extra={"later": {"deep": [1, {"x": None}]}},
    )


def refused(data, name="bad.file", format_name=None, **options):
    """The sentence that a file is refused with; None if it can be read."""
    start = time.process_time()
    document, error = None, None
    try:
        document = registry.read(data, name, format_name, **options)
    except FormatError as found:
        error = found
    assert time.process_time() - start < 1.0
    if error is not None:
        assert error.file == name
        assert str(error).startswith(f"{name}: ")
        assert str(error).endswith(".")
        assert len(str(error)) < 600
        return error.reason
    assert document is not None
    # What can be read can be saved and is then the same.
    again = registry.read(registry.write(document, "nnplay"), "again", "nnplay")
    assert same_document(again, document)
    return None


def repacked(members):
    """An archive whose checksums are right, so that its contents must be judged themselves."""

    members = {name: data for name, data in members.items() if name != SUMS}
    sums = "".join(f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in members.items())
    return write_members({**members, SUMS: sums.encode()})


def counted(value):
    """Test names: the sentence that is looked for, not the whole file."""
    return re.sub("[^a-z ]", "", value)[:30] if isinstance(value, str) else ""


def archive(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as made:
        for name, data in members:
            made.writestr(name, data)
    return buffer.getvalue()


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def header(text, data=b""):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data
