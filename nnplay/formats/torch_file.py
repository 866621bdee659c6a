"""Weights that PyTorch saved (``.pt``, ``.pth``): read by PyTorch itself, in a process of its own.

Such files are pickles, which can run programs. ``weights_only=True`` allows tensors and nothing
else; the process has limits of time and memory, and hands back tensors as a safetensors file.
"""

from __future__ import annotations

from typing import Final

from nnplay.document import Document
from nnplay.formats import safetensors_file, tensors
from nnplay.formats.errors import FormatError
from nnplay.formats.record import MAX_ELEMENTS

__all__ = ["from_bytes", "read"]

MEMORY: Final = 2 * 2**30
"""Address space for the process besides a few times the file's size; PyTorch alone takes 0.7 GB."""
SECONDS: Final = 60.0
MAX_TENSORS: Final = 10_000

WAY_OUT: Final = (
    "Save the weights as safetensors: "
    'safetensors.torch.save_file(model.state_dict(), "weights.safetensors").'
)

PROGRAM: Final = (
    "It is a TorchScript program, not a file of weights. In Python, "
    'weights = torch.jit.load("model.pt").state_dict() and then torch.save(weights, "weights.pt") '
    "make a file that nnplay reads."
)

# What the process says when it refuses, and what that means for people.
_REFUSALS: Final = {
    40: f"It holds more than tensors, and only tensors are read. {WAY_OUT}",
    41: "It holds no tensors by name. Save model.state_dict() instead of the model.",
    42: "It holds too many or too large tensors.",
    43: f"PyTorch cannot read it: it is damaged or no file of weights. {WAY_OUT}",
    44: f"It needs more memory than a file of its size should. {WAY_OUT}",
    45: "It holds tensors of a kind that nnplay does not read (sparse, quantised or complex).",
}

_READER: Final = """\
import io, json, os, pickle, sys
out = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
data = sys.stdin.buffer.read()
most_tensors, most_elements = int(sys.argv[1]), int(sys.argv[2])
import numpy, torch
torch.set_num_threads(1)
def find():
    try:
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        sys.exit(40)
    except MemoryError:
        sys.exit(44)
    except Exception as error:
        sys.exit(44 if "alloc" in str(error) else 43)
found = find()
for name in ("state_dict", "model_state_dict", "model"):
    if isinstance(found, dict) and isinstance(found.get(name), dict):
        found = found[name]
if not isinstance(found, dict):
    sys.exit(41)
tensors = {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, torch.Tensor)}
if not tensors:
    sys.exit(41)
if len(tensors) > most_tensors or any(v.numel() > most_elements for v in tensors.values()):
    sys.exit(42)
arrays = {}
try:
    for name, value in tensors.items():
        value = value.detach()
        if value.layout != torch.strided or value.is_quantized or value.is_complex():
            sys.exit(45)
        if value.dtype == torch.bfloat16:
            value = value.float()
        arrays[name] = numpy.ascontiguousarray(value.cpu().numpy())
    from safetensors.numpy import save
    out.write(save(arrays))
    out.flush()
except MemoryError:
    sys.exit(44)
except (TypeError, RuntimeError, ValueError):
    sys.exit(45)
"""


def from_bytes(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> Document:
    """A document from a PyTorch file; raises :class:`FormatError`."""
    return read(data, activation, output_activation)[0]


def read(
    data: bytes, activation: str | None = None, output_activation: str | None = None
) -> tuple[Document, tuple[str, ...]]:
    """As :func:`from_bytes`, with sentences about how the file was understood."""
    from nnplay.formats.running import has_module, isolated_python, run

    if data[:2] == b"PK" and b"/constants.pkl" in data and b"/code/__torch__" in data:
        raise FormatError(PROGRAM)
    if not has_module("torch"):
        raise FormatError(
            "Files of PyTorch are read by PyTorch, which is not installed here. Install it with "
            f"pip install “nnplay[torch]”, or where it is installed: {WAY_OUT}"
        )
    command = isolated_python(
        _READER, str(MAX_TENSORS), str(MAX_ELEMENTS), memory=MEMORY + 4 * len(data)
    )
    done = run(command, data, seconds=SECONDS)
    if done.returncode in _REFUSALS:
        raise FormatError(_REFUSALS[done.returncode])
    if done.returncode == -9:
        raise FormatError("Reading it took too long or too much memory, and was given up.")
    if done.returncode:
        raise FormatError(_REFUSALS[44 if b"alloc" in done.stderr else 43])
    arrays, _ = safetensors_file.read_tensors(done.stdout)
    document = tensors.document_of(arrays, {}, activation, output_activation)
    return document, tensors.layer_notes(arrays)
