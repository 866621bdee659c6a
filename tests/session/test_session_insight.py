"""Insight through the session: asked only while somebody looks, followed, given up, pruned."""

from collections.abc import Callable

import numpy as np
import pytest
from session.session_driver import Driver

from nnplay.core.ablation import Ablation
from nnplay.core.diagnostics import GradientCheck
from nnplay.core.health import examine
from nnplay.core.saliency import Counterfactual, saliency
from nnplay.core.topology import Kind
from nnplay.session import insight as insight_room
from nnplay.session.insight import Insight


def listen(insight: Insight) -> list[str]:
    heard: list[str] = []
    insight.changed.connect(heard.append)
    return heard


def kill(driver: Driver) -> int:
    """A ReLU neuron that never wakes."""
    sick = driver.session.network.topology.hidden_ids[0]
    driver.session.set_activation([sick], "relu")
    driver.session.set_bias(sick, -100.0)
    return sick


def test_health_follows_edits_while_somebody_looks(driver: Driver) -> None:
    insight = driver.session.insight
    insight.look("panel", "health")
    driver.until(lambda: insight.health is not None)
    assert insight.health is not None
    assert insight.health.findings == ()
    sick = kill(driver)
    driver.until(lambda: insight.health is not None and bool(insight.health.of(sick)))
    assert insight.health.of(sick)[0].kind == "dead"
    driver.session.undo()
    driver.until(lambda: insight.health is not None and not insight.health.of(sick))


