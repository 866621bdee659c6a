"""The picture inside a document: for lists and file managers, and no part of the document."""

import io
import struct
import tracemalloc
import zipfile

from PySide6.QtGui import QImage

from nnplay import library
from nnplay.formats import nnplay_zip
from nnplay.formats.document_record import same_document
from nnplay.gui.document_picture import SIZE, paint_document
from nnplay.setup import new_document


def test_the_same_document_gives_the_same_bytes_from_the_same_writer(tmp_path, qapp):
    document = new_document("spiral")[0]
    first, second, plain = (tmp_path / f"{n}.nnplay" for n in ("first", "second", "plain"))
    library.save(document, first, thumbnail=paint_document(document))
    again = library.load(first)
    library.save(again, second, thumbnail=paint_document(again))
    assert first.read_bytes() == second.read_bytes()
    library.save(document, plain)
    assert library.read_thumbnail(plain) == b""
    # Nobody keeps a picture that may be out of date.
    library.save(library.load(first), second)
    assert second.read_bytes() == plain.read_bytes()


def test_it_is_a_picture_of_the_network_and_checked_like_all_members(tmp_path, qapp):
    document = new_document("circle")[0]
    path = tmp_path / "a.nnplay"
    library.save(document, path, thumbnail=paint_document(document))
    image = QImage.fromData(library.read_thumbnail(path))
    assert (image.width(), image.height()) == SIZE
    assert len({image.pixel(x, 80) for x in range(256)}) > 5
    assert same_document(library.load(path), document)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names[0] == "mimetype"
        assert b"thumbnail.png" in archive.read("SHA256SUMS")
    data = bytearray(path.read_bytes())
    assert data[30:58] == b"mimetype" + nnplay_zip.MIMETYPE


def test_a_text_twin_has_none(tmp_path, qapp):
    document = new_document("xor")[0]
    path = tmp_path / "a.nnplay.json"
    library.save(document, path, thumbnail=paint_document(document))
    assert "thumbnail" not in path.read_text()
    assert library.read_thumbnail(path) == b""


def test_whatever_a_file_holds_looking_for_a_picture_is_harmless(tmp_path):
    path = tmp_path / "a.nnplay"
    for content in (b"", b"PK\x03\x04", b"text", _zip("thumbnail.png", b"no picture")):
        path.write_bytes(content)
        assert library.read_thumbnail(path) == b""
    bomb = _zip("thumbnail.png", b"\x89PNG\r\n\x1a\n" + bytes(2**22), zipfile.ZIP_DEFLATED)
    path.write_bytes(bomb)
    assert library.read_thumbnail(path) == b""
    assert library.read_thumbnail(tmp_path) == b""
    assert library.read_thumbnail(tmp_path / "missing") == b""


def test_a_large_network_is_not_painted():
    assert paint_document(new_document("circle", hidden=(300, 300))[0]) == b""


def test_a_picture_that_claims_to_be_large_takes_no_memory(tmp_path):
    """One damaged document in the list of recent ones ended the list for want of memory."""
    data = bytearray(_zip("thumbnail.png", b"\x89PNG\r\n\x1a\n"))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 20, 2**31)
    path = tmp_path / "a.nnplay"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        assert library.read_thumbnail(path) == b""
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20


def _zip(name, content, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()
