"""The document ``.nnplay``: a zip archive of one JSON head and plain numpy arrays."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any, Final

from nnplay.document import Document
from nnplay.formats import npy_member, strict_json
from nnplay.formats.archive import read_members, write_members
from nnplay.formats.document_record import document_from_record, document_to_record
from nnplay.formats.errors import FormatError
from nnplay.formats.fields import Fields
from nnplay.formats.record import Record, check_version

__all__ = ["MIMETYPE", "THUMBNAIL", "from_bytes", "to_bytes", "with_thumbnail"]

MIMETYPE: Final = b"application/x-nnplay"
HEAD: Final = "document.json"
SUMS: Final = "SHA256SUMS"
THUMBNAIL: Final = "thumbnail.png"
ARRAY_FOLDERS: Final = ("params/", "history/", "optimizer/", "data/")


def to_bytes(document: Document) -> bytes:
    """The document as a ``.nnplay`` file; the same document always gives the same bytes.

    ``mimetype`` comes first, so that file managers recognise the file; ``SHA256SUMS`` comes last
    and can be checked with ``sha256sum -c`` after unpacking.
    """
    record = document_to_record(document)
    kept = record.head.pop("members", {})
    head = json.dumps(record.head, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    members = {"mimetype": MIMETYPE, HEAD: (head + "\n").encode()}
    for name in sorted(record.arrays):
        members[f"{name}.npy"] = npy_member.encode(record.arrays[name])
    for name in sorted(kept):
        members.setdefault(name, _from_text(kept[name], name))
    members.pop(THUMBNAIL, None)
    return _packed(members)


def with_thumbnail(data: bytes, picture: bytes) -> bytes:
    """A ``.nnplay`` file with a PNG picture of the network inside.

    The picture is no part of the document: writers that can paint put it in, and it is not read
    back into the document, so that no other writer keeps one that is out of date.
    """
    members = read_members(data)
    del members[SUMS]
    members[THUMBNAIL] = picture
    return _packed(members)


def _packed(members: dict[str, bytes]) -> bytes:
    sums = "".join(
        f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in members.items()
    )
    return write_members({**members, SUMS: sums.encode()})


def from_bytes(data: bytes) -> Document:
    """The document in a ``.nnplay`` file.

    Raises:
        FormatError: not an nnplay document, of a newer major version, damaged, or unsound.
    """
    members = read_members(data)
    if members.get("mimetype", b"").strip() != MIMETYPE or HEAD not in members:
        raise FormatError("This is a zip archive, but not an nnplay document.")
    head = strict_json.parse(members[HEAD])
    check_version(Fields(head, ""))  # a newer major version may have other rules from here on
    _check_sums(members)
    arrays = {}
    kept: dict[str, str] = {}
    for name, content in members.items():
        if name in ("mimetype", HEAD, SUMS, THUMBNAIL):
            continue
        if name.endswith(".npy") and name.startswith(ARRAY_FOLDERS):
            arrays[name.removesuffix(".npy")] = npy_member.decode(content, name)
        else:
            kept[name] = base64.b64encode(content).decode()
    if kept:
        head["members"] = kept
    return document_from_record(Record(head, arrays))


def _check_sums(members: dict[str, bytes]) -> None:
    lines = members.get(SUMS, b"").decode("utf-8", "replace").splitlines()
    expected = {line[66:]: line[:64] for line in lines}
    for name, content in members.items():
        if name == SUMS:
            continue
        if name not in expected:
            raise FormatError(f"The archive does not vouch for its member “{name[:80]}”.")
        if hashlib.sha256(content).hexdigest() != expected[name]:
            raise FormatError(
                f"“{name[:80]}” was changed or damaged after saving. To edit a document by hand, "
                "save it as .nnplay.json."
            )
    missing = expected.keys() - members.keys()
    if missing:
        raise FormatError(f"“{min(missing)[:80]}” is missing from the archive.")


def _from_text(value: Any, name: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise FormatError(f"The kept member “{name[:80]}” is not base64 text.") from None
