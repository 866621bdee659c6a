"""Grids are kept between maps, and only as long as they are the right ones."""

from dataclasses import replace

import numpy as np
import pytest

from nnplay.data.preparation import prepare
from nnplay.session.evaluation import Programs, decision_map
from nnplay.session.values import MapRequest
from nnplay.setup import new_document


@pytest.fixture
def circle():
    document, _ = new_document("circle", features=("x1", "x2"))
    return document, prepare(document.data, document.preparation, document.seed)


def test_a_grid_is_made_once_while_weights_change(circle) -> None:
    document, data = circle
    programs, request = Programs(), MapRequest(20)
    network = document.network
    grid = programs.grid(network, data, request)
    moved = network.with_theta(network.theta * 2.0)
    assert programs.grid(moved, data, request) is grid
    shown = decision_map(moved, data, request, programs)
    fresh = decision_map(moved, data, request, Programs())
    np.testing.assert_array_equal(shown.values, fresh.values)


def test_other_wishes_get_other_grids(circle) -> None:
    document, data = circle
    network = document.network
    first, second = network.topology.input_ids
    crossed = network.set_binding(first, "x2").set_binding(second, "x1")
    scaled = prepare(
        document.data, replace(document.preparation, scale_inputs="standard"), document.seed
    )
    programs = Programs()
    for net, prepared, request in (
        (network, data, MapRequest(20)),
        (crossed, data, MapRequest(20)),
        (network, scaled, MapRequest(20)),
        (network, data, MapRequest(20, None, 1, 0)),
        (network, data, MapRequest(30)),
        (network, data, MapRequest(20)),
    ):
        shown = decision_map(net, prepared, request, programs)
        fresh = decision_map(net, prepared, request, Programs())
        np.testing.assert_array_equal(shown.values, fresh.values)


def test_chosen_neurons_come_in_the_order_asked_for(circle) -> None:
    document, data = circle
    network = document.network
    every = decision_map(network, data, MapRequest(10), Programs())
    ids = network.topology.ids.tolist()
    some = decision_map(network, data, MapRequest(10, (ids[3], ids[0])), Programs())
    np.testing.assert_array_equal(some.values, every.values[[3, 0]])
    assert every.neurons == tuple(ids)
