"""What a person runs into in the first hour, in the whole window."""

import pytest
from PySide6.QtTest import QTest
from stories.person import Key, Person


@pytest.mark.parametrize("text", ["-1", "0"])
def test_a_bad_learning_rate_gets_one_sentence_wherever_it_is_typed(
    person: Person, text: str
) -> None:
    sentences = []
    for field in (person.window.header.rate, person.window.views.training.settings.learning_rate):
        field.refused.connect(sentences.append)
        person.type_into(field, text)
        QTest.keyClick(field, Key.Key_Escape)
    assert sentences == ["The learning rate must be above 0, for example 0.03 or 1/30."] * 2
    assert person.session.training.learning_rate == 0.03


def test_divergence_leaves_a_window_that_can_go_on(person: Person) -> None:
    window = person.window
    window.files.show_example("single-neuron")
    person.session.set_data(source="reg-plane")
    person.type_into(window.views.training.settings.learning_rate, "10")
    window.focus_canvas()
    start = person.network.theta
    person.key(Key.Key_Space)
    person.until(lambda: person.session.run_state.kind == "diverged")
    person.until(lambda: window.views.status.texts()[:2] == ("Diverged", "epoch 0"))
    assert (person.network.theta == start).all()
    assert person.session.losses.loss_train < 100
    toast = window.views.toast
    assert "The weights of epoch 0, step 0 are back." in toast.text()
    person.press(toast._button)
    assert person.session.training.learning_rate == 1
    person.until(lambda: window.views.status.texts()[0] == "Ready")
