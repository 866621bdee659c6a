"""Cut files and flipped bits: one kind of exception, with the file's name (more: tests/soak)."""

import numpy as np
import pytest
from formats.refusals import (
    WRITERS,
    refused,
    rich_document,
)

from nnplay.formats import registry


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
