"""The compiled kernel as a function of this process, without Numba.

Numba itself takes most of a second of Python to be imported, half of it with Python's lock held for
long. Only llvmlite is needed here, which links an object file in some milliseconds.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["KERNEL_NAME", "Kernel", "KernelError", "link", "target_machine"]

KERNEL_NAME = "nnplay_kernel"
"""Name of the kernel's symbol."""

_ARGUMENTS = 8
# Code in use must never be freed.
_linked: list[Any] = []
_lock = threading.Lock()


class KernelError(Exception):
    """The compiled kernel cannot be used; the message says why, for people."""


class Kernel:
    """Calls the kernel, see :func:`nnplay.compiled.kernels.kernel`; Python's lock is free meanwhile.

    Args:
        address: of the machine code, in Numba's own calling convention: a status is returned,
            behind pointers to the result and to an exception.
    """

    def __init__(self, address: int) -> None:
        types = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * _ARGUMENTS]
        self._result = ctypes.c_int64()
        self._trouble = ctypes.c_void_p()
        function = ctypes.CFUNCTYPE(ctypes.c_int32, *types)(address)
        pointers = ctypes.byref(self._result), ctypes.byref(self._trouble)
        self._function: Callable[..., int] = function
        self._pointers = tuple(ctypes.cast(pointer, ctypes.c_void_p) for pointer in pointers)

    def __call__(self, *arguments: int) -> None:
        """Call it with eight whole numbers."""
        if self._function(*self._pointers, *arguments):
            raise KernelError("The compiled code reported an error.")


def target_machine() -> Any:
    """LLVM's idea of this processor."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )


def link(code: bytes) -> Kernel:
    """The kernel in an object file. Any thread; raises :class:`KernelError`."""
    try:
        from llvmlite import binding

        with _lock:
            machine = target_machine()
            engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
            engine.add_object_file(binding.ObjectFileRef.from_data(code))
            engine.finalize_object()
            address = engine.get_function_address(KERNEL_NAME)
            _linked.append(engine)
    except Exception as error:  # llvmlite is not ours: whatever it raises, NumPy goes on
        raise KernelError(f"The compiled code cannot be loaded ({error}).") from error
    if not address:
        raise KernelError("The compiled code is incomplete.")
    return Kernel(address)
