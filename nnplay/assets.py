"""The one place that knows where the files of ``resources/`` lie.

They are inside the package in an installed wheel, and beside it in a checkout or an editable
install.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["resource_folder", "resource_path"]


@cache
def resource_folder() -> Path:
    """Folder that holds icons, fonts, data sets and examples.

    Raises:
        FileNotFoundError: the installation is incomplete; the message names both places tried.
    """
    package = Path(__file__).resolve().parent
    inside, beside = package / "resources", package.parent / "resources"
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"nnplay's resources were found neither in {inside} nor in {beside}. "
        "Please install nnplay again."
    )


def resource_path(name: str) -> Path:
    """Path of one resource, for example ``datasets/iris.csv``; it must exist.

    Raises:
        FileNotFoundError: there is no such resource.
    """
    path = resource_folder() / name
    if not path.exists():
        raise FileNotFoundError(f"nnplay's resource {name} is missing: {path}")
    return path
