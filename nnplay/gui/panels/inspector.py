"""The inspector: what is selected, in numbers that can be read and changed."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QVBoxLayout, QWidget

from nnplay.core.topology import Kind
from nnplay.gui.panels.form import ScrollColumn
from nnplay.gui.panels.inspector_edge import EdgePage
from nnplay.gui.panels.inspector_input import InputPage
from nnplay.gui.panels.inspector_network import NetworkPage
from nnplay.gui.panels.inspector_neuron import NeuronPage
from nnplay.gui.panels.inspector_several import SeveralPage
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.theme import Theme
from nnplay.session.session import Session

__all__ = ["InspectorPanel"]

Page = NetworkPage | NeuronPage | InputPage | EdgePage | SeveralPage


class InspectorPanel(QWidget):
    """Shows the selection and lets it be changed. Live numbers come at a readable pace."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Inspector")
        self.area = ScrollColumn(self)
        self.network_page = NetworkPage(session, theme, self)
        self.neuron_page = NeuronPage(session, theme, self)
        self.input_page = InputPage(session, theme, self)
        self.edge_page = EdgePage(session, theme, self)
        self.several_page = SeveralPage(session, theme, self)
        self._pages: tuple[Page, ...] = (
            self.network_page,
            self.neuron_page,
            self.input_page,
            self.edge_page,
            self.several_page,
        )
        for page in self._pages:
            page.hide()
            self.area.column.addWidget(page)
        self.area.column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self._page: Page = self.network_page
        self._whole = Refresher(self, self._show_selection, 0)
        self._numbers = Refresher(self, self._refresh_numbers)
        session.selection_changed.connect(self._whole.request)
        session.document_replaced.connect(self._whole.request)
        session.data_changed.connect(self._whole.request)
        session.network_changed.connect(self._network_changed)
        session.probe_changed.connect(self._numbers.request)
        session.frame_arrived.connect(self._numbers.request)
        self._show_selection()

    def page(self) -> Page:
        """The page in view."""
        return self._page

    def sizeHint(self) -> QSize:
        return QSize(312, 480)

    # ------------------------------------------------------------------ following the session
    def _network_changed(self, before: object, after: object) -> None:
        only_numbers = (
            before.topology is after.topology  # type: ignore[attr-defined]
            and before.labels == after.labels  # type: ignore[attr-defined]
            and before.activations == after.activations  # type: ignore[attr-defined]
            and before.frozen is after.frozen  # type: ignore[attr-defined]
            and before.dropout is after.dropout  # type: ignore[attr-defined]
            and before.enabled is after.enabled  # type: ignore[attr-defined]
        )
        (self._numbers if only_numbers else self._whole).request()

    def _show_selection(self) -> None:
        session = self._session
        topology, selection = session.network.topology, session.selection
        neurons = [i for i in selection.neurons if i in topology]
        edges = [edge for edge in selection.edges if topology.has_edge(*edge)]
        if len(neurons) + len(edges) > 1:
            self._use(self.several_page)
            self.several_page.refresh()
        elif edges:
            self._use(self.edge_page)
            self.edge_page.set_edge(*edges[0])
        elif not neurons:
            self._use(self.network_page)
            self.network_page.refresh()
        elif topology.kind_of(neurons[0]) == Kind.INPUT:
            self._use(self.input_page)
            self.input_page.set_neuron(neurons[0])
        else:
            self._use(self.neuron_page)
            self.neuron_page.set_neuron(neurons[0])

    def _use(self, page: Page) -> None:
        if page is not self._page or page.isHidden():
            for other in self._pages:
                other.setVisible(other is page)
            self._page = page
            self.area.verticalScrollBar().setValue(0)

    def _refresh_numbers(self) -> None:
        self._page.refresh_numbers()
