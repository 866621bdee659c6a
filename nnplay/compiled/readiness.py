"""Whether the kernel is there, and the process that makes it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Literal

from nnplay.compiled.cache import read_kernel
from nnplay.compiled.loading import Kernel, KernelError, link

__all__ = ["State", "kernel", "reason", "state", "wait_until_ready", "warm_up_in_background"]

State = Literal["ready", "compiling", "cold", "missing", "broken"]

_POLL_SECONDS = 0.05


class _Workshop:
    """The compiling process of this process and what came of it. Any thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self.trouble = ""
        self.kernel: Kernel | None = None
        self.is_there = False

    def look(self) -> State:
        """The present state; call with the lock."""
        if self.kernel is not None or self.is_there:
            return "ready"
        if self.process is not None:
            if self.process.poll() is None:
                return "compiling"
            self._finish(self.process)
        if self.trouble:
            return "broken"
        if read_kernel() is not None:
            self.is_there = True
            return "ready"
        return "cold" if _numba_is_installed() else "missing"

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        self.process = None
        said = b""
        if process.stderr is not None:
            said = process.stderr.read()
            process.stderr.close()
        if process.returncode:
            lines = said.decode("utf-8", "replace").strip().splitlines()
            self.trouble = lines[-1] if lines else f"exit code {process.returncode}"
        elif read_kernel() is None:
            self.trouble = "the compiled code could not be kept"

    def start(self) -> State:
        """Begin to compile if that is still to be done; call with the lock."""
        found = self.look()
        if found != "cold":
            return found
        try:
            # The program is Python itself, and its arguments are fixed.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "nnplay.compiled.warm"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            self.trouble = str(error)
            return "broken"
        return "compiling"

    def load(self) -> Kernel:
        """The kernel, linked into this process once; call with the lock."""
        if self.kernel is None:
            code = read_kernel()
            try:
                if self.trouble:
                    raise KernelError(self.trouble)
                if code is None:
                    raise KernelError("The compiled code has disappeared.")
                self.kernel = link(code)
            except KernelError as error:
                self.trouble, self.is_there = str(error), False
                raise
        return self.kernel


_workshop = _Workshop()


def _numba_is_installed() -> bool:
    try:
        return all(importlib.util.find_spec(name) is not None for name in ("numba", "llvmlite"))
    except (ImportError, ValueError):
        return False


def state() -> State:
    """Whether compiled training is at hand.

    ``ready``; ``compiling`` (a process of ours is at it); ``cold`` (nobody has compiled it yet);
    ``missing`` (Numba is not installed); ``broken`` (it was tried and failed, see
    :func:`reason`). Never imports Numba. Any thread.
    """
    with _workshop.lock:
        return _workshop.look()


def reason() -> str:
    """Why compiled training is not at hand, as a sentence for people; empty if it is."""
    with _workshop.lock:
        found = _workshop.look()
        trouble = _workshop.trouble.rstrip(".")
    if found == "missing":
        return (
            "Numba is not installed, so NumPy trains; install the package “numba” to train small "
            "networks many times faster."
        )
    if found == "broken":
        return f"Numba does not work here, so NumPy trains. It said: {trouble}."
    if found in ("compiling", "cold"):
        return (
            "The fast training code is still being compiled; a run that begins before it is ready "
            "stays with NumPy to its end."
        )
    return ""


def warm_up_in_background() -> State:
    """Begin to compile in a process of its own, unless that is done or impossible.

    Returns at once. The process ends by itself and may outlive this one.
    """
    with _workshop.lock:
        return _workshop.start()


def wait_until_ready(progress: Callable[[float], None] | None = None) -> State:
    """Compile if need be and wait for the end; returns ``ready``, ``missing`` or ``broken``.

    Args:
        progress: called now and then with the seconds waited; may raise to stop waiting.
    """
    found = warm_up_in_background()
    start = time.monotonic()
    while found == "compiling":
        if progress is not None:
            progress(time.monotonic() - start)
        time.sleep(_POLL_SECONDS)
        found = state()
    return found


def kernel() -> Kernel:
    """The kernel, linked at the first call; raises :class:`KernelError`. Any thread."""
    with _workshop.lock:
        return _workshop.load()
