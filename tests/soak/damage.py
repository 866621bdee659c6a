"""Accidents that happen to files: bytes flipped, cut or moved, and values nobody expects.

Everything is drawn from a generator of random numbers, so that a number names a file for ever.
"""

import io
import json
import pickletools
import struct
import zipfile

from formats.refusals import repacked

from nnplay.formats.archive import write_members

NASTY = [
    *(None, True, False, "", "x" * 300, "\0", "nnplay", "NaN", "-1", [], {}, [[]], [{}], {"a": 1}),
    *(0, 1, -1, 2, 7, 10**6, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**400),
    *(0.5, -0.0, 1e308, -1e308, 5e-324, 1.0, 99.0),
]
CELLS = ["", "NA", "?", "1,5", "1e999", "-", '"', "'", "1.234,5", "\t", ";", "0x10", "٣", "inf"]


def chosen(items, random):
    return items[int(random.integers(len(items)))]


def damaged(data, random):
    """Bytes with a few accidents: flipped, cut, doubled, moved, filled."""
    result = bytearray(data)
    for _ in range(int(random.integers(1, 4))):
        if not result:
            break
        place = int(random.integers(len(result)))
        length = int(random.integers(1, 40))
        match int(random.integers(6)):
            case 0:
                result[place] ^= 1 << int(random.integers(8))
            case 1:
                result[place : place + length] = random.bytes(length)
            case 2:
                del result[place : place + length]
            case 3:
                result[place:place] = result[place : place + length]
            case 4:
                del result[place:]
            case 5:
                result[place : place + 4] = struct.pack("<I", int(random.integers(2**32)))
    return bytes(result)


# ------------------------------------------------------------------ JSON
def twisted(value, random):
    """A JSON value with a few places changed to what nobody expects there."""
    places = []

    def walk(node):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    value = json.loads(json.dumps(value))
    walk(value)
    for _ in range(int(random.integers(1, 4))):
        node, key = chosen(places, random)
        match int(random.integers(5)):
            case 0 if isinstance(node, list):
                node.append(chosen(node, random) if node else 0)
            case 1 if isinstance(node, dict):
                node.pop(key, None)
            case 2 if isinstance(node, list) and node:
                node.pop()
            case 3:
                other, name = chosen(places, random)
                taken = other.get(name) if isinstance(other, dict) else None
                put(node, key, json.loads(json.dumps(taken)) if taken is not node else 0)
            case _:
                put(node, key, chosen(NASTY, random))
    return value


def put(node, key, value):
    if isinstance(node, dict) or key < len(node):
        node[key] = value


def twisted_json(data, random):
    return json.dumps(twisted(json.loads(data), random)).encode()


# ------------------------------------------------------------------ archives and tensors
def members_of(data):
    """Names and contents of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def twisted_archive(data, random, pack):
    """One member damaged, with checksums that are right again."""
    members = members_of(data)
    name = chosen(sorted(members), random)
    if name == "document.json" and random.random() < 0.8:
        members[name] = twisted_json(members[name], random)
    elif name.endswith("data.pkl") and random.random() < 0.8:
        members[name] = twisted_pickle(members[name], random)
    else:
        members[name] = damaged(members[name], random)
    return pack(members)


def twisted_document(data, random):
    return twisted_archive(data, random, repacked)


def twisted_members(data, random):
    return twisted_archive(data, random, write_members)


def twisted_pickle(data, random):
    """A pickle with a few of its instructions left out, doubled, exchanged or changed."""
    places = [place for _, _, place in pickletools.genops(data)]
    pieces = [data[a:b] for a, b in zip(places, [*places[1:], len(data)], strict=True)]
    for _ in range(int(random.integers(1, 4))):
        place = int(random.integers(len(pieces)))
        match int(random.integers(4)):
            case 0 if len(pieces) > 1:
                del pieces[place]
            case 1:
                pieces.insert(place, chosen(pieces, random))
            case 2:
                other = int(random.integers(len(pieces)))
                pieces[place], pieces[other] = pieces[other], pieces[place]
            case _:
                pieces[place] = damaged(pieces[place], random)
    return b"".join(pieces)


def twisted_safetensors(data, random):
    length = struct.unpack_from("<Q", data)[0]
    header = json.loads(data[8 : 8 + length])
    inside = header.get("__metadata__", {}).get("nnplay_json")
    if inside is None or random.random() < 0.5:
        header = twisted(header, random)
    else:
        header["__metadata__"]["nnplay_json"] = json.dumps(twisted(json.loads(inside), random))
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


# ------------------------------------------------------------------ text
def twisted_table(data, random):
    """Cells and lines of a CSV file changed, moved and left out."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
    lines = data.decode(encoding).split("\n")
    delimiter = max(",;\t|", key=lines[0].count)
    for _ in range(int(random.integers(1, 3))):
        row = int(random.integers(len(lines)))
        cells = lines[row].split(delimiter)
        place = int(random.integers(len(cells)))
        match int(random.integers(6)):
            case 0 if len(lines) > 1:
                del lines[row]
                continue
            case 1:
                lines.insert(row, chosen(lines, random))
                continue
            case 2:
                cells.insert(place, cells[place])
            case 3:
                cells[place] = chosen(CELLS, random)
            case _:
                cells[place] = str(chosen(NASTY, random))
        lines[row] = delimiter.join(cells)
    return "\n".join(lines).encode(encoding, "replace")


PIECES = [
    *("x1", "x2", "x", "1", "9", "0.5", "1e9", "e", "**", "^", "+", "-", "*", "/", "(", ")", ","),
    *("sin", "exp", "max", "log", "pi", " ", "`", "²", "⁻", "·", ".", "_", "'", "\n", "\\", "["),
    *(
        "lambda",
        "if",
        "for",
        "9" * 30,
        "9**9",
        "sqrt(",
        "abs(",
        "None",
        "__",
        ":=",
        "\0",
        "٣",
        "==",
    ),
]


def scribbled(data, random):
    """A formula with pieces put in, left out, exchanged; or pieces alone."""
    count = int(random.integers(1, 60 if random.random() < 0.2 else 5))
    if random.random() < 0.3:
        return "".join(chosen(PIECES, random) for _ in range(count)).encode()
    text = data.decode()
    for _ in range(count):
        place = int(random.integers(len(text) + 1))
        gone = int(random.integers(3))
        text = text[:place] + chosen(PIECES, random) + text[place + gone :]
    return text.encode()
