"""Text that is no document or network: each trick by itself."""

import json

import numpy as np
import pytest
from formats.refusals import (
    WRITERS,
    counted,
    refused,
)

from nnplay.core.config import TrainingConfig
from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.formats.errors import FormatError


def twin(**changes):
    """The text twin of a small network with changed keys."""
    value = json.loads(registry.write(Document(Network.mlp([2, 2, 1])), "json"))
    for place, new in changes.items():
        node = value
        *path, last = place.split("__")
        for key in path:
            node = node[int(key) if key.isdigit() else key]
        node[int(last) if last.isdigit() else last] = new
    return json.dumps(value).encode()


EDGE = {"source": 0, "target": 2, "weight": 1.0}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (twin(network__neurons__1__id=0), "0"),
        (twin(network__neurons__2__label="h", network__neurons__3__id=2), "2"),
        (twin(network__neurons__2__kind="secret"), "must be one of input, hidden, output"),
        (twin(network__neurons__2__activation="swish"), "must be one of linear, relu"),
        (twin(network__neurons__2__bias="x"), "network.neurons[2].bias must be a finite number"),
        (twin(network__neurons__0__bias=1.0), "is an input and cannot have a bias"),
        (twin(network__neurons__2__position=[1]), "a pair of finite numbers"),
        (twin(network__neurons__2__dropout=1.0), "from 0 to less than 1"),
        (twin(network__neurons=5), "network.neurons must be a list"),
        (twin(network__edges__0=EDGE, network__edges__1=EDGE), "“h1”"),
        (twin(network__edges__0={**EDGE, "source": 77}), "77"),
        (twin(network__edges__0={**EDGE, "target": 0}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "source": 2}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "source": 4}), "The network cannot exist"),
        (twin(network__edges__0={**EDGE, "weight": None}), "weight"),
        (twin(network__edges__0={**EDGE, "source": -1}), "a whole number"),
        (twin(network__edges__0={**EDGE, "source": 2**40}), "a whole number"),
        (twin(initial=[1.0, 2.0]), "params/initial must have the size 9, but it is 2."),
        (twin(seed=-1), "seed must be a whole number"),
        (twin(seed=2**64), "seed must be a whole number"),
        (twin(training={"loss": "guess"}), "training.loss must be one of"),
        (twin(training={"batch_size": 0}), "training.batch_size"),
        (twin(training={"batch_size": 1e300}), "training.batch_size"),
        (twin(data={"source": "table"}), None),  # opens; training says what is missing
        (twin(data={"source": "../../etc/passwd"}), "data.source must be one of"),
        (twin(data={"sample_count": 10**9}), "data.sample_count"),
        (twin(history={"epochs": [1, 0], "train": [1, 1], "test": [1, 1]}), "ascending"),
        (twin(history={"epochs": [0, 1], "train": [1], "test": [1, 1]}), "history/train"),
        (twin(view=[1]), "view must be an object"),
        (twin(title=5), "title must be text"),
        (twin(format={"name": "nnplay", "major": 99}), "newer nnplay (format 99.0"),
        (twin(format={"name": "nnplay", "major": "1"}), "format.major"),
        (twin(format={"name": "other"}), "not written by nnplay"),
        (b"{}", "not written by nnplay"),
        (b"[1, 2]", "not written by nnplay"),
        (twin().replace(b"0.0", b"NaN", 1), "NaN is not a number"),
        (twin().replace(b"0.0", b"1e999", 1), "too large; only finite numbers"),
        (twin().replace(b"0.0", b"9" * 5000, 1), "beyond all bounds"),
        (twin().replace(b'"seed"', b'"title": "b", "seed"', 1), "appears twice"),
        (twin(title="x").replace(b'"x"', b'"\\ud800"', 1), "broken text"),
        (twin(title="x").replace(b'"x"', b'"\xff"', 1), "not valid UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested more than 64 levels"),
        (b'{"a":' * 100_000, "nested more than 64 levels"),
        (twin(view={"a": json.loads("[" * 60 + "]" * 60)}), "nested too deeply"),
        (b'"' + b'\\"' * 500_000, "JSON"),
        (b"{" + b'"\\"' * 300_000, "JSON"),
        (b"{" + b",".join(b'"%d":0' % i for i in range(40_000)) + b',"7":0}', "appears twice"),
    ],
    ids=counted,
)
def test_text_that_is_no_document(data, says):
    found = refused(data, "bad.nnplay.json", "json")
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found


def test_two_columns_of_one_name_are_found_quickly_among_many():
    columns = [{"name": f"c{i}", "values": []} for i in range(12_000)] + [
        {"name": "c11999", "values": []}
    ]
    data = twin(data={"source": "table", "table": {"target": "c1", "columns": columns}})
    assert "two columns named “c11999”" in (refused(data, "wide.nnplay.json") or "")


