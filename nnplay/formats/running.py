"""Runs exported code in a process of its own, with limits; nothing of it ever runs in this one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nnplay.formats.errors import FormatError

if TYPE_CHECKING:
    import subprocess
    import threading

__all__ = ["CancelledError", "has_module", "isolated_python", "run"]

SECONDS: Final = 60.0
PAUSE: Final = 0.05


class CancelledError(FormatError):
    """A person gave up waiting; nothing was written."""


def has_module(name: str) -> bool:
    """Whether a module is installed; it is not loaded."""
    import importlib.util

    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def isolated_python(code: str, *arguments: str, memory: int = 0) -> list[str]:
    """A command that runs Python code without our paths, user packages or environment.

    Args:
        code: what to run.
        arguments: ``sys.argv[1:]``.
        memory: bytes of address space at most; 0 is no limit.
    """
    limit = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))\n"
        if memory and sys.platform != "win32"
        else ""
    )
    return [sys.executable, "-I", "-c", limit + code, *arguments]


def run(
    command: list[str],
    data: bytes = b"",
    *,
    folder: Path | None = None,
    seconds: float = SECONDS,
    stop: threading.Event | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end.

    Args:
        command: program and arguments; no shell.
        data: its standard input.
        folder: where it works.
        seconds: how long it may take.
        stop: set when nobody waits for it any more.

    Returns:
        Its exit code and output; the code is -9 where it took too long.

    Raises:
        CancelledError: ``stop`` was set.
        OSError: it cannot be started.
    """
    import subprocess
    import tempfile

    kept = ("PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
    # Files and not pipes: nothing has to be read while waiting, and nothing can fill up.
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as complaints,
    ):
        given.write(data)
        given.seek(0)
        process = subprocess.Popen(  # noqa: S603 - no shell
            command,
            stdin=given,
            stdout=output,
            stderr=complaints,
            cwd=folder,
            env=environment,
        )
        code = _wait(process, seconds, stop)
        output.seek(0)
        complaints.seek(0)
        return subprocess.CompletedProcess(command, code, output.read(), complaints.read())


def _wait(process: subprocess.Popen[bytes], seconds: float, stop: threading.Event | None) -> int:
    import subprocess

    end = time.monotonic() + seconds
    while True:
        try:
            return process.wait(PAUSE)
        except subprocess.TimeoutExpired:
            cancelled = stop is not None and stop.is_set()
            if cancelled or time.monotonic() > end:
                process.kill()
                process.wait()
                if cancelled:
                    raise CancelledError("Cancelled. Nothing was written.") from None
                return -9
