"""Compile the kernel and keep it: ``python -m nnplay.compiled.warm``.

A process of its own, as Numba holds Python's lock while it compiles. The kernel is kept only if it
loads and computes what NumPy computes; whatever goes wrong hits this process alone.
"""

from __future__ import annotations

import os
import sys

__all__ = ["main"]


def main() -> int:
    """Exit code 0 if the kernel is there now; otherwise one sentence on standard error."""
    from nnplay.compiled.cache import read_kernel, write_kernel

    if hasattr(os, "nice"):
        os.nice(5)
    if read_kernel() is not None:
        return 0
    try:
        from nnplay.compiled.compiling import compile_kernel
        from nnplay.compiled.loading import link
        from nnplay.compiled.proving import prove

        code = compile_kernel()
        prove(link(code))
        write_kernel(code)
    except Exception as error:  # Numba is not ours: whatever it raises, NumPy goes on
        words = " ".join(str(error).split())[:300] or type(error).__name__
        sys.stderr.write(f"{type(error).__name__}: {words}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
