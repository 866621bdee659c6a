"""Random damage: one kind of exception, with the file's name, and soon."""

import json
import struct

import numpy as np
import pytest
from formats.refusals import (
    OPTIONS,
    WRITERS,
    refused,
    repacked,
    rich_document,
)

from nnplay.formats import registry
from nnplay.formats.archive import read_members, write_members


# ------------------------------------------------------------------ random damage
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


NASTY = [
    *(None, True, False, "", "x" * 300, "\0", "nnplay", "NaN", "-1", [], {}, [[]], [{}], {"a": 1}),
    *(0, 1, -1, 2, 7, 10**6, 2**31, 2**53, 2**63, -(2**63), 2**64, 10**400),
    *(0.5, -0.0, 1e308, -1e308, 5e-324, 1.0, 99.0),
]


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
        node, key = places[int(random.integers(len(places)))]
        match int(random.integers(5)):
            case 0 if isinstance(node, list):
                node.append(node[int(random.integers(len(node)))] if node else 0)
            case 1 if isinstance(node, dict):
                node.pop(key, None)
            case 2 if isinstance(node, list) and node:
                node.pop()
            case 3:
                other, name = places[int(random.integers(len(places)))]
                taken = other.get(name) if isinstance(other, dict) else None
                put(node, key, json.loads(json.dumps(taken)) if taken is not node else 0)
            case _:
                put(node, key, NASTY[int(random.integers(len(NASTY)))])
    return value


def put(node, key, value):
    if isinstance(node, dict) or key < len(node):
        node[key] = value


def deep_damage(name, data, random):
    """Damage that gets past checksums and syntax."""
    if name == "json":
        return json.dumps(twisted(json.loads(data), random)).encode()
    if name in ("nnplay", "npz"):
        members = read_members(data)
        chosen = sorted(members)[int(random.integers(len(members)))]
        if chosen == "document.json" and random.random() < 0.8:
            members[chosen] = json.dumps(twisted(json.loads(members[chosen]), random)).encode()
        else:
            members[chosen] = damaged(members[chosen], random)
        return repacked(members) if name == "nnplay" else write_members(members)
    if name == "safetensors":
        length = struct.unpack_from("<Q", data)[0]
        header = json.loads(data[8 : 8 + length])
        if random.random() < 0.5:
            header = twisted(header, random)
        else:
            inside = twisted(json.loads(header["__metadata__"]["nnplay_json"]), random)
            header["__metadata__"]["nnplay_json"] = json.dumps(inside)
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + data[8 + length :]
    lines = data.decode().split("\n")
    for _ in range(int(random.integers(1, 3))):
        row = int(random.integers(len(lines)))
        cells = lines[row].split(",")
        nasty = str(NASTY[int(random.integers(len(NASTY)))])
        cells[int(random.integers(len(cells)))] = nasty
        lines[row] = ",".join(cells)
    return "\n".join(lines).encode()


def sweep(name, count, seed):
    data = registry.write(rich_document(), name)
    random = np.random.default_rng(seed)
    outcomes = [0, 0]
    for number in range(count):
        bad = (damaged, lambda d, r: deep_damage(name, d, r))[number % 2](data, random)
        outcomes[refused(bad, "bad.file", name, **OPTIONS) is None] += 1
        if number % 16 == 0:  # also where the contents alone tell the format
            refused(bad, "bad.nnplay")
    return outcomes


@pytest.mark.parametrize("name", WRITERS)
def test_damaged_files_are_refused_or_read_whole(name):
    was_refused, was_read = sweep(name, 1000, 1)
    assert was_refused > 300
    assert was_read > 0


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", WRITERS)
def test_a_hundred_thousand_damaged_files(name):
    sweep(name, 100_000, 2)


@pytest.mark.parametrize("name", WRITERS)
def test_every_cut_is_noticed(name):
    """A download that broke off; only a table may lack its last line's end."""
    data = registry.write(rich_document(), name)
    for size in {*range(0, len(data) - 1, max(1, len(data) // 150)), len(data) - 2}:
        found = refused(data[:size], "cut.file", name)
        if found is None:
            assert name == "csv"
            continue
    assert refused(data, "whole.file", name) is None


@pytest.mark.parametrize("name", ["nnplay", "npz"])
def test_every_flipped_bit_of_an_archive_is_noticed_or_harmless(name):
    document = rich_document()
    data = registry.write(document, name)
    network = registry.read(data, "file", name).network
    random = np.random.default_rng(3)
    for place in random.choice(len(data), 300, replace=False).tolist():
        bad = bytearray(data)
        bad[place] ^= 1 << int(random.integers(8))
        if refused(bytes(bad), "bad.file", name) is None:
            assert registry.read(bytes(bad), "bad.file", name).network.same_as(network)
