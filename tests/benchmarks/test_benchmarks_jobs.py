"""All contenders of the benchmarks do the same work; times are nobody's business here."""

import importlib.util

import numpy as np
import pytest

from benchmarks import contenders
from benchmarks.contenders import CONTENDERS, Contender, network_of, trainer_of, with_linear_outputs
from benchmarks.engine import QUOTED, TARGETS, check_losses
from benchmarks.jobs import JOBS, Job, mean_loss
from benchmarks.rounds import interleaved, ratios
from benchmarks.tables import Report
from nnplay.core.program import Program

# Whether compiled code works shows in the test itself: to ask is to compile.
COMPILED = "nnplay compiled" if importlib.util.find_spec("numba") else ""
RIVALS = [
    c
    for c in CONTENDERS[1:]
    if c.name == COMPILED or (c.name != "nnplay compiled" and not c.absent())
]
PAIRS = [(job, c) for job in JOBS for c in RIVALS if c.can_do(job)]


@pytest.mark.parametrize(
    ("job", "contender"), PAIRS, ids=lambda value: getattr(value, "key", None) or value.name
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_everybody_arrives_at_the_same_loss(job: Job, contender: Contender) -> None:
    assert check_losses(job, contender) < 1e-3


def test_a_contender_that_learns_faster_is_found_out() -> None:
    job = JOBS[0]

    class Eager:
        def __init__(self) -> None:
            self.trainer = trainer_of(job)

        def train(self, epochs: int) -> tuple[float, float]:
            self.trainer.run(epochs + 1)
            return 0.0, 0.0

        def theta(self) -> np.ndarray:
            return self.trainer.theta

    cheat = Contender("cheat", lambda job: Eager(), lambda job: "float64")
    with pytest.raises(ValueError, match="not do the same work"):
        check_losses(job, cheat)


def test_nobody_is_timed_on_another_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contenders, "compiled_backend", lambda: (None, "none here"))
    compiled = next(c for c in CONTENDERS if c.name == "nnplay compiled")
    assert compiled.absent() == "none here"
    with pytest.raises(ValueError, match="runs on numpy, not on compiled"):
        compiled.make(JOBS[0])


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.key)
def test_the_judge_agrees_with_the_network(job: Job) -> None:
    network = network_of(job)
    outputs = Program(network, job.samples).forward(job.x)
    if job.loss == "half_squared":
        expected = 0.5 * ((outputs - job.y) ** 2).sum() / job.samples
    else:
        expected = -np.log((outputs * job.y).sum(axis=1)).mean()
    assert mean_loss(job, network.theta) == pytest.approx(expected, rel=1e-12)


def test_the_graph_is_what_its_title_says() -> None:
    job = JOBS[-1]
    network = network_of(job)
    assert network.topology.neuron_count == 200
    assert 2400 <= network.topology.edge_count <= 2600
    assert network.topology.levels.max() >= 10
    assert {neuron.activation for neuron in job.neurons} == {"tanh", "relu", "sigmoid", "linear"}


def test_scikit_learns_variant_differs_in_the_outputs_only() -> None:
    job = JOBS[1]
    variant = with_linear_outputs(job)
    assert variant.neurons[:-1] == job.neurons[:-1]
    assert variant.neurons[-1].activation == "linear"
    assert with_linear_outputs(JOBS[3]) is JOBS[3]


def test_every_target_names_a_job_and_a_rival_that_exist() -> None:
    names = {c.name for c in contenders.CONTENDERS} | {"nn.ts"}
    for target in TARGETS:
        assert {target.backend, target.rival} <= names
        assert target.job in {job.key for job in JOBS}
        assert target.job in QUOTED[target.rival]


def test_turns_are_taken_in_rotation() -> None:
    order: list[str] = []

    def turn(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    times = interleaved({"a": lambda: turn("a", 1.0), "b": lambda: turn("b", 3.0)}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert ratios(times, "b", "a") == [3.0, 3.0, 3.0]


def test_misses_are_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    assert report.judge("one", 2.0, 1.5) == "yes"
    assert report.judge("two", 2.0, 2.5) == "**no**"
    assert report.judge("three", 21.0, 20.0, most=True) == "**no**"
    report.close()
    said = capsys.readouterr().out
    assert "one" not in said
    assert "- two: 2, wanted at least 2.5" in said
    assert "- three: 21, wanted at most 20" in said
