"""Entry point of ``python -m nnplay`` and of the installed command."""

import os
import sys


def main() -> int:
    """Set up the process, then hand over to the command line (which may open the window)."""
    # With another core busy, several BLAS threads are slower than one; this must be said before
    # numpy is loaded.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from nnplay.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
