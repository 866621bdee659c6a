"""``rates``: the curve, the suggestion, and a document that stays as it is."""

import csv
from pathlib import Path

import pytest

from nnplay.core.rate_finder import find_rate
from nnplay.core.rate_probe import RateProbe
from nnplay.headless import trainer_of
from nnplay.library import load


@pytest.fixture
def gauss(nnplay) -> str:
    nnplay("new", "gauss.nnplay", "--data", "gauss", "--seed", 3)
    return "gauss.nnplay"


def test_the_curve_is_that_of_the_finder(nnplay, gauss):
    before = Path(gauss).read_bytes()
    options = ("--lowest", "1e-4", "--highest", 5, "--steps", 60)
    said = nnplay("rates", gauss, *options, "--out", "curve.csv")
    document = load(gauss)
    expected = find_rate(lambda: RateProbe(trainer_of(document)), 1e-4, 5.0, 60)
    assert said.out.splitlines() == [expected.sentence, "curve written to curve.csv"]
    assert expected.suggestion is not None
    with open("curve.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    assert header == ["rate", "loss", "smoothed"]
    assert [[float(cell) for cell in row] for row in rows] == [
        list(row)
        for row in zip(
            expected.rates.tolist(),
            expected.losses.tolist(),
            expected.smoothed.tolist(),
            strict=True,
        )
    ]
    result = nnplay("rates", gauss, *options, "--json").json
    assert result["suggestion"] == expected.suggestion
    assert result["losses"] == expected.losses.tolist()
    assert Path(gauss).read_bytes() == before


def test_what_cannot_be_searched(nnplay, gauss):
    said = nnplay("rates", gauss, "--lowest", 1, "--highest", "0.1", code=1).complaint
    assert said == "The highest rate (0.1) must be above the lowest (1)."
    assert "from 2 to" in nnplay("rates", gauss, "--steps", 1, code=2).complaint
    assert "not above zero" in nnplay("rates", gauss, "--lowest", 0, code=2).complaint
    assert "cannot be written" in nnplay("rates", gauss, "--out", "no/c.csv", code=1).complaint


def test_an_interrupted_search_writes_nothing(nnplay, gauss, monkeypatch):
    from nnplay.core.training import Trainer

    step = Trainer.step

    def step_or_interrupt(trainer, rate=None):
        if trainer.step_count == 5:
            raise KeyboardInterrupt
        return step(trainer, rate)

    monkeypatch.setattr(Trainer, "step", step_or_interrupt)
    said = nnplay("rates", gauss, "--out", "c.csv", "--json", code=1)
    assert said.complaint == "interrupted; nothing was written."
    assert said.out == ""
    assert not Path("c.csv").exists()


@pytest.mark.parametrize(("data", "seed"), [("circle", 7), ("circle", 3), ("iris", 0), ("xor", 3)])
def test_the_suggestion_is_better_than_a_tenth_of_it_and_no_disaster(nnplay, data, seed):
    """Also where mini-batches jump more than the loss falls during a search, as on the circle."""
    nnplay("new", "c.nnplay", "--data", data, "--seed", seed)
    rate = nnplay("rates", "c.nnplay", "--json").json["suggestion"]
    assert 0.01 < rate < 1
    before = nnplay("train", "c.nnplay", "--epochs", 0, "--json").json["loss_train"]
    small, right = (
        nnplay("train", "c.nnplay", "--epochs", 30, "--lr", factor * rate, "--json").json
        for factor in (0.1, 1)
    )
    assert right["loss_train"] < small["loss_train"]
    assert right["loss_train"] < before / 3


def test_a_probe_trains_as_its_trainer_and_sees_all_samples(nnplay, gauss, monkeypatch):
    document = load(gauss)
    probe, alone = RateProbe(trainer_of(document)), trainer_of(document)
    for rate in (0.01, 0.3, 0.02):
        alone.step(rate)
        assert probe.step(rate) == alone.evaluate().loss_train
    assert probe.diverged is None
    monkeypatch.setattr("nnplay.core.rate_probe.MOST_SAMPLES", 10)
    few, alone = RateProbe(trainer_of(document)), trainer_of(document)
    assert [few.step(0.1), few.step(0.1)] == [alone.step(0.1), alone.step(0.1)]
