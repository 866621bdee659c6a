"""Random documents for round trips: any feed-forward wiring, any text, any finite number."""

import json
import math
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from nnplay.core.activations import ACTIVATIONS
from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.core.setting_ranges import CHOICES, RANGES
from nnplay.core.topology import Kind, Topology
from nnplay.data.catalogue import CATALOGUE
from nnplay.data.recipe import Column, DataRecipe, Preparation, RawTable
from nnplay.document import Document

finite = st.floats(allow_nan=False, allow_infinity=False)
# Also line breaks, quotes, separators and NUL, but no half characters (surrogates).
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
seeds = st.integers(0, 2**64 - 1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | finite | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def numbers(draw, count):
    """``float64[count]``; now and then every special number there is, otherwise cheap ones."""
    values = np.random.default_rng(draw(st.integers(0, 2**32))).normal(size=count)
    special = [0.0, -0.0, 5e-324, -2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3]
    for place in draw(st.lists(st.integers(0, max(0, count - 1)), max_size=4)):
        if count:
            values[place] = draw(st.sampled_from(special) | finite)
    return values


@st.composite
def networks(draw, layered=None):
    if draw(st.booleans()) if layered is None else layered:
        sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
        base = Network.mlp(sizes).topology
        ids, kinds, edges = base.ids, base.kinds, base.edges
        if draw(st.booleans()) and len(edges) > 1:  # connections may be missing
            edges = np.delete(edges, draw(st.integers(0, len(edges) - 1)), axis=0)
    else:
        count = draw(st.integers(0, 9))
        ids = draw(
            st.permutations(
                draw(
                    st.lists(st.integers(0, 2**31 - 1), min_size=count, max_size=count, unique=True)
                )
            )
        )
        kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=count, max_size=count))
        possible = [
            (ids[i], ids[j])
            for i in range(count)
            for j in range(i + 1, count)
            if kinds[j] != Kind.INPUT
        ]
        edges = (
            draw(st.lists(st.sampled_from(possible), unique=True, max_size=20)) if possible else []
        )
    topology = Topology(ids, kinds, np.array(edges, dtype=np.int64).reshape(-1, 2))
    names = [name for name in ACTIVATIONS if name != "softmax"]
    activations = [
        "linear" if kind == Kind.INPUT else draw(st.sampled_from(names)) for kind in topology.kinds
    ]
    outputs = [row for row, kind in enumerate(topology.kinds) if kind == Kind.OUTPUT]
    if (
        outputs
        and draw(st.booleans())
        and not any(topology.outgoing_slots[row].size for row in outputs)
    ):
        for row in outputs:
            activations[row] = "softmax"
    n, p = topology.neuron_count, topology.parameter_count
    flags = np.random.default_rng(draw(st.integers(0, 2**32)))
    plain = draw(st.booleans())
    return Network.build(
        topology,
        theta=draw(numbers(p)),
        activations=activations,
        labels=[draw(texts) for _ in range(n)],
        bindings=[draw(st.none() | texts.filter(bool)) for _ in range(n)],
        dropout=np.where(topology.kinds == Kind.HIDDEN, draw(st.sampled_from([0.0, 0.25])), 0.0),
        frozen=np.zeros(p) if plain else flags.random(p) < 0.3,
        enabled=np.ones(p) if plain else flags.random(p) < 0.7,
        neuron_enabled=np.ones(n) if plain else flags.random(n) < 0.8,
    )


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 5))
    names = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    columns = []
    for name in names:
        if draw(st.booleans()):
            categories = tuple(draw(st.lists(texts, min_size=1, max_size=3)))
            values = draw(
                st.lists(
                    st.integers(0, len(categories) - 1).map(float) | st.just(math.nan),
                    min_size=rows,
                    max_size=rows,
                )
            )
            columns.append(Column(name, np.array(values), categories))
        else:
            values = draw(st.lists(finite | st.just(math.nan), min_size=rows, max_size=rows))
            columns.append(Column(name, np.array(values)))
    target = draw(st.sampled_from(columns))
    return RawTable(tuple(columns), target.name, target.categories)


def numbers_in(allowed):
    """Any number a setting may be, also the smallest and largest ones."""
    if allowed.whole:
        return st.integers(int(allowed.low), int(allowed.high))
    low = None if math.isinf(allowed.low) else allowed.low
    high = None if math.isinf(allowed.high) else allowed.high
    return st.floats(
        low,
        high,
        exclude_min=allowed.above,
        exclude_max=allowed.below,
        allow_nan=False,
        allow_infinity=False,
    )


@st.composite
def configs(draw):
    """Any training settings that a training can have."""
    values = {name: draw(st.sampled_from(list(names))) for name, (_, names) in CHOICES.items()}
    chosen = draw(st.sets(st.sampled_from(sorted(RANGES)), max_size=6))
    values |= {name: draw(numbers_in(RANGES[name])) for name in sorted(chosen)}
    if values["schedule"] != "cosine" and values.get("schedule_factor") == 0.0:
        values["schedule_factor"] = 0.5
    return TrainingConfig(
        **values,
        class_weights=draw(st.lists(st.floats(0, 1e300, exclude_min=True), max_size=3)),
        shuffle=draw(st.booleans()),
        l1_dead_links=draw(st.booleans()),
        early_stopping=draw(st.booleans()),
        shuffle_seed=draw(st.none() | seeds),
    )


@st.composite
def documents(draw, layered=None):
    network = draw(networks(layered))
    count = network.topology.parameter_count
    known = network.topology.ids.tolist()
    positioned = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
    epochs = np.unique(np.abs(draw(numbers(draw(st.integers(0, 4))))))
    losses = np.where(np.arange(epochs.size) % 3 == 2, np.inf, draw(numbers(epochs.size)))
    has_table = draw(st.booleans())
    training = draw(configs())
    state = TrainingState(
        step=draw(st.integers(0, 2**53)),
        epoch=draw(st.integers(0, 2**53)),
        optimizer_arrays={
            name: draw(numbers(count))
            for name in draw(st.sets(st.sampled_from(["velocity", "first_moment"])))
        },
    )
    return Document(
        network=network,
        positions={neuron_id: (draw(finite), draw(finite)) for neuron_id in positioned},
        data=DataRecipe(
            source="table" if has_table else draw(st.sampled_from(list(CATALOGUE))),
            noise=draw(st.integers(0, 50)),
            sample_count=draw(st.none() | st.integers(1, 1_000_000)),
            train_percent=draw(st.integers(1, 100)),
            table=draw(tables()) if has_table else None,
            table_name=draw(texts),
        ),
        preparation=Preparation(
            tuple(draw(st.lists(texts, max_size=3))),
            draw(st.sampled_from(["none", "standard"])),
            draw(st.sampled_from(["none", "standard"])),
        ),
        training=training,
        seed=draw(seeds),
        draw=draw(st.integers(0, 1000)),
        initial=draw(numbers(count)),
        state=state,
        history=History(epochs, losses, np.full(epochs.size, np.nan)),
        title=draw(texts),
        view=json.loads(json.dumps(draw(st.dictionaries(texts, json_values, max_size=3)))),
    )


def network_only(document):
    """The part of a document that formats of weights promise to carry."""
    return replace(document, state=TrainingState(), history=History())
