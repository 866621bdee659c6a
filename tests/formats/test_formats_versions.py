"""Documents of every format version that was ever written still open, with all that is in them.

The files in ``samples`` were written by the program of their time and are never changed. A new
version adds a pair of files here.
"""

from pathlib import Path

import numpy as np
import pytest

from nnplay import library, train
from nnplay.formats.document_record import same_document
from nnplay.formats.record import MAJOR, MINOR

SAMPLES = Path(__file__).with_name("samples")
MINORS = range(MINOR + 1)


def test_there_is_a_sample_of_every_version():
    names = {path.name for path in SAMPLES.iterdir()}
    assert MAJOR == 1
    assert names == {f"minor-{m}.{e}" for m in MINORS for e in ("nnplay", "nnplay.json")}


@pytest.mark.parametrize("ending", ["nnplay", "nnplay.json"])
@pytest.mark.parametrize("minor", MINORS)
def test_a_document_of_an_earlier_version_opens_whole(minor, ending, tmp_path):
    path = SAMPLES / f"minor-{minor}.{ending}"
    document = library.load(path)
    network = document.network
    assert document.title == "Frozen “sample” ½"
    assert network.topology.neuron_count == 6
    assert network.theta.sum() == pytest.approx(-0.734737604219933, abs=1e-14)
    assert np.flatnonzero(network.frozen).tolist() == [1]
    assert np.flatnonzero(~network.enabled).tolist() == [2]
    assert (document.state.epoch, document.state.step) == (3, 75)
    assert sorted(document.state.optimizer_arrays) == ["first_moment", "second_moment"]
    assert (document.training.optimizer, document.training.learning_rate) == ("adam", 0.01)
    assert document.seed == 7
    assert len(document.history) == 4
    assert document.positions[2] == (20.0, 1.0)
    assert document.view["probe"] == [1.0, -2.0]
    assert document.extra == {}
    assert not np.array_equal(document.initial, network.theta)
    library.save(document, tmp_path / path.name)
    assert same_document(library.load(tmp_path / path.name), document)
    assert train(document, 1).document.state.epoch == 4


@pytest.mark.parametrize("minor", MINORS)
def test_archive_and_text_of_a_version_are_the_same_document(minor):
    archive, text = (
        library.load(SAMPLES / f"minor-{minor}.{e}") for e in ("nnplay", "nnplay.json")
    )
    assert same_document(archive, text)
