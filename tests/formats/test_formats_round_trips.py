"""Whatever can be drawn comes back bit for bit, and the same document gives the same bytes."""

import json

import numpy as np
import pytest
from formats.document_strategies import documents
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document
from nnplay.formats.errors import FormatError
from nnplay.formats.verification import verify


def bits(array):
    return np.ascontiguousarray(array).tobytes()


def assert_same_network(first, second):
    """Compared here field by field, not with the code under test."""
    assert first.topology.ids.tolist() == second.topology.ids.tolist()
    assert first.topology.kinds.tolist() == second.topology.kinds.tolist()
    assert first.topology.edges.tolist() == second.topology.edges.tolist()
    assert bits(first.theta) == bits(second.theta)  # also -0.0
    assert first.activations == second.activations
    assert first.labels == second.labels
    assert first.bindings == second.bindings
    for name in ("dropout", "frozen", "enabled", "neuron_enabled"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist(), name
    for array in (second.theta, second.frozen, second.topology.edges):
        assert not array.flags.writeable


@pytest.mark.parametrize("format_name", ["nnplay", "json"])
@given(document=documents())
def test_documents_come_back_bit_for_bit(format_name, document):
    data = registry.write(document, format_name)
    again = registry.read(data, "file", format_name)
    assert_same_network(document.network, again.network)
    assert repr(dict(sorted(again.positions.items()))) == repr(
        dict(sorted(document.positions.items()))
    )
    assert bits(again.initial) == bits(document.initial)
    assert again.training == document.training
    assert again.preparation == document.preparation
    assert (again.title, again.seed, again.draw) == (document.title, document.seed, document.draw)
    assert json.dumps(again.view, sort_keys=True) == json.dumps(document.view, sort_keys=True)
    for name in ("epochs", "train", "test"):
        assert bits(getattr(again.history, name)) == bits(getattr(document.history, name))
    assert again.state.step == document.state.step
    assert again.state.optimizer_arrays.keys() == document.state.optimizer_arrays.keys()
    for name, values in document.state.optimizer_arrays.items():
        assert bits(again.state.optimizer_arrays[name]) == bits(values)
    before, after = document.data, again.data
    assert (before.source, before.noise, before.sample_count) == (
        after.source,
        after.noise,
        after.sample_count,
    )
    assert (before.train_percent, before.table_name) == (after.train_percent, after.table_name)
    assert (before.table is None) == (after.table is None)
    if before.table is not None and after.table is not None:
        assert (before.table.target, before.table.classes) == (
            after.table.target,
            after.table.classes,
        )
        for old, new in zip(before.table.columns, after.table.columns, strict=True):
            assert (old.name, old.categories) == (new.name, new.categories)
            assert np.array_equal(old.values, new.values, equal_nan=True)
    assert same_document(document, again)
    assert registry.write(again, format_name) == data


NEVER_SILENT = {"sigmoid", "hard_sigmoid", "softplus", "cos", "gaussian", "softmax"}
"""Activations that are not 0 at 0."""


def written(document, format_name, **options):
    """Bytes, or None where weights alone cannot say that an output is switched off."""
    network = document.network
    cannot = format_name != "csv" and any(
        neuron.activation in NEVER_SILENT and not neuron.enabled
        for neuron in network.neurons
        if neuron.kind == Kind.OUTPUT
    )
    if not cannot:
        return registry.write(document, format_name, **options)
    with pytest.raises(FormatError, match="switched off"):
        registry.write(document, format_name, **options)
    return None


@pytest.mark.parametrize("format_name", ["npz", "safetensors", "csv"])
@pytest.mark.parametrize("layered", [True, False])
@given(document=documents())
@settings(max_examples=40)
def test_networks_come_back_bit_for_bit(format_name, layered, document):
    data = written(document, format_name)
    if data is None:
        return
    again = registry.read(data, "file", format_name)
    assert_same_network(document.network, again.network)
    assert repr(dict(sorted(again.positions.items()))) == repr(
        dict(sorted(document.positions.items()))
    )
    assert registry.write(again, format_name) == registry.write(again, format_name)
    assert verify(document, data, format_name).byte_count == len(data)


@pytest.mark.parametrize("format_name", ["npz", "safetensors"])
@given(document=documents(), scale=st.floats(-30, 30))
@settings(max_examples=30)
def test_float32_exports_are_lossless_for_nnplay_and_rounded_for_others(
    format_name, document, scale
):
    small = document.with_network(
        document.network.with_theta(np.clip(document.network.theta, -1e30, 1e30))
    )
    data = written(small, format_name, dtype="float32")
    if data is None:
        return
    assert bits(registry.read(data, "file", format_name).network.theta) == bits(small.network.theta)
    assert verify(small, data, format_name).largest_deviation <= 1e30 * 2**-23


def test_the_same_document_gives_the_same_bytes_whatever_its_history_of_edits():
    network = Network.mlp([2, 3, 1])
    direct = Document(network.set_weight(0, 2, 0.5), {0: (1.0, 2.0), 1: (3.0, 4.0)})
    detour = Document(
        network.set_weight(0, 2, 9.0).set_weight(0, 2, 0.5), {1: (3.0, 4.0), 0: (1.0, 2.0)}
    )
    for name in (row.name for row in registry.FORMATS.values() if row.can_write):
        if name in ("notebook", "script"):
            continue  # these train again, and this network has no data that fit
        assert registry.write(direct, name) == registry.write(detour, name)
