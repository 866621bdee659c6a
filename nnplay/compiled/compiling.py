"""Compiles the kernel to an object file. The only place that runs Numba."""

from __future__ import annotations

from typing import Any

from nnplay.compiled.loading import KERNEL_NAME, KernelError, target_machine

__all__ = ["compile_kernel"]

# Anything else the code might call could be missing where it is loaded.
_KNOWN = {"erfc", "sqrt", "sin", "cos", "log", "pow", "memset", "memcpy", "memmove"}


def compile_kernel() -> bytes:
    """The kernel for this processor as an object file; takes many seconds.

    Raises :class:`KernelError`, and whatever Numba raises.
    """
    from llvmlite import binding
    from numba import njit

    from nnplay.compiled.functions import OPTIONS
    from nnplay.compiled.kernels import SIGNATURE, kernel

    # Without Python's wrappers, so that the code calls nothing but the mathematical library.
    options: dict[str, Any] = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    dispatcher = njit(SIGNATURE, **options)(kernel)
    compiled: Any = dispatcher.overloads[SIGNATURE.args]
    text = compiled.library.get_llvm_str()
    text = text.replace(compiled.fndesc.llvm_func_name, KERNEL_NAME)
    module = binding.parse_assembly(text)
    unknown = {
        function.name
        for function in module.functions
        if function.is_declaration and not function.name.startswith("llvm.")
    } - _KNOWN
    if unknown:
        raise KernelError(
            f"The compiled code calls unknown functions: {', '.join(sorted(unknown))}."
        )
    code: bytes = target_machine().emit_object(module)
    return code