def test_nothing_is_computed_while_nobody_looks(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    insight = driver.session.insight
    heard = listen(insight)
    asked = []
    submit = insight._evaluator.submit

    def count(key: object, *rest: object) -> None:
        asked.append(key)
        submit(key, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(insight._evaluator, "submit", count)
    kill(driver)
    driver.spin(0.2)
    assert not heard
    insight.look("panel", "health")
    driver.until(lambda: "health" in heard)
    insight.look("panel")
    assert insight.health is None
    known = asked.count(("insight", "health"))
    driver.session.set_bias(driver.session.network.topology.hidden_ids[0], 1.0)
    driver.spin(0.2)
    assert asked.count(("insight", "health")) == known == 1


def test_two_views_look_at_the_same(driver: Driver) -> None:
    insight = driver.session.insight
    insight.look("one", "health")
    insight.look("other", "health", "batch")
    driver.until(lambda: insight.health is not None and insight.batch is not None)
    insight.look("one")
    assert insight.health is not None
    insight.look("other")
    assert insight.health is None
    assert insight.batch is None


def test_while_training_answers_come_at_most_four_times_a_second(driver: Driver) -> None:
    insight = driver.session.insight
    insight.look("panel", "health", "batch", "saliency")
    heard = listen(insight)
    driver.session.start()
    driver.spin(1.2)
    driver.session.pause()
    assert 1 <= heard.count("health") <= 7
    driver.until(lambda: not insight._states["health"].is_stale)
    driver.until(lambda: not insight._states["health"].is_asked)
    train = driver.session.workspace.data.samples(driver.session.live_document)[0]
    expected = examine(driver.session.network, train, driver.session.training)
    assert insight.health is not None
    np.testing.assert_array_equal(insight.health.gradient, expected.gradient)


def test_updates_are_what_the_trainer_did(driver: Driver) -> None:
    insight = driver.session.insight
    insight.look("canvas", "updates")
    before = driver.session.network.theta
    driver.session.step_batch()
    assert insight.update is not None
    assert insight.update.steps == 1
    np.testing.assert_array_equal(insight.update.change, driver.session.network.theta - before)
    driver.session.set_bias(driver.session.network.topology.hidden_ids[0], 5.0)
    before = driver.session.network.theta
    driver.session.step_batch()
    np.testing.assert_array_equal(insight.update.change, driver.session.network.theta - before)


def test_saliency_belongs_to_the_probe(driver: Driver) -> None:
    session, insight = driver.session, driver.session.insight
    insight.look("panel", "saliency")
    driver.until(lambda: insight.saliency is not None)
    heard = listen(insight)
    session.set_probe([1.5, -2.0])
    driver.until(lambda: "saliency" in heard)
    np.testing.assert_array_equal(insight.saliency, saliency(session.network, session.probe.inputs))


def test_new_wiring_forgets_what_was_known(driver: Driver) -> None:
    insight = driver.session.insight
    insight.look("panel", "health")
    driver.until(lambda: insight.health is not None)
    driver.session.add_neuron(Kind.HIDDEN, 0.0, 0.0)
    assert insight.health is None
    driver.until(lambda: insight.health is not None)
    count = driver.session.network.topology.neuron_count
    assert insight.health is not None
    assert len(insight.health.mean) == count
    assert {f.kind for f in insight.health.findings} >= {"unreachable"}


def test_without_data_it_says_why(driver: Driver) -> None:
    session, insight = driver.session, driver.session.insight
    session.remove([session.network.topology.output_ids[0]])
    insight.look("panel", "health")
    driver.until(lambda: bool(insight.problem("health")))
    assert insight.health is None
    failed: list[str] = []
    insight.ablation.failed.connect(failed.append)
    insight.ablate("neurons")
    assert len(failed) == 1
    assert failed[0].endswith(".")


def test_ablation_leaves_the_network_alone(driver: Driver) -> None:
    session, insight = driver.session, driver.session.insight
    network, steps = session.network, session.undo_stack.count()
    found: list[Ablation] = []
    progress: list[tuple[int, int]] = []
    insight.ablation.found.connect(found.append)
    insight.ablation.advanced.connect(lambda done, total: progress.append((done, total)))
    insight.ablate("edges")
    driver.until(lambda: bool(found))
    count = network.topology.edge_count
    assert len(found[0].trials) == count
    assert progress[-1] == (count, count)
    assert session.network is network
    assert session.undo_stack.count() == steps


def test_a_long_question_is_given_up_and_asked_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    inquiry = driver.session.insight.ablation
    failed: list[str] = []
    found: list[object] = []
    inquiry.failed.connect(failed.append)
    inquiry.found.connect(found.append)

    def endless(look_around: Callable[[], None], _: object) -> object:
        while True:
            look_around()

    inquiry.ask(endless)
    inquiry.cancel()
    driver.until(lambda: not inquiry.is_running)
    assert failed == [""]
    inquiry.ask(endless)
    inquiry.ask(lambda look_around, on_progress: 7)
    driver.until(lambda: bool(found))
    assert found == [7]
    assert failed == [""]

    def faulty(look_around: object, on_progress: object) -> object:
        raise ZeroDivisionError("nought")

    inquiry.ask(faulty)
    driver.until(lambda: len(failed) == 2)
    assert "ZeroDivisionError" in failed[1]


def test_the_counterfactual_flips_the_class_in_raw_values(driver: Driver) -> None:
    session, insight = driver.session, driver.session.insight
    session.run_epochs(60)
    driver.until(lambda: not session.is_running)
    found: list[Counterfactual] = []
    insight.counterfactual.found.connect(found.append)
    insight.search_counterfactual()
    driver.until(lambda: bool(found))
    assert found[0].raw is not None
    assert found[0].before != found[0].after
    sign = session.probe.activations[-1] > 0
    session.set_probe(found[0].raw.tolist())
    assert (session.probe.activations[-1] > 0) != sign
    prepared = session.prepared
    assert prepared is not None
    for value, (low, high) in zip(found[0].raw, prepared.domain, strict=True):
        assert low <= value <= high


def test_a_number_has_no_counterfactual(driver: Driver) -> None:
    failed: list[str] = []
    driver.session.set_data(source="reg-gauss")
    driver.session.insight.counterfactual.failed.connect(failed.append)
    driver.session.insight.search_counterfactual()
    assert len(failed) == 1
    assert "number" in failed[0]


def test_the_gradient_check_comes_with_its_list(driver: Driver) -> None:
    found: list[GradientCheck] = []
    driver.session.insight.gradient_check.found.connect(found.append)
    driver.session.insight.check_gradients(listed=5)
    driver.until(lambda: bool(found))
    assert found[0].passed
    assert len(found[0].worst) == 5
    assert found[0].checked == driver.session.network.theta.size


def test_shutting_down_ends_everything(make_driver: Callable[[], Driver]) -> None:
    driver = make_driver()
    insight = driver.session.insight
    insight.look("panel", "health", "batch", "saliency", "updates")
    insight.ablate("edges")
    insight.check_gradients()
    driver.session.shutdown()
    assert not insight.ablation.is_running
    assert not insight.gradient_check.is_running


def test_the_pace_is_kept_for_slow_networks(driver: Driver) -> None:
    insight = driver.session.insight
    state = insight._states["health"]
    driver.session.start()
    state.seconds, state.began = 0.4, 1e18
    assert insight._wait(state) > 0.4 / insight_room.SHARE - 0.01
    driver.session.pause()
