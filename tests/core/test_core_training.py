"""Training: determinism, resuming, frozen and disabled parts, live edits, divergence, refusals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from core.random_networks import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from nnplay.core import reference
from nnplay.core.config import TrainingConfig, TrainingState
from nnplay.core.initializers import draw_parameters
from nnplay.core.network import Network
from nnplay.core.randomness import Stream, random_stream
from nnplay.core.samples import Samples
from nnplay.core.training import (
    Diverged,
    EpochRecord,
    Finished,
    Trainer,
    TrainingError,
    evaluate,
    evaluate_losses,
)

OPTIMIZERS = ["sgd", "momentum", "adam"]


def circle(count: int = 60, seed: int = 0) -> Samples:
    points = np.random.default_rng(seed).uniform(-5, 5, (count, 2))
    inside = (np.hypot(points[:, 0], points[:, 1]) < 2.5).astype(np.int64)
    return Samples(points, classes=inside, class_count=2)


def small_network(seed: int = 1) -> Network:
    network = Network.mlp([2, 4, 2, 1])
    return network.with_theta(draw_parameters(network, "playground", seed))


def trainer_of(case: Case, **changes: Any) -> Trainer:
    config = replace(TrainingConfig(loss=case.loss, batch_size=3, learning_rate=0.01), **changes)
    return Trainer(case.network, Samples(case.x, values=case.y), config, seed=5)


def numbers(trainer: Trainer) -> tuple[Any, ...]:
    state = trainer.state
    arrays = {name: values.tobytes() for name, values in state.optimizer_arrays.items()}
    return (
        trainer.theta.tobytes(),
        arrays,
        state.step,
        state.epoch,
        state.batch_in_epoch,
        state.optimizer_step,
    )


# ---------------------------------------------------------------- against a plain loop
def plain_sgd(case: Case, config: TrainingConfig, seed: int, epochs: int) -> Any:
    """The definition of mini-batch SGD, with gradients from the independent evaluator."""
    network = case.network
    edges = network.topology.edge_count
    movable = network.enabled & ~network.frozen
    for epoch in range(epochs):
        order = random_stream(seed, Stream.SHUFFLE, epoch).permutation(len(case.x))
        for start in range(0, len(case.x), config.batch_size):
            rows = order[start : start + config.batch_size]
            gradient = reference.complex_step_gradient(
                network, case.x[rows], case.y[rows], config.loss
            )
            weights = network.effective_weights
            gradient[:edges] += config.l2 * weights + config.l1 * np.sign(weights)
            network = network.with_theta(network.theta - config.learning_rate * gradient * movable)
    return network.theta


@given(cases(), st.sampled_from([0.0, 0.02]), st.sampled_from([0.0, 0.05]))
def test_sgd_is_what_its_definition_says(case: Case, l1: float, l2: float) -> None:
    trainer = trainer_of(case, l1=l1, l2=l2)
    trainer.run(2)
    expected = plain_sgd(case, trainer.config, 5, 2)
    assert np.abs(trainer.theta - expected).max(initial=0.0) < 1e-11


@given(cases(), st.sampled_from(OPTIMIZERS), st.sampled_from([0.0, 0.01]))
def test_frozen_and_disabled_parameters_never_move(case: Case, optimizer: str, l1: float) -> None:
    trainer = trainer_of(case, optimizer=optimizer, learning_rate=0.1, l1=l1, l2=l1)
    trainer.run(3)
    still = case.network.frozen | ~case.network.enabled
    assert np.array_equal(trainer.theta[still], case.network.theta[still])
    assert trainer.network.same_as(case.network.with_theta(trainer.theta))


# ---------------------------------------------------------------- determinism
@settings(max_examples=60)
@given(
    cases(),
    st.sampled_from(OPTIMIZERS),
    st.lists(st.one_of(st.integers(1, 7), st.just("epoch"), st.just("look")), max_size=12),
)
def test_slices_never_change_the_numbers(case: Case, optimizer: str, slices: list[Any]) -> None:
    whole, sliced = (trainer_of(case, optimizer=optimizer) for _ in range(2))
    records = []
    for size in slices:
        if size == "epoch":
            sliced.finish_epoch()
        elif size == "look":
            sliced.evaluate()
            assert sliced.state.step == sliced.step_count
            assert sliced.network.theta is sliced.network.theta
            continue
        else:
            sliced.advance(size, lambda: False)
        records += sliced.records
    expected = whole.advance(sliced.step_count, None) if sliced.step_count else []
    assert numbers(whole) == numbers(sliced)
    assert expected == records or (repr(expected) == repr(records))  # NaN test losses


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_deadlines_never_change_the_numbers(optimizer: str) -> None:
    config = TrainingConfig(optimizer=optimizer, batch_size=7, learning_rate=0.01)
    whole = Trainer(small_network(), (circle(), circle(seed=9)), config, seed=3)
    sliced = Trainer(small_network(), (circle(), circle(seed=9)), config, seed=3)
    expected = whole.advance(400, None)
    found, asked = [], 0

    def deadline() -> bool:
        nonlocal asked
        asked += 1
        return asked % 3 != 0

    while sliced.step_count < 400:
        found += sliced.advance(400 - sliced.step_count, deadline)
    assert asked > 3
    assert found == expected
    assert [r.epoch for r in found] == list(range(1, 45))
    assert numbers(whole) == numbers(sliced)


def test_evaluation_never_disturbs_training() -> None:
    quiet, watched = (
        Trainer(small_network(), (circle(), circle(seed=9)), TrainingConfig(), seed=3)
        for _ in range(2)
    )
    for _ in range(25):
        quiet.step()
        watched.step()
        watched.evaluate()
        evaluate(watched.network, circle(), None, "half_squared")
    assert numbers(quiet) == numbers(watched)


@settings(max_examples=60)
@given(
    cases(), st.sampled_from(OPTIMIZERS), st.integers(0, 9), st.integers(1, 9), st.integers(1, 5)
)
def test_resuming_equals_going_straight_through(
    case: Case, optimizer: str, first: int, second: int, batch: int
) -> None:
    straight = trainer_of(case, optimizer=optimizer, batch_size=batch)
    straight.advance(first + second, None)
    begun = trainer_of(case, optimizer=optimizer, batch_size=batch)
    begun.advance(first, None)
    resumed = Trainer(
        begun.network, Samples(case.x, values=case.y), begun.config, seed=5, state=begun.state
    )
    assert numbers(resumed) == numbers(begun)
    resumed.advance(second, None)
    assert numbers(resumed) == numbers(straight)


def test_one_seed_one_curve_and_other_seeds_other_curves() -> None:
    def curve(seed: int, **changes: Any) -> list[float]:
        config = TrainingConfig(**changes)
        trainer = Trainer(small_network(), circle(), config, seed=seed)
        found: list[float] = []
        assert isinstance(trainer.run(5, lambda r: found.append(r.loss_train)), Finished)
        return found

    assert curve(3) == curve(3)
    assert curve(3) != curve(4)
    assert curve(4, shuffle_seed=3) == curve(3)
    assert curve(3, shuffle=False) == curve(4, shuffle=False)


def test_every_epoch_sees_every_sample_once_in_another_order() -> None:
    # One linear neuron with weight 0 and a tiny rate: each batch loss tells which sample it was.
    samples = Samples(np.ones((10, 1)), values=np.arange(10.0)[:, None])
    network = Network.mlp([1, 1], output_activation="linear")
    config = TrainingConfig(batch_size=1, learning_rate=1e-15)
    trainer = Trainer(network, samples, config, seed=0)
    orders = []
    for _ in range(3):
        trainer.finish_epoch()
        orders.append([round((2 * loss) ** 0.5) for loss in trainer.losses])
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3


def test_the_short_last_batch_is_divided_by_its_own_size() -> None:
    samples = Samples(np.ones((5, 1)), values=np.array([[1.0], [1], [1], [1], [3]]))
    network = Network.mlp([1, 1], output_activation="linear")
    config = TrainingConfig(batch_size=4, learning_rate=1e-15, shuffle=False)
    trainer = Trainer(network, samples, config, seed=0)
    assert trainer.batches_per_epoch == 2
    assert [trainer.step(), trainer.step()] == pytest.approx([0.5, 4.5], rel=1e-12)


def test_batches_larger_than_the_data_are_full_batches() -> None:
    trainer = Trainer(small_network(), circle(12), TrainingConfig(batch_size=999), seed=0)
    assert trainer.batches_per_epoch == 1
    assert isinstance(trainer.run(3), Finished)


def test_records_hold_losses_over_the_whole_parts() -> None:
    train, test = circle(), circle(1500, seed=2)  # more samples than one chunk
    trainer = Trainer(small_network(), (train, test), TrainingConfig(l2=0.1), seed=0)
    records: list[Any] = []
    trainer.run(2, records.append)
    network = trainer.network
    values = reference.evaluate(network, test.inputs)
    targets = np.where(test.classes == 1, 1.0, -1.0)[:, None]
    expected = reference.loss_value(network, values, targets, "half_squared")
    assert [r.epoch for r in records] == [1, 2]
    assert records[-1].loss_test == pytest.approx(expected, rel=1e-13)
    part = evaluate_losses(network, train, "half_squared")
    assert part.loss == pytest.approx(records[-1].loss_train, rel=1e-15)
    right = ((values.a[-1] > 0) == (test.classes == 1)).mean()
    assert trainer.evaluate().accuracy_test == pytest.approx(right)
    assert trainer.evaluate() == evaluate(network, train, test, "half_squared")


def test_no_reported_loss_holds_the_penalty() -> None:
    plain, bare = {}, {}
    for found, rates in ((bare, {}), (plain, {"l1": 3.0, "l2": 5.0})):
        trainer = Trainer(small_network(), (circle(), circle(9)), TrainingConfig(**rates), seed=0)
        found["evaluation"] = trainer.evaluate()
        found["batch"] = trainer.step()
        found["theta"] = trainer.theta.tobytes()
    assert plain["evaluation"] == bare["evaluation"]
    assert plain["batch"] == bare["batch"]  # the loss before the step
    assert plain["theta"] != bare["theta"]  # the step itself feels it
    trainer.finish_epoch()
    expected = evaluate_losses(trainer.network, circle(), "half_squared").loss
    assert trainer.records[-1].loss_train == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_penalties_pull_weights_and_never_biases(optimizer: str) -> None:
    # A switched-off output: the loss has no gradient, so only penalties move anything.
    network = Network.mlp([2, 2, 1]).with_theta(np.linspace(-1.5, -0.5, 9))
    network = replace(network, neuron_enabled=np.array([True, True, True, True, False]))
    config = TrainingConfig(optimizer=optimizer, l1=0.1, l2=0.1, learning_rate=0.01)
    trainer = Trainer(network, circle(), config, seed=0)
    trainer.run(1)
    before, after = np.abs(network.theta), np.abs(trainer.theta)
    assert (after[:6] < before[:6]).all()
    assert np.array_equal(trainer.theta[6:], network.theta[6:])


def test_the_default_job_learns_the_circle() -> None:
    trainer = Trainer(small_network(), (circle(250), circle(250, seed=1)), TrainingConfig(), seed=0)
    before = trainer.evaluate()
    trainer.run(300)
    after = trainer.evaluate()
    assert after.loss_train < 0.1 < before.loss_train
    assert after.accuracy_test is not None
    assert after.accuracy_test > 0.93


# ---------------------------------------------------------------- divergence
def growing_case() -> tuple[Network, Samples]:
    network = Network.mlp([1, 1], output_activation="linear").with_theta([1.0, 0.0])
    return network, Samples(np.array([[10.0], [1.0], [-7.0]]), values=np.zeros((3, 1)))


def plain_divergence(rate: float) -> tuple[int, list[float]]:
    """Step at which a loss or a parameter overflows, and the parameters before it: plain numbers."""
    w, b, step = np.float64(1.0), np.float64(0.0), 0
    inputs = [10.0, 1.0, -7.0]
    while True:
        x = inputs[step % 3]
        d = w * x + b
        w2, b2 = w - rate * d * x, b - rate * d
        step += 1
        whole = sum(0.5 * (w2 * v + b2) ** 2 for v in inputs) if step % 3 == 0 else 0.0
        if not all(np.isfinite([0.5 * d * d, w2, b2, whole])):
            return step, [w, b]
        w, b = w2, b2


@pytest.mark.parametrize("slice_size", [1, 2, 7, 1000])
@pytest.mark.parametrize("rate", [3.0, 40.0, 1e90])
def test_divergence_is_found_at_its_exact_step(rate: float, slice_size: int) -> None:
    network, samples = growing_case()
    config = TrainingConfig(learning_rate=rate, batch_size=1, shuffle=False)
    trainer = Trainer(network, samples, config, seed=0)
    with np.errstate(all="ignore"):
        step, theta = plain_divergence(rate)
    records: list[Any] = []
    while trainer.diverged is None:
        records += trainer.advance(slice_size, None)
    found = trainer.diverged
    assert found.step == step
    assert found.epoch == (found.step - 1) // 3
    assert np.isfinite(found.last_finite_theta).all()
    assert np.array_equal(trainer.theta, found.last_finite_theta)
    assert trainer.step_count == found.step - 1 == found.last_finite_state.step
    assert found.last_finite_theta == pytest.approx(theta, rel=1e-9)
    assert [r.epoch for r in records] == list(range(1, found.epoch + 1))
    assert str(found.step) in found.sentence.replace(",", "")


@settings(max_examples=40)
@given(cases(), st.sampled_from(OPTIMIZERS), st.integers(1, 40))
def test_divergence_never_depends_on_slices(case: Case, optimizer: str, size: int) -> None:
    settings_ = {"optimizer": optimizer, "learning_rate": 1e60}
    single, sliced = trainer_of(case, **settings_), trainer_of(case, **settings_)
    for _ in range(40):
        single.step()
        if single.diverged:
            break
    while sliced.step_count < 40 and sliced.diverged is None:
        sliced.advance(min(size, 40 - sliced.step_count), None)
    assert (single.diverged is None) == (sliced.diverged is None)
    assert numbers(single) == numbers(sliced)
    assert np.isfinite(sliced.theta).all()
    if single.diverged and sliced.diverged:
        assert single.diverged.step == sliced.diverged.step
        assert single.diverged.epoch == sliced.diverged.epoch


def test_after_divergence_a_smaller_rate_goes_on() -> None:
    network, samples = growing_case()
    trainer = Trainer(network, samples, TrainingConfig(learning_rate=40.0, batch_size=1), seed=0)
    outcome = trainer.run(1000)
    assert isinstance(outcome, Diverged)
    assert trainer.state.step == outcome.step - 1
    trainer.set_parameters({0: 1.0, 1: 0.0})
    trainer.set_config(TrainingConfig(learning_rate=0.001, batch_size=1))
    assert isinstance(trainer.run(50), Finished)
    assert trainer.diverged is None


# ---------------------------------------------------------------- live edits
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_changed_rate_keeps_the_optimisers_memory(optimizer: str) -> None:
    config = TrainingConfig(optimizer=optimizer, learning_rate=0.01)
    trainer = Trainer(small_network(), circle(), config, seed=0)
    trainer.advance(9, None)
    before = trainer.state
    changed = replace(config, learning_rate=0.001, l2=0.01)
    trainer.set_config(changed)
    after = trainer.state
    assert after.optimizer_step == before.optimizer_step == 9
    assert after.batch_in_epoch == before.batch_in_epoch
    for name, values in before.optimizer_arrays.items():
        assert np.array_equal(values, after.optimizer_arrays[name])
    other = Trainer(trainer.network, circle(), changed, seed=0, state=before)
    other.advance(20, None)
    trainer.advance(20, None)
    assert numbers(other) == numbers(trainer)


def test_another_optimiser_starts_with_an_empty_memory() -> None:
    trainer = Trainer(small_network(), circle(), TrainingConfig(optimizer="adam"), seed=0)
    trainer.advance(5, None)
    trainer.set_config(TrainingConfig(optimizer="momentum"))
    assert trainer.state.optimizer_step == 0
    assert not trainer.state.optimizer_arrays["velocity"].any()


def test_another_batch_size_leaves_no_sample_out() -> None:
    trainer = Trainer(small_network(), circle(60), TrainingConfig(batch_size=10), seed=0)
    trainer.advance(3, None)
    trainer.set_config(TrainingConfig(batch_size=7))
    assert trainer.state.batch_in_epoch == 4  # 28 of the 30 samples seen
    trainer.set_config(TrainingConfig(batch_size=100))
    assert trainer.state.batch_in_epoch == 0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_structural_edits_carry_memory_by_id(optimizer: str) -> None:
    trainer = Trainer(
        small_network(), circle(), TrainingConfig(optimizer=optimizer, learning_rate=0.01), seed=0
    )
    trainer.advance(8, None)
    before, state = trainer.network, trainer.state

    def change(network: Network) -> Network:
        network, new = network.add_neuron(activation="relu", bias=0.2)
        return network.connect_many([(0, new), (new, 8)], [0.3, -0.1]).remove_neurons([3])

    after = trainer.edit(change)
    assert trainer.network.same_as(after)
    memory = trainer.state.optimizer_arrays
    for source, target in after.topology.edges.tolist():
        slot = after.topology.edge_slot(source, target)
        for name, values in memory.items():
            if before.topology.has_edge(source, target):
                old = before.topology.edge_slot(source, target)
                assert values[slot] == state.optimizer_arrays[name][old]
                assert after.theta[slot] == before.theta[old]
            else:
                assert values[slot] == 0.0
    assert trainer.state.step == 8
    assert isinstance(trainer.run(2), Finished)


def test_set_parameters_lands_between_two_steps() -> None:
    trainer = Trainer(small_network().set_enabled([2], False), circle(), TrainingConfig(), seed=0)
    trainer.advance(4, None)
    trainer.set_parameters({0: 0.75, 2: -3.0})
    assert trainer.theta[0] == 0.75
    assert trainer.theta[2] == -3.0
    trainer.advance(4, None)
    assert trainer.theta[0] != 0.75
    assert trainer.theta[2] == -3.0  # switched off: kept, not trained
    with pytest.raises(TrainingError, match="not a finite number"):
        trainer.set_parameters({0: float("nan")})
    assert np.isfinite(trainer.theta).all()


def test_unfreezing_does_not_jump() -> None:
    network = small_network().set_frozen([0], True)
    trainer = Trainer(network, circle(), TrainingConfig(optimizer="momentum"), seed=0)
    trainer.advance(30, None)
    assert trainer.theta[0] == network.theta[0]
    assert trainer.state.optimizer_arrays["velocity"][0] == 0.0


def test_other_samples_go_on_with_the_same_parameters() -> None:
    trainer = Trainer(small_network(), circle(60), TrainingConfig(), seed=0)
    trainer.advance(4, None)
    theta = trainer.theta
    trainer.replace_samples(circle(20, seed=4), circle(10, seed=5))
    assert np.array_equal(trainer.theta, theta)
    assert trainer.step_count == 4
    assert trainer.batches_per_epoch == 2
    assert trainer.state.batch_in_epoch == 0
    assert np.isfinite(trainer.evaluate().loss_test)


def test_what_a_trainer_hands_out_is_frozen_in_time() -> None:
    trainer = Trainer(small_network(), circle(), TrainingConfig(optimizer="adam"), seed=0)
    trainer.advance(3, None)
    theta, network, state = trainer.theta, trainer.network, trainer.state
    copies = theta.copy(), network.theta.copy(), state.optimizer_arrays["first_moment"].copy()
    trainer.advance(10, None)
    assert np.array_equal(theta, copies[0])
    assert np.array_equal(network.theta, copies[1])
    assert np.array_equal(state.optimizer_arrays["first_moment"], copies[2])
    for array in (theta, network.theta, state.optimizer_arrays["first_moment"]):
        assert not array.flags.writeable


# ---------------------------------------------------------------- refusals
def bad_network(change: Callable[[Network], Network]) -> Network:
    return change(small_network())


@pytest.mark.parametrize(
    ("network", "samples", "config", "words"),
    [
        (small_network(), circle(), {"learning_rate": 0.0}, "learning rate must be a number above"),
        (small_network(), circle(), {"learning_rate": float("nan")}, "not nan"),
        (small_network(), circle(), {"learning_rate": -1.0}, "not -1.0"),
        (small_network(), circle(), {"learning_rate": "abc"}, "number above 0, not abc"),
        (small_network(), circle(), {"learning_rate": True}, "not True"),
        (small_network(), circle(), {"batch_size": 0}, "at least 1"),
        (small_network(), circle(), {"batch_size": float("inf")}, "whole number, not inf"),
        (small_network(), circle(), {"batch_size": "ten"}, "whole number, not ten"),
        (small_network(), circle(), {"batch_size": 2.5}, "whole number"),
        (small_network(), circle(), {"optimizer": "sgdd"}, "no optimiser “sgdd”"),
        (small_network(), circle(), {"loss": "l3"}, "no loss “l3”"),
        (small_network(), circle(), {"initializer": "x"}, "no initialiser “x”"),
        (small_network(), circle(), {"momentum": 1.0}, "less than 1"),
        (small_network(), circle(), {"beta2": -0.1}, "β₂"),
        (small_network(), circle(), {"epsilon": 0.0}, "ε"),
        (small_network(), circle(), {"l1": -1.0}, "L1 rate"),
        (small_network(), circle(), {"l2": float("inf")}, "L2 rate"),
        (small_network(), circle(), {"shuffle_seed": -1}, "seed must be 0 or more"),
        (small_network(), circle(), {"shuffle_seed": 1.5}, "seed must be a whole number"),
        (small_network(), circle(0), {}, "no samples to train on"),
        (small_network().remove_neurons([8]), circle(), {}, "no output to train"),
        (Network.mlp([3, 1]), circle(), {}, "2 input columns, but the network has 3 inputs"),
        (Network.mlp([2, 3]), circle(), {}, "2 classes, but the network has 3 outputs"),
        (small_network().set_activation([3], "swoosh"), circle(), {}, "“h2” has the unknown"),
        (small_network().set_bias(3, float("inf")), circle(), {}, "The bias of “h2” is not"),
        (small_network().set_weight(0, 3, float("nan")), circle(), {}, "from “x1” to “h2”"),
        (small_network(), circle(), {"loss": "binary_cross_entropy"}, "but an output has tanh"),
        (
            Network.mlp([2, 2]),
            circle(),
            {"loss": "softmax_cross_entropy"},
            "needs outputs with softmax, but an output has tanh",
        ),
        (small_network(), circle(), {"loss": "softmax_cross_entropy"}, "two outputs or more"),
        (
            small_network().set_activation([8], "softmax"),
            circle(),
            {"loss": "softmax_cross_entropy"},
            "always 1",
        ),
        (small_network(), Samples(np.array([[1.0, np.nan]]), np.ones((1, 1))), {}, "Row 1 of the"),
        (small_network(), Samples(np.ones((2, 2)), np.array([[1.0], [np.inf]])), {}, "in row 2"),
        (small_network(), Samples(np.ones((2, 2)), np.ones((2, 2))), {}, "2 target columns"),
        (small_network(), Samples(np.ones((2, 2))), {}, "no target to learn"),
        (
            small_network().set_activation([8], "sigmoid"),
            Samples(np.ones((1, 2)), np.array([[3.0]])),
            {"loss": "binary_cross_entropy"},
            "targets between 0 and 1",
        ),
        (
            Network.mlp([2, 2], output_activation="softmax"),
            Samples(np.ones((1, 2)), np.array([[0.5, 0.1]])),
            {"loss": "softmax_cross_entropy"},
            "add up to 1",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_sentence(
    network: Network, samples: Samples, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(TrainingError) as caught:
        Trainer(network, samples, TrainingConfig(**config), seed=0)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(("seed", "words"), [(-1, "0 or more"), (0.5, "whole"), ("a", "whole")])
def test_seeds_that_no_stream_can_have_are_refused(seed: Any, words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        Trainer(small_network(), circle(), TrainingConfig(), seed=seed)


def test_a_refused_edit_changes_nothing() -> None:
    trainer = Trainer(small_network(), circle(), TrainingConfig(optimizer="adam"), seed=0)
    trainer.advance(7, None)
    before, config = numbers(trainer), trainer.config
    for edit in (
        lambda: trainer.set_config(replace(config, learning_rate=0.0)),
        lambda: trainer.set_config(replace(config, loss="binary_cross_entropy")),
        lambda: trainer.replace_network(Network.mlp([3, 1])),
        lambda: trainer.replace_samples(circle(0), None),
        lambda: trainer.replace_samples(circle(), Samples(np.ones((1, 2)), np.ones((1, 2)))),
        lambda: trainer.edit(lambda network: network.set_activation([8], "swoosh")),
    ):
        with pytest.raises(TrainingError):
            edit()
        assert numbers(trainer) == before
        assert trainer.config == config


def test_foreign_states_are_harmless() -> None:
    state = TrainingState(step=9, epoch=2, batch_in_epoch=500, optimizer_step=4)
    trainer = Trainer(
        small_network(), circle(), TrainingConfig(optimizer="adam"), seed=0, state=state
    )
    assert (trainer.step_count, trainer.epoch, trainer.state.batch_in_epoch) == (9, 2, 0)
    assert trainer.state.optimizer_step == 0  # no moments came with it
    assert isinstance(trainer.run(1), Finished)


def test_whoever_is_told_of_an_epoch_sees_the_network_of_its_end() -> None:
    config = TrainingConfig(batch_size=7)
    trainer = Trainer(small_network(), circle(), config, seed=3)
    seen: list[tuple[int, float, bytes]] = []

    def look(record: EpochRecord) -> None:
        train, _ = trainer.samples
        loss = evaluate_losses(trainer.network, train, config).loss
        seen.append((record.epoch, loss, trainer.network.theta.tobytes()))
        assert loss == pytest.approx(record.loss_train, rel=1e-12)

    trainer.advance(45, None, None, look)
    assert [epoch for epoch, _, _ in seen] == [1, 2, 3, 4, 5]
    assert len({theta for _, _, theta in seen}) == 5
    again = Trainer(small_network(), circle(), config, seed=3)
    for _, _, theta in seen:
        again.finish_epoch()
        assert again.theta.tobytes() == theta


def test_a_slice_without_any_end_is_refused() -> None:
    trainer = Trainer(small_network(), circle(), TrainingConfig(), seed=0)
    with pytest.raises(ValueError, match="to end"):
        trainer.advance(None, None)


@pytest.mark.parametrize("batch", [1, 30, 1000])
def test_a_deadline_that_has_passed_ends_the_slice_soon(batch: int) -> None:
    trainer = Trainer(small_network(), circle(), TrainingConfig(batch_size=batch), seed=0)
    trainer.advance(None, lambda: True)
    assert 1 <= trainer.step_count <= 16
