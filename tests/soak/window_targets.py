"""What the window reads by itself at every start: copies to recover, pictures, what it remembers."""

import struct
import tempfile
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from formats.refusals import repacked, rich_document
from soak import damage

from nnplay.formats import nnplay_zip, registry
from nnplay.formats.errors import FormatError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIZES = (0, 1, 7, 5000, 60_000, 2**31 - 1, 2**32 - 1)
NOTHING = "There is nothing of use in it."


@cache
def folder():
    """A folder of this process; it goes with the process."""
    made = tempfile.TemporaryDirectory(prefix="nnplay-soak-")
    folder.kept = made
    return Path(made.name)


# ------------------------------------------------------------------ pictures inside documents
def _png(rows):
    height, width = rows.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    return SIGNATURE + b"".join(
        _chunk(kind, body)
        for kind, body in ((b"IHDR", head), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    )


def _chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pictured():
    data = registry.write(rich_document(), "nnplay")
    random = np.random.default_rng(1)
    return [
        nnplay_zip.with_thumbnail(data, _png(random.integers(0, 255, size, dtype=np.uint8)))
        for size in ((60, 90), (1, 1))
    ]


def twisted_picture(data, random):
    """Parts of the picture changed under checksums that are right again, of it and the file."""
    members = damage.members_of(data)
    parts = _parts(members[nnplay_zip.THUMBNAIL])
    for _ in range(int(random.integers(1, 4))):
        part = damage.chosen(parts, random)
        match int(random.integers(4)):
            case 0 if part[0] == b"IHDR" and len(part[1]) >= 8:
                at = 4 * int(random.integers(2))
                size = struct.pack(">I", damage.chosen(SIZES, random))
                part[1] = part[1][:at] + size + part[1][at + 4 :]
            case 1:
                parts.insert(int(random.integers(len(parts))), list(part))
            case 2 if part[0] == b"IDAT":
                part[1] = zlib.compress(random.bytes(int(random.integers(1, 9000))))
            case _:
                part[1] = damage.damaged(part[1], random)
    picture = SIGNATURE + b"".join(_chunk(kind, body) for kind, body in parts)
    return repacked({**members, nnplay_zip.THUMBNAIL: picture})


def _parts(picture):
    found, place = [], len(SIGNATURE)
    while place < len(picture):
        length = struct.unpack_from(">I", picture, place)[0]
        found.append([picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]])
        place += 12 + length
    return found


def read_picture(data, number):
    from PySide6.QtGui import QImage

    from nnplay.library import read_thumbnail

    path = folder() / "pictured.nnplay"
    path.write_bytes(data)
    image = QImage.fromData(read_thumbnail(path))
    if image.isNull():
        raise FormatError(NOTHING)
    return image


# ------------------------------------------------------------------ copies for recovery
def copies():
    from nnplay.session.recovery import KEY, Origin

    found = []
    for path in (None, Path("/home/somebody/work.nnplay")):
        document = rich_document()
        record = Origin(path, "work", edits=3, epochs=2, steps=7).as_record()
        extra = {**document.extra, KEY: record}
        found.append(registry.write(replace(document, extra=extra), "nnplay"))
    return found


def read_copy(data, number):
    from nnplay.session import orphans, recovery

    home = folder() / "recovery" / "window-1"
    home.mkdir(parents=True, exist_ok=True)
    (home / recovery.COPY_NAME).write_bytes(data)
    (found,) = orphans.find_orphans(home.parent)
    found.leave()
    if found.document is None:
        raise FormatError(found.problem)
    return found


def kept_copy(found):
    origin = found.origin
    assert origin.path is None or str(origin.path)
    assert origin.title or found.document.title == ""
    assert min(origin.edits, origin.epochs, origin.steps) >= 0
    assert "recovery" not in found.document.extra


# ------------------------------------------------------------------ what the window remembers
def remembered():
    from nnplay.session.settings import Settings

    place = folder() / "fresh"
    settings = Settings(place)
    here = folder() / "one.nnplay"
    here.write_bytes(b"")
    settings.add_recent(here)
    settings.set_text("theme", "dark")
    settings.set_flag("overview", False)
    settings.set_bytes("geometry", bytes.fromhex("01d9d0cb00030000") + bytes(58))
    settings.set_bytes("left", bytes.fromhex("000000ff00000001") + bytes(20))
    settings.flush()
    return (place / "nnplay.ini").read_bytes()


def twisted_settings(data, random):
    lines = data.decode("latin-1").split("\n")
    values = (
        "@Invalid()",
        "@Variant(\\0\\0\\0\\x7f)",
        "@ByteArray(",
        "@Size(1 2)",
        "a, b, c",
        '"',
        "%",
    )
    for _ in range(int(random.integers(1, 4))):
        row = int(random.integers(len(lines)))
        name = lines[row].split("=")[0]
        lines[row] = f"{name}={damage.chosen((*values, *lines), random)}"
    return "\n".join(lines).encode("latin-1")


def read_settings(data, number):
    from nnplay.session.settings import Settings

    place = folder() / f"settings-{number % 2}"  # QSettings keeps what it has read lately
    place.mkdir(exist_ok=True)
    (place / "nnplay.ini").write_bytes(data)
    settings = Settings(place)
    found = [settings.recent_files, settings.last_folder, settings.text("theme", "system")]
    found += [settings.flag("overview", True), settings.bytes_of("geometry")]
    found += [settings.bytes_of("left")]
    if not settings.recent_files:
        raise FormatError(NOTHING)
    return found


def kept_settings(found):
    recent, last, theme, overview, geometry, left = found
    assert all(path.is_file() for path in recent)
    assert last.is_absolute()
    assert isinstance(theme, str)
    assert isinstance(overview, bool)
    assert isinstance(geometry, bytes)
    assert isinstance(left, bytes)
