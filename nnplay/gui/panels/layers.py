"""The layers panel: how many neurons each layer has and what they compute."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.gui.panels.form import HintBox, ScrollColumn
from nnplay.gui.panels.layers_dropout import LayersDropout
from nnplay.gui.panels.words import count
from nnplay.gui.theme import Theme
from nnplay.gui.widgets import icon_button, label
from nnplay.gui.widgets.activation_choice import ActivationChoice
from nnplay.picture.layers import LayerGroup, layer_groups
from nnplay.session.session import Session

__all__ = ["LayerRow", "LayersPanel"]

_USUAL_SIZE = 4


class LayerRow(QFrame):
    """One layer in a line.

    Signals:
        more(), fewer(): a neuron more or less was asked for.
        removed(): the layer shall go.
        activation_chosen(str): all its neurons shall compute this.
        name_clicked(bool): its neurons shall be selected; True if in addition to what is.
    """

    more = Signal()
    fewer = Signal()
    removed = Signal()
    activation_chosen = Signal(str)
    name_clicked = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "box")
        self.level = -1
        self.rows: tuple[int, ...] = ()
        self.name = QPushButton(self)
        self.name.setProperty("role", "layer")
        self.name.setToolTip("Select the neurons of this layer. With Ctrl, add them.")
        self.name.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.clicked.connect(self._clicked)
        self.minus = icon_button(theme, "minus", "One neuron less", self.fewer.emit, self)
        self.number = label("", "", self)
        self.number.setFont(theme.mono_font(12, QFont.Weight.Medium))
        self.number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.number.setMinimumWidth(20)
        self.plus = icon_button(theme, "plus", "One neuron more", self.more.emit, self)
        self.activation = ActivationChoice(theme, self)
        self.activation.setPlaceholderText("mixed")
        self.activation.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.activation.setFixedWidth(102)
        self.activation.setFont(theme.ui_font(12))
        self.activation.chosen.connect(self.activation_chosen)
        self.remove = icon_button(theme, "close", "Remove this layer", self.removed.emit, self)
        for button in (self.minus, self.plus, self.remove):
            button.setFixedSize(18, 26)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3, 4, 2, 4)
        layout.setSpacing(1)
        layout.addWidget(self.name)
        layout.addStretch(1)
        layout.addWidget(self.minus)
        layout.addWidget(self.number)
        layout.addWidget(self.plus)
        layout.addSpacing(2)
        layout.addWidget(self.activation)
        layout.addWidget(self.remove)

    def _clicked(self) -> None:
        keys = QApplication.keyboardModifiers()
        adds = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self.name_clicked.emit(bool(keys & adds))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # What lies between the controls belongs to the layer.
        if event.button() == Qt.MouseButton.LeftButton:
            adds = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self.name_clicked.emit(bool(event.modifiers() & adds))

    def show_chosen(self, chosen: int) -> None:
        """Show how many of its neurons are selected."""
        size = len(self.rows)
        state = "" if not chosen else ("all" if chosen == size else "some")
        self.name.setAccessibleDescription(f"{chosen} of {size} selected" if chosen else "")
        if state != (self.property("chosen") or ""):
            self.setProperty("chosen", state)
            self.style().unpolish(self)
            self.style().polish(self)

    def show_layer(self, group: LayerGroup, network: Network) -> None:
        """Show a hidden layer, or the outputs."""
        is_output = group.kind == Kind.OUTPUT
        self.level, self.rows = group.level, tuple(group.rows.tolist())
        size = len(self.rows)
        self.name.setText(group.title)
        self.name.setAccessibleName(f"Select layer {group.title}")
        self.number.setText(str(size))
        self.number.setAccessibleName(f"{group.title}: {count(size, 'neuron')}")
        for button in (self.minus, self.plus, self.remove):
            keep = button.sizePolicy()
            keep.setRetainSizeWhenHidden(True)
            button.setSizePolicy(keep)
            button.setVisible(not is_output)
        # The layer itself has a button of its own, away from where one clicks again and again.
        self.minus.setEnabled(size > 1)
        self.minus.setToolTip(
            "One neuron less" if size > 1 else "The last neuron stays. × removes the whole layer."
        )
        self.minus.setAccessibleName(f"One neuron less: {group.title}")
        self.plus.setAccessibleName(f"One neuron more: {group.title}")
        self.remove.setAccessibleName(f"Remove layer {group.title}")
        self.activation.offer(for_outputs=is_output)
        names = {network.activations[row] for row in self.rows}
        self.activation.set_value(names.pop() if len(names) == 1 else "")
        self.activation.setAccessibleName(f"Activation of {group.title}")
        if self.activation.currentIndex() < 0:
            self.activation.setToolTip("Different in this layer.")


class LayersPanel(QWidget):
    """Layers of any network: for one drawn by hand, a layer is a level of hidden neurons."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.setAccessibleName("Layers")
        self._rows: list[LayerRow] = []
        self._hidden = QVBoxLayout()
        self._hidden.setContentsMargins(0, 0, 0, 0)
        self._hidden.setSpacing(6)
        self.add_layer = QPushButton("Add layer", self)
        self.add_layer.setToolTip("Put a hidden layer in front of the outputs.")
        self.add_layer.clicked.connect(self._add_layer)
        self.output = LayerRow(theme, self)
        self.output.activation_chosen.connect(self._output_chosen)
        self.output.name_clicked.connect(self._output_clicked)
        self.no_output = HintBox(theme, self)
        self.dropout = LayersDropout(session, theme, self)
        area = ScrollColumn(self)
        layout = area.column
        layout.setSpacing(6)
        layout.addLayout(self._hidden)
        layout.addWidget(self.add_layer)
        layout.addWidget(self.output)
        layout.addWidget(self.no_output)
        layout.addWidget(self.dropout)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        theme.changed.connect(self._refresh_icon)
        session.network_changed.connect(self._network_changed)
        session.document_replaced.connect(self.refresh)
        session.selection_changed.connect(self._show_selection)
        self._refresh_icon()
        self.refresh()

    @property
    def rows(self) -> list[LayerRow]:
        """The rows of the hidden layers in view."""
        return [row for row in self._rows if not row.isHidden()]

    def _refresh_icon(self) -> None:
        self.add_layer.setIcon(self._theme.icon("plus", "secondary", 15))

    def _network_changed(self, before: Network, after: Network) -> None:
        if before.topology is not after.topology or before.activations != after.activations:
            self.refresh()
        elif before.dropout is not after.dropout:
            self.dropout.refresh()

    def refresh(self) -> None:
        """Take the layers from the network as it is now."""
        network = self._session.network
        groups = layer_groups(network)
        hidden = [group for group in groups if group.kind == Kind.HIDDEN]
        outputs = [group for group in groups if group.kind == Kind.OUTPUT]
        while len(self._rows) < len(hidden):
            row = LayerRow(self._theme, self)
            row.more.connect(self._more)
            row.fewer.connect(self._fewer)
            row.removed.connect(self._removed)
            row.activation_chosen.connect(self._activation_chosen)
            row.name_clicked.connect(self._name_clicked)
            self._hidden.addWidget(row)
            self._rows.append(row)
        self.dropout.show_layers(hidden)
        previous: QWidget = self.add_layer
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(hidden))
            if index < len(hidden):
                row.show_layer(hidden[index], network)
                if index:
                    QWidget.setTabOrder(self._rows[index - 1].remove, row.name)
                previous = row.remove
        if previous is not self.add_layer:
            QWidget.setTabOrder(previous, self.add_layer)
        self.output.setVisible(bool(outputs))
        if outputs:
            self.output.show_layer(outputs[0], network)
            self.no_output.say("")
        elif self._session.prepared is None:
            self.no_output.say("There is no output, so nothing can be learnt. Choose a data set.")
        else:
            self.no_output.say(
                "There is no output, so nothing can be learnt.",
                ("Add the outputs the data need", self._session.fit_to_data),
            )
        self._show_selection()
        self.add_layer.setEnabled(bool(outputs) and bool(network.topology.input_ids))

    # ------------------------------------------------------------------ what the hand does
    def _row(self) -> LayerRow:
        row = self.sender()
        assert isinstance(row, LayerRow)  # noqa: S101 - only rows are connected
        return row

    def _more(self) -> None:
        self._session.add_to_level(self._row().level)

    def _fewer(self) -> None:
        self._session.remove_from_level(self._row().level)

    def _removed(self) -> None:
        self._session.remove_level(self._row().level)

    def _activation_chosen(self, name: str) -> None:
        row = self._row()
        if not self._session.set_level_activation(row.level, name):
            self.refresh()

    def _name_clicked(self, adds: bool) -> None:
        ids = self._session.network.topology.ids
        self._select([int(ids[row]) for row in self._row().rows], adds=adds)

    def _select(self, neurons: Iterable[int], *, adds: bool) -> None:
        """Select a layer; or add it to the selection, or take it away if it is all in it."""
        chosen, before = frozenset(neurons), self._session.selection
        if not adds:
            self._session.select(chosen)
        elif chosen <= before.neurons:
            self._session.select(before.neurons - chosen, before.edges)
        else:
            self._session.select(before.neurons | chosen, before.edges)

    def _show_selection(self) -> None:
        """Mark the layers with selected neurons, as the canvas and the tables do."""
        network, selected = self._session.network, self._session.selection.neurons
        is_chosen = np.zeros(network.topology.neuron_count, dtype=np.bool_)
        known = [i for i in selected if i in network.topology]
        if known:
            is_chosen[network.topology.rows(known)] = True
        for row in (*self.rows, self.output):
            inside = [place for place in row.rows if place < is_chosen.size]
            row.show_chosen(int(is_chosen[inside].sum()))

    def _output_chosen(self, name: str) -> None:
        outputs = self._session.network.topology.output_ids
        if not self._session.set_activation(outputs, name):
            self.refresh()

    def _output_clicked(self, adds: bool) -> None:
        self._select(self._session.network.topology.output_ids, adds=adds)

    def _add_layer(self) -> None:
        network = self._session.network
        levels = network.hidden_levels
        size = len(network.level_ids(levels[-1])) if levels else _USUAL_SIZE
        self._session.insert_layer(levels[-1] if levels else 0, size)