def test_a_cycle_is_refused_with_the_names_of_its_neurons():
    value = json.loads(twin())
    value["network"]["neurons"][2]["label"] = "first"
    value["network"]["neurons"][3]["label"] = "second"
    value["network"]["edges"] += [
        {"source": 2, "target": 3, "weight": 1.0},
        {"source": 3, "target": 2, "weight": 1.0},
    ]
    reason = refused(json.dumps(value).encode(), "circle.nnplay.json")
    assert reason is not None
    assert "“first”" in reason
    assert "“second”" in reason


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be a number above 0, but it is 0.0."),
        ({"learning_rate": "quick"}, "learning_rate must be a finite number"),
        ({"learning_rate": 1e9}, None),  # it is allowed; training says what comes of it
        ({"momentum": 1.0}, "momentum must be a number of at least 0 and less than 1, but it is"),
        ({"dampening": 1.5}, "dampening must be a number of at least 0 and at most 1"),
        ({"rms_decay": -0.1}, "rms_decay must be"),
        ({"weight_decay": -1}, "weight_decay must be a number of 0 or more, but it is -1."),
        ({"epsilon": 0}, "epsilon must be a number above 0"),
        ({"optimizer": "luck"}, "optimizer must be one of sgd, momentum, nesterov, adagrad"),
        ({"optimizer": "lbfgs"}, None),
        ({"schedule": "whim"}, "schedule must be one of constant, step, exponential, cosine"),
        ({"precision": "float16"}, "precision must be one of float64, float32"),
        ({"schedule_epochs": 0}, "schedule_epochs must be at least 1, but it is 0."),
        ({"schedule_epochs": 1.5}, "schedule_epochs must be a whole number"),
        ({"schedule_factor": 1.1}, "schedule_factor must be"),
        ({"schedule": "step", "schedule_factor": 0}, "schedule_factor must be a number above 0"),
        ({"schedule": "cosine", "schedule_factor": 0}, None),
        ({"warmup_epochs": -1}, "warmup_epochs must be a whole number"),
        ({"huber_delta": 0}, "huber_delta must be"),
        ({"label_smoothing": 1}, "label_smoothing must be"),
        ({"class_weights": [1, 0]}, "class_weights must be a number above 0, but it is [1, 0]."),
        ({"class_weights": [1, "a"]}, "class_weights must be a list of finite numbers"),
        ({"class_weights": 2}, "class_weights must be a list"),
        ({"initial_value": -3}, None),
        ({"patience": 0}, "patience must be at least 1"),
        ({"min_improvement": -1e-9}, "min_improvement must be"),
        ({"stop_seconds": -1}, "stop_seconds must be"),
        ({"early_stopping": 1}, "early_stopping must be true or false"),
        ({"shuffle_seed": 2**64}, "shuffle_seed must be a whole number"),
    ],
    ids=counted,
)
def test_settings_that_no_training_can_have(settings, says):
    found = refused(twin(training=settings), "bad.nnplay.json", "json")
    if says is None:
        assert found is None
    else:
        assert f"training.{says}" in (found or "")


def test_settings_that_no_training_can_have_are_not_written_either():
    spoiled = Document(Network.mlp([2, 1]), training=TrainingConfig(learning_rate=-1.0))
    with pytest.raises(FormatError, match=r"training\.learning_rate must be a number above 0"):
        registry.write(spoiled, "json")


TABLE = "record,id,kind,label,activation,bias,source,target,weight\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("neuron,0,input,,,,,,\nneuron,1,output,,tanh,0.5,,,\nedge,,,,,,0,1,2\n", None),
        ("neuron,0,input,,,,,,\nneuron,0,output,,tanh,,,,\n", "cannot exist"),
        ("neuron,0,input,,,1,,,\n", "Line 2: bias must be empty for an input"),
        ("neuron,0,middle,,,,,,\n", "Line 2: kind must be one of input, hidden, output"),
        ("neuron,x,input,,,,,,\n", "Line 2: id must be a number"),
        ("neuron,1.5,input,,,,,,\n", "Line 2: id must be a whole number"),
        ("neuron,0,output,,swish,,,,\n", "Line 2: activation must be one of"),
        ("neuron,0,output,,,,,,\n", "activation"),
        ("neuron,0,output,,tanh,nan,,,\n", "Line 2: bias must be a finite number"),
        ("neuron,0,output,,tanh,1_0,,,\n", "Line 2: bias must be a finite number"),
        ("edge,,,,,,0,1,2\n", "cannot exist"),
        ("layer,0,input,,,,,,\n", "Line 2: record must be “neuron” or “edge”"),
        ("neuron,0,input\n", "Line 2 has 3 cells, but the header has 9."),
        ('neuron,0,input,"a,,,,,\n', "not valid CSV"),
    ],
    ids=counted,
)
def test_tables_that_are_no_network(rows, says):
    reason = refused((TABLE + rows).encode(), "bad.csv", "csv")
    assert (reason is None) == (says is None), reason
    assert says is None or says in (reason or "")


# ------------------------------------------------------------------ the other way round
@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "spoiled",
    [
        Document(Network.mlp([2, 1]), title="half \ud800"),
        Document(Network.mlp([2, 1]).set_label(0, "\udfff")),
        Document(Network.mlp([2, 1]), {0: (float("nan"), 0.0)}),
        Document(Network.mlp([2, 1]), view={"when": object()}),
    ],
    ids=["title", "label", "position", "view"],
)
def test_what_no_file_may_hold_is_refused_before_it_is_written(name, spoiled, tmp_path):
    from nnplay.library import export

    place = tmp_path / f"out.{name}"
    place.write_bytes(b"the old file")
    if (
        name == "csv"
        and np.isfinite(list(spoiled.positions.values())).all()
        and label_is_text(spoiled)
    ):
        export(spoiled, place, name)  # a table of a network carries neither title nor view
        assert registry.read(place.read_bytes(), "out.csv").network.same_as(spoiled.network)
        return
    with pytest.raises(FormatError) as caught:
        export(spoiled, place, name)
    assert caught.value.file == place.name
    assert place.read_bytes() == b"the old file"


def label_is_text(document):
    return all(label.isprintable() for label in document.network.labels)
