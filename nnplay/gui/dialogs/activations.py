"""Asks which activations go with a file of bare weights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from nnplay.core.activations import ACTIVATIONS
from nnplay.gui.dialogs.curve import ActivationCurve
from nnplay.gui.dialogs.frame import Dialog
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import label
from nnplay.gui.widgets.activation_choice import ActivationChoice

__all__ = ["ActivationRow", "ActivationsDialog"]


class ActivationRow(QFrame):
    """One choice with the formula and the curve of what is chosen."""

    def __init__(
        self, theme: Theme, title: str, remark: str, with_groups: bool, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "box")
        self.choice = ActivationChoice(theme, self, name=f"Activation: {title}")
        self.choice.offer(for_outputs=with_groups)
        self.choice.set_value("linear")
        self.choice.setFixedWidth(184)
        self._curve = ActivationCurve(theme, self.choice.value(), self)
        self._formula = label("", "small", self)
        self._formula.setFont(theme.mono_font(11))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(label(title, "title", self))
        words.addWidget(label(remark, "small", self))
        words.addStretch(1)
        field = QVBoxLayout()
        field.setSpacing(5)
        field.addStretch(1)
        field.addWidget(self.choice)
        field.addWidget(self._formula)
        field.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(14)
        row.addLayout(words, 1)
        row.addLayout(field)
        row.addWidget(self._curve)
        self.choice.currentIndexChanged.connect(self._show)

    def set_value(self, name: str) -> None:
        """Choose an activation from code."""
        self.choice.set_value(name)
        self._show()

    def _show(self) -> None:
        activation = ACTIVATIONS[self.choice.value()]
        self._curve.show_activation(activation.name)
        metrics = self._formula.fontMetrics()
        room = self.choice.width()
        text = metrics.elidedText(activation.formula, Qt.TextElideMode.ElideRight, room)
        self._formula.setText(text)
        self._formula.setToolTip(activation.formula)


class ActivationsDialog(Dialog):
    """Two choices: hidden neurons and outputs.

    After ``exec()`` was accepted, :attr:`activation` and :attr:`output_activation` tell them.
    """

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            "Activations",
            "Which activations does this network use?",
            f"“{path.name}” holds weights, but not which function follows them. "
            "Choose what the network was trained with; other functions give other outputs.",
            parent,
        )
        self.setFixedWidth(500)
        hidden = ActivationRow(theme, "Hidden neurons", "All layers in between", False, self)
        output = ActivationRow(theme, "Outputs", "The last layer", True, self)
        self.hidden, self.output = hidden.choice, output.choice
        hidden.set_value("relu")
        output.set_value("linear")
        self.body.setSpacing(10)
        self.body.addWidget(hidden)
        self.body.addWidget(output)
        self.cancel = self.add_button("Cancel", self.reject)
        self.ok = self.add_button("Open network", self.accept, is_default=True)
        self.hidden.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def activation(self) -> str:
        """Name of the activation of hidden neurons."""
        return self.hidden.value()

    @property
    def output_activation(self) -> str:
        """Name of the activation of the outputs."""
        return self.output.value()
