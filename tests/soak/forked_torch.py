"""The reader of PyTorch's files, whose process is forked instead of started.

A process of its own for every file takes a second and a half, nearly all of it to load PyTorch.
Here PyTorch is loaded once; every file then has a forked child, which runs the very text that
the reader would run, under the same limits. All the rest is the reader itself.
"""

import io
import os
import pickle
import resource
import sys
import traceback
import zipfile
from subprocess import CompletedProcess
from unittest.mock import patch

from soak import damage

from nnplay.formats import registry, running


def files():
    """State dictionaries as PyTorch saves them, in both of its formats."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)).double()
    state = model.state_dict()
    half = {name: value.bfloat16() for name, value in state.items()}

    def saved(value, **options):
        out = io.BytesIO()
        torch.save(value, out, **options)
        return out.getvalue()

    return [
        saved(state),
        saved(state, _use_new_zipfile_serialization=False),
        saved({"epoch": 3, "state_dict": state}),
        saved(half),
    ]


def twisted(data, random):
    if data[:2] == b"PK":
        return damage.twisted_archive(data, random, _packed)
    try:
        return damage.twisted_pickle(data, random)
    except (ValueError, pickle.UnpicklingError):  # several pickles follow each other, then numbers
        return damage.damaged(data, random)


def _packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def read(data, name, **options):
    with patch.object(running, "run", _forked):
        return registry.read(data, name, "torch", **options)


def _forked(command, data=b"", *, seconds=0.0, **others):
    """What ``running.run`` does with ``isolated_python``, without loading anything again."""
    assert command[1:3] == ["-I", "-c"]
    assert not others
    assert "torch" in sys.modules
    code, arguments = command[3], command[4:]
    given, output, complaints = (os.memfd_create(name) for name in ("in", "out", "err"))
    os.pwrite(given, data, 0)
    child = os.fork()
    if child == 0:
        _become(code, arguments, given, output, complaints)
    _, status, _ = os.wait4(child, 0)
    found = [os.pread(place, os.fstat(place).st_size, 0) for place in (output, complaints)]
    for place in (given, output, complaints):
        os.close(place)
    return CompletedProcess(command, os.waitstatus_to_exitcode(status), *found)


def _become(code, arguments, given, output, complaints):
    result = 1
    try:
        for place, number in ((given, 0), (output, 1), (complaints, 2)):
            os.dup2(place, number)
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        sys.stdin = os.fdopen(0, "r")
        sys.argv = ["-c", *arguments]
        sys.warnoptions.clear()
        exec(compile(code, "<reader>", "exec"), {"__name__": "__main__"})
        result = 0
    except SystemExit as end:
        result = end.code if isinstance(end.code, int) else 1
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(result)
