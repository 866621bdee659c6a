"""What the window remembers between starts: an ini file in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

__all__ = ["Settings"]

RECENT_LIMIT: Final = 10


class Settings:
    """Recent files, window state and preferences.

    Args:
        folder: where ``nnplay.ini`` lies; None is the user's own configuration folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(platformdirs.user_config_dir("nnplay", appauthor=False))
        self.state_folder = (
            Path(platformdirs.user_state_dir("nnplay", appauthor=False))
            if folder is None
            else folder / "state"
        )
        """For what is of use only after a crash."""
        self._store = QSettings(str(self.folder / "nnplay.ini"), QSettings.Format.IniFormat)

    # ------------------------------------------------------------------ recent files
    @property
    def recent_files(self) -> tuple[Path, ...]:
        """Documents opened or saved lately, latest first; files that are gone are left out."""
        names = self._store.value("recent/files", [])
        if isinstance(names, str):  # Qt gives a list of one as a string
            names = [names]
        paths = [Path(str(name)) for name in names] if isinstance(names, list) else []
        return tuple(path for path in paths if path.is_file())

    def add_recent(self, path: Path) -> None:
        """Put a document at the top of the recent ones."""
        place = path.resolve()
        others = [other for other in self.recent_files if other != place]
        names = [str(p) for p in [place, *others][:RECENT_LIMIT]]
        self._store.setValue("recent/files", names)

    def clear_recent(self) -> None:
        """Forget the recent documents."""
        self._store.remove("recent/files")

    @property
    def last_folder(self) -> Path:
        """Folder of the latest document, for file dialogs; the home folder to begin with."""
        recent = self.recent_files
        return recent[0].parent if recent else Path.home()

    # ------------------------------------------------------------------ window and preferences
    def bytes_of(self, name: str) -> bytes:
        """Opaque state of a window or splitter; empty if there is none."""
        value = self._store.value(f"window/{name}")
        return bytes(value.data()) if isinstance(value, QByteArray) else b""

    def set_bytes(self, name: str, value: bytes) -> None:
        """Remember opaque state."""
        self._store.setValue(f"window/{name}", QByteArray(value))

    def text(self, name: str, default: str = "") -> str:
        """A preference."""
        value = self._store.value(f"preferences/{name}", default)
        return value if isinstance(value, str) else default

    def set_text(self, name: str, value: str) -> None:
        """Remember a preference."""
        self._store.setValue(f"preferences/{name}", value)

    def flag(self, name: str, default: bool = False) -> bool:
        """A preference that is on or off."""
        return self.text(name, "true" if default else "false") == "true"

    def set_flag(self, name: str, value: bool) -> None:
        """Remember a preference that is on or off."""
        self.set_text(name, "true" if value else "false")

    def flush(self) -> None:
        """Write everything down now."""
        self._store.sync()
