"""Where compiled kernels are kept, and under which name.

The name holds everything the code depends on: nnplay's own sources, the versions of Python, Numba and
llvmlite, and the processor, as one home folder may serve many machines.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from nnplay.storage import StorageError, read_file, write_file

__all__ = ["KERNEL_SOURCES", "cache_folder", "kernel_path", "read_kernel", "write_kernel"]

_SUFFIX = ".kernel"
_DIGEST = 32
_LARGEST = 64_000_000
# Kernels of other versions are removed when they have not been renewed for so long.
_OLD_SECONDS = 90 * 24 * 3600

KERNEL_SOURCES = (
    "activating", "book", "codes", "compiling", "exchange", "functions", "kernels", "loading",
    "losing", "passes", "updating", "vectors",
)  # fmt: skip
"""The modules of this package that decide what the kernel is."""


def cache_folder() -> Path:
    """The folder for kernels; made if need be.

    It is the one named by the environment variable ``NNPLAY_KERNELS`` (for many people with one
    kind of machine), else the user's cache folder or, if nothing can be written there, a private
    temporary one.
    """
    if chosen := os.environ.get("NNPLAY_KERNELS"):
        return Path(chosen)
    wanted = Path(platformdirs.user_cache_dir("nnplay", appauthor=False)) / "kernels"
    if _is_private_folder(wanted):
        return wanted
    user = os.getuid() if hasattr(os, "getuid") else 0
    shared = Path(tempfile.gettempdir()) / f"nnplay-kernels-{user}"
    return shared if _is_private_folder(shared) else _own_folder()


@lru_cache(maxsize=1)
def _own_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="nnplay-kernels-"))


def _is_private_folder(folder: Path) -> bool:
    """Whether a folder exists or can be made, is ours alone, and can be written.

    Its files are run as code, so nobody else may be able to put one there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if hasattr(os, "getuid") and (
        found.st_uid != os.getuid()
        or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        or not stat.S_ISDIR(found.st_mode)
    ):
        return False
    return os.access(folder, os.W_OK | os.X_OK)


@lru_cache(maxsize=1)
def _key() -> str:
    digest = hashlib.sha256()
    for package in ("numba", "llvmlite"):
        try:
            found = version(package)
        except PackageNotFoundError:
            found = "none"
        digest.update(f"{package} {found}\n".encode())
    digest.update(f"{sys.version}\n{platform.platform()}\n{_processor()}\n".encode())
    for name in KERNEL_SOURCES:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    digest.update(repr(_constants()).encode())
    return digest.hexdigest()[:24]


def _constants() -> list[object]:
    """Numbers of core that are compiled into the kernel."""
    from nnplay.core import activation_functions
    from nnplay.core.optimizers import rprop

    return [
        (name, value)
        for module in (activation_functions, rprop)
        for name, value in sorted(vars(module).items())
        if name.isupper() and isinstance(value, int | float)
    ]


def _processor() -> str:
    """What distinguishes processors that cannot run each other's code."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").split("\n\n")[0].splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    chosen = ("vendor_id", "cpu family", "model", "flags", "Features", "CPU part")
    return "\n".join(line for line in lines if line.split(":")[0].strip() in chosen)


def kernel_path() -> Path:
    """The file of the kernel that fits here; it need not exist."""
    return cache_folder() / f"{_key()}{_SUFFIX}"


def read_kernel() -> bytes | None:
    """The compiled kernel as an object file; None if there is none that is whole."""
    try:
        data = read_file(kernel_path(), _LARGEST)
    except StorageError:
        return None
    digest, code = data[:_DIGEST], data[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def write_kernel(code: bytes) -> None:
    """Keep a kernel for later processes; kernels long out of use are removed.

    Raises :class:`nnplay.storage.StorageError`.
    """
    path = kernel_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, hashlib.sha256(code).digest() + code)
    newest = path.stat().st_mtime
    for other in path.parent.glob(f"*{_SUFFIX}"):
        try:
            if newest - other.stat().st_mtime > _OLD_SECONDS:
                other.unlink()
        except OSError:
            continue
