"""Zip archives in memory: the same members give the same bytes, and reading is bounded."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from nnplay.formats.errors import FormatError

__all__ = ["read_members", "write_members"]

MAX_MEMBERS: Final = 10_000
MAX_TOTAL: Final = 2**30
FREE_TOTAL: Final = 2**26
MAX_RATIO: Final = 20
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    KeyError,
    IndexError,
    OverflowError,
    ValueError,
)


def write_members(members: Mapping[str, bytes]) -> bytes:
    """A zip archive with stored members in the given order, fixed times and plain modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # the same on every operating system
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()


def read_members(data: bytes) -> dict[str, bytes]:
    """All members by name, after their declared sizes were added up and found bearable.

    Raises:
        FormatError: not a zip archive, damaged, or suspicious (members that unpack to far more
            than the file holds, the same name twice, names that lead out of the archive).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check(infos, len(data))
            return {
                info.filename: _member(archive, info)
                for info in infos
                if info.file_size or not info.is_dir()
            }
    except FormatError:
        raise
    except BROKEN as error:
        raise FormatError(_broken(error)) from None


def _check(infos: list[zipfile.ZipInfo], size: int) -> None:
    if len(infos) > MAX_MEMBERS:
        raise FormatError(f"The archive has more than {MAX_MEMBERS} members.")
    total = sum(info.file_size for info in infos)
    if total > min(MAX_TOTAL, max(FREE_TOTAL, MAX_RATIO * size)):
        raise FormatError(
            f"The archive of {size} bytes claims to hold {total} bytes; it is not opened."
        )
    seen = set()
    for info in infos:
        name = info.filename
        if name in seen:
            raise FormatError(f"The archive holds “{name[:80]}” twice.")
        seen.add(name)
        parts = name.rstrip("/").split("/")
        if "\\" in name or ":" in name or any(part in ("", ".", "..") for part in parts):
            raise FormatError(f"The archive has a member with the forbidden name “{name[:80]}”.")
        if info.flag_bits & 0x1:
            raise FormatError("The archive is encrypted. Unpack it and pack it without password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FormatError(f"“{name[:80]}” is packed by a method that nnplay does not read.")
        if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
            raise FormatError(f"The archive contradicts itself about the size of “{name[:80]}”.")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise FormatError(f"“{info.filename[:80]}” is cut off.")
    return data


def _broken(error: Exception) -> str:
    """What is wrong with an archive, and the way out."""
    again = "Please open another copy, or fetch the file again from where it came from."
    if isinstance(error, zipfile.BadZipFile) and "CRC" in str(error):
        return f"The file is damaged: its contents were changed after it was saved. {again}"
    if isinstance(error, zipfile.BadZipFile):
        return f"The file is damaged or only part of it is there. {again}"
    return f"The file is damaged: its contents cannot be unpacked. {again}"
