"""Somebody finds a sick neuron in the whole window, sees why, and prunes what nobody needs."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton  # noqa: TID251
from stories.person import LEFT, Key, Person

from nnplay.core.ailments import Severity
from nnplay.core.evaluation import evaluate_losses
from nnplay.core.health import examine
from nnplay.gui.panels.health_ablation import AblationPage
from nnplay.gui.panels.health_findings import FindingsPage
from nnplay.gui.panels.inspector_neuron import NeuronPage
from nnplay.gui.widgets.number_field import NumberField

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def page_of(person: Person, place: int, name: str) -> object:
    panel = person.window.views.health
    person.press(panel.segments.buttons[place])
    person.until(lambda: name in panel.pages and panel.pages[name].isVisible())
    return panel.pages[name]


def badges(person: Person) -> dict[int, Severity]:
    items = person.canvas.network_scene.neuron_items
    return {i: item.look.badge for i, item in items.items() if item.look.badge is not None}


def pick(person: Person, button: QAbstractButton) -> None:
    assert button.isEnabled()
    person.press(button)


def test_a_dead_neuron_is_found_explained_marked_and_healed(person: Person) -> None:
    window, sick = person.window, person.network.topology.hidden_ids[0]
    person.click(person.neuron(sick))
    person.session.set_activation([sick], "relu")
    person.key(Key.Key_H, CONTROL_SHIFT)
    findings = page_of(person, 0, "findings")
    assert isinstance(findings, FindingsPage)
    person.until(lambda: findings.summary.text().startswith("Healthy"))
    assert not badges(person)
    # The bias is typed in the inspector, as whoever made the neuron sick would.
    page = window.views.inspector.page()
    assert isinstance(page, NeuronPage)
    bias = next(f for f in page.findChildren(NumberField) if f.accessibleName().startswith("Bias"))
    person.type_into(bias, "-90")
    assert person.network.theta[person.network.bias_slot(sick)] == -90.0
    person.until(lambda: bool(findings.rows) and findings.rows[0].isVisible())
    row = findings.rows[0]
    assert row.finding is not None
    assert row.finding.kind == "dead"
    assert row.finding.neurons == (sick,)
    train = person.session.workspace.data.samples(person.session.document)[0]
    found = examine(person.network, train, person.session.training).findings
    assert [f.kind for f in found] == [r.finding.kind for r in findings.rows if r.isVisible()]
    person.until(lambda: set(badges(person)) == {sick})
    # Another card in front: nothing is marked; back again it is.
    person.click(person.at(-400, -400))
    assert not person.session.selection.neurons
    QTest.mouseClick(row, LEFT, pos=QPoint(12, 12))
    assert person.session.selection.neurons == frozenset([sick])
    person.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    person.until(lambda: not badges(person) and not row.isVisible())
    assert findings.summary.text().startswith("Healthy")


def test_what_nobody_needs_is_measured_pruned_and_taken_back(person: Person) -> None:
    session = person.session
    person.key(Key.Key_H, CONTROL_SHIFT)
    ablation = page_of(person, 1, "ablation")
    assert isinstance(ablation, AblationPage)
    useless = person.network.topology.hidden_ids[1]
    with_all = person.network
    for target in with_all.topology.output_ids + with_all.topology.hidden_ids:
        if (useless, target) in {tuple(e) for e in with_all.topology.edges.tolist()}:
            session.set_weight(useless, target, 0.0)
    before = person.network
    pick(person, ablation.measure)
    person.until(lambda: ablation.outcome is not None and not session.insight.ablation.is_running)
    assert person.network is before
    places = {row.key: place for place, row in enumerate(ablation.list.rows)}
    outcome = ablation.outcome
    assert outcome is not None
    trial = next(t for t in outcome.trials if t.neuron == useless)
    assert trial.change == 0.0
    box = ablation.list.visualRect(ablation.list.model().index(places[useless], 0))
    QTest.mouseClick(ablation.list.viewport(), LEFT, pos=box.center())
    assert session.selection.neurons == frozenset([useless])
    train = session.workspace.data.samples(session.document)[0]
    loss = evaluate_losses(person.network, train, session.training.loss).loss
    pick(person, ablation.prune)
    assert useless not in person.network.topology
    left = evaluate_losses(person.network, train, session.training.loss).loss
    np.testing.assert_allclose(left, loss, rtol=1e-12)
    person.until(lambda: not ablation.list.isVisible())
    person.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert person.network.topology is before.topology
    np.testing.assert_array_equal(person.network.theta, before.theta)
