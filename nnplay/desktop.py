"""Makes nnplay known to the Linux desktop of one user: menu entry, file type, icons.

Everything goes into the user's own data folder (``$XDG_DATA_HOME``, usually ``~/.local/share``),
where no administrator is needed, and can be taken away again.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nnplay.assets import resource_path
from nnplay.storage import StorageError, read_file, write_file

__all__ = ["install", "uninstall"]

APP: Final = "nnplay"
DOCUMENT: Final = "application-x-nnplay"
Say = Callable[[str], object]


def install(say: Say) -> int:
    """Write the files and tell the desktop; returns the exit code of the command."""
    if not sys.platform.startswith("linux"):
        say("nnplay can be made known to Linux desktops only; nothing was done.")
        return 1
    for place, content in _files().items():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{place.parent} cannot be made: {(error.strerror or str(error)).lower()}."
            ) from None
        write_file(place, content)
        say(f"wrote {place}")
    _refresh(say)
    say("nnplay is in the menu now, and documents open with it. --uninstall-desktop undoes this.")
    return 0


def uninstall(say: Say) -> int:
    """Remove what :func:`install` has written; returns the exit code of the command."""
    removed = 0
    for place in _files():
        try:
            place.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StorageError(
                f"{place} cannot be removed: {(error.strerror or str(error)).lower()}."
            ) from None
        removed += 1
        say(f"removed {place}")
    if removed:
        _refresh(say)
    say("nnplay is no longer in the menu." if removed else "There was nothing to remove.")
    return 0


def _data_folder() -> Path:
    given = os.environ.get("XDG_DATA_HOME", "")
    # The specification: a relative path is to be ignored.
    return Path(given) if os.path.isabs(given) else Path.home() / ".local" / "share"


def _files() -> dict[Path, bytes]:
    """Where everything goes, and what it is."""
    source, data = resource_path("desktop"), _data_folder()
    entry = "".join(_for_this(line) for line in _lines(source / "nnplay.desktop"))
    files = {
        data / "applications" / "nnplay.desktop": entry.encode(),
        data / "mime" / "packages" / "nnplay.xml": read_file(source / "nnplay.xml"),
        data / "metainfo" / "nnplay.metainfo.xml": read_file(source / "nnplay.metainfo.xml"),
    }
    for picture in sorted((source / "icons").iterdir()):
        name, _, size = picture.stem.rpartition("-")
        if picture.suffix == ".svg":
            name, folder = picture.stem, "scalable"
        else:
            folder = f"{size}x{size}"
        kind = "apps" if name == APP else "mimetypes"
        place = data / "icons" / "hicolor" / folder / kind / f"{name}{picture.suffix}"
        files[place] = read_file(picture)
    return files


def _lines(path: Path) -> list[str]:
    return read_file(path).decode().splitlines(keepends=True)


def _for_this(line: str) -> str:
    """A line of the desktop entry that starts the nnplay it was installed with."""
    command = _command()
    if line.startswith("TryExec="):
        return f"TryExec={command[0]}\n"
    return line.replace("Exec=nnplay", f"Exec={_quoted(command)}", 1)


def _command() -> list[str]:
    """How this nnplay is started, also where no folder of programs knows it."""
    started = Path(sys.argv[0])
    beside = Path(sys.executable).with_name(APP)
    for program in (started, beside):
        if program.name == APP and program.is_file() and os.access(program, os.X_OK):
            return [str(program.absolute())]
    return [sys.executable, "-m", APP]


def _quoted(command: list[str]) -> str:
    """A command line as the desktop entry specification wants it."""
    return " ".join(_argument(part) for part in command)


def _argument(text: str) -> str:
    text = text.replace("%", "%%")
    if not any(c in " \t\n\"'\\><~|&;$*?#()`" for c in text):
        return text
    for character in ("\\", '"', "`", "$"):
        text = text.replace(character, "\\" + character)
    # The value as a whole is a string, in which a backslash stands for itself only when doubled.
    return '"' + text.replace("\\", "\\\\") + '"'


def _refresh(say: Say) -> None:
    """Have the desktop look at its folders again, as far as it has the programs for it."""
    import subprocess

    data = _data_folder()
    for program, *arguments in (
        ("update-mime-database", str(data / "mime")),
        ("update-desktop-database", str(data / "applications")),
        ("gtk-update-icon-cache", "--quiet", "--force", "--ignore-theme-index", _icons(data)),
    ):
        found = shutil.which(program)
        if found is None:
            say(f"{program} is not installed; the desktop may notice later.")
            continue
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program of the desktop, no shell
                [found, *arguments], capture_output=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            say(f"{program} could not be run; the desktop may notice later.")
            continue
        say(f"ran {program}" if done.returncode == 0 else f"{program} reported a fault.")


def _icons(data: Path) -> str:
    return str(data / "icons" / "hicolor")
