"""The views of one window, each in its card, and what they ask of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from nnplay.gui.canvas.view import CanvasView
from nnplay.gui.panels.data import DataPanel
from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.layers import LayersPanel
from nnplay.gui.status_strip import StatusStrip
from nnplay.gui.widgets.busy import BusyCard
from nnplay.gui.widgets.controls import icon_button
from nnplay.gui.widgets.number_field import NumberField
from nnplay.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from nnplay.gui.canvas.looks_shown import EdgesShow, NeuronsShow
    from nnplay.gui.main_window import MainWindow
    from nnplay.gui.panels.explain import ExplainPanel
    from nnplay.gui.panels.features import FeaturesPanel
    from nnplay.gui.panels.health import HealthPanel
    from nnplay.gui.panels.history import HistoryPanel
    from nnplay.gui.panels.training import TrainingPanel
    from nnplay.gui.plots.activation import ActivationPlot
    from nnplay.gui.plots.decision_map import DecisionMap
    from nnplay.gui.plots.insight.panel import MorePlots
    from nnplay.gui.plots.loss import LossPlot
    from nnplay.gui.table.panel import TableView

__all__ = ["Views"]


class Views(QObject):
    """What is in sight first is made at once; the rest follows, one view per turn of the loop.

    Attributes that follow (``loss_plot``, ``decision_map``, ``activation_plot``, ``training``,
    ``features``) must not be read before :attr:`is_complete`; :meth:`finish` makes them now.

    Signals:
        completed(): all views are there.
    """

    completed = Signal()

    loss_plot: LossPlot
    activation_plot: ActivationPlot
    decision_map: DecisionMap
    training: TrainingPanel
    explain: ExplainPanel
    features: FeaturesPanel
    history: HistoryPanel
    more_plots: MorePlots
    health: HealthPanel
    table_view: TableView

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        session, theme, bench = window.session, window.theme, window.workbench
        self._window = window
        self.canvas: CanvasView = CanvasView(session, theme)
        bench.stage_layout.addWidget(self.canvas)
        self.toast = Toast(theme, bench.stage)
        self.busy = BusyCard(bench.stage)
        self.busy.cancelled.connect(session.cancel_busy)
        session.busy_changed.connect(self.busy.show_text)
        self.inspector = InspectorPanel(session, theme)
        self.data = DataPanel(session, theme)
        self.layers = LayersPanel(session, theme)
        self.status = StatusStrip(session, theme)
        for name, view in (
            ("inspector", self.inspector),
            ("data", self.data),
            ("layers", self.layers),
        ):
            bench.fill(name, view)
        self._steps: list[Callable[[], None]] = [
            self._make_loss_plot,
            self._make_decision_map,
            self._make_activation_plot,
            self._make_training,
            self._make_explain,
            self._make_features,
            self._make_history,
            self._make_health,
            self._make_more_plots,
            self._make_table,
        ]
        self.canvas.neuron_activated.connect(self._show_inspector)
        self.inspector.input_page.probe_wanted.connect(self._show_probe)
        self.canvas.looks_changed.connect(self._tick_looks)
        self._tick_looks()
        self.canvas.edge_activated.connect(self._type_weight)
        self.data.open_csv_requested.connect(window.files.open_table)
        session.selection_changed.connect(self._selection_changed)
        # A child, so that nothing is made any more once the window has gone.
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._make_one)
        self._timer.start(0)

    @property
    def has_plots(self) -> bool:
        """Whether all plots are there; panels behind tabs may still follow."""
        return hasattr(self, "activation_plot")

    @property
    def is_complete(self) -> bool:
        """Whether all views are there."""
        return not self._steps

    def finish(self) -> None:
        """Make all views that are still missing."""
        while self._steps:
            self._make_one()

    def _make_one(self) -> None:
        self._steps.pop(0)()
        if not self._steps:
            self._timer.stop()
            self.completed.emit()

    # ------------------------------------------------------------------ the views that follow
    def _make_loss_plot(self) -> None:
        from nnplay.gui.plots.loss import LossPlot

        self.loss_plot = LossPlot(self._window.session, self._window.theme)
        self._fill("loss", self.loss_plot, self.loss_plot.header_widgets())

    def _make_decision_map(self) -> None:
        from nnplay.gui.plots.decision_map import DecisionMap

        self.decision_map = DecisionMap(self._window.session, self._window.theme)
        self._fill("map", self.decision_map, self.decision_map.header_widgets())
        card = self._window.workbench.cards["map"]
        self.decision_map.name_changed.connect(card.set_title)
        card.set_title(self.decision_map.name, self.decision_map.short_name)

    def _make_activation_plot(self) -> None:
        from nnplay.gui.plots.activation import ActivationPlot

        self.activation_plot = ActivationPlot(self._window.session, self._window.theme)
        self._fill("activations", self.activation_plot, self.activation_plot.header_widgets())

    def _make_training(self) -> None:
        from nnplay.gui.panels.training import TrainingPanel

        self.training = TrainingPanel(self._window.session, self._window.theme)
        self.training.controls.by_hand_asked.connect(self._window.stepping.open)
        self._fill("training", self.training, [])

    def _make_explain(self) -> None:
        from nnplay.gui.panels.explain import ExplainPanel

        self.explain = ExplainPanel(self._window.session, self._window.theme)
        self.explain.pointed.connect(self._point_at_edge)
        self._fill("explain", self.explain, [])

    def _point_at_edge(self, edge: object) -> None:
        known = isinstance(edge, tuple) and self._window.session.network.topology.has_edge(*edge)
        self.canvas.network_scene.set_hover(None, edge if known else None)  # type: ignore[arg-type]

    def _make_features(self) -> None:
        from nnplay.gui.panels.features import FeaturesPanel

        self.features = FeaturesPanel(self._window.session, self._window.theme)
        self._fill("features", self.features, [])

    def _make_history(self) -> None:
        from nnplay.gui.panels.history import HistoryPanel

        self.history = HistoryPanel(self._window.session, self._window.theme)
        self._fill("history", self.history, [])

    def _make_health(self) -> None:
        from nnplay.gui.panels.health import HealthPanel

        self.health = HealthPanel(self._window.session, self._window.theme)
        self._fill("health", self.health, [])
        self.health.rows_marked.connect(self.decision_map.plane.mark)
        self.health.badges_wanted.connect(self._show_badges)

    def _make_more_plots(self) -> None:
        from nnplay.gui.plots.insight.panel import MorePlots

        self.more_plots = MorePlots(self._window.session, self._window.theme)
        self._fill("plots", self.more_plots, self.more_plots.header_widgets())

    def show_edges(self, name: EdgesShow) -> None:
        """Let the connections show their ``weights``, ``gradients`` or ``updates``."""
        self.canvas.looks.show_edges(name)

    def show_neurons(self, name: NeuronsShow) -> None:
        """Let the neurons show their ``activation``, ``mean`` or ``delta``."""
        self.canvas.looks.show_neurons(name)

    def _tick_looks(self) -> None:
        looks = self.canvas.overlays.looks
        edges, neurons = (
            ("weights", "activation") if looks is None else (looks.edges, looks.neurons)
        )
        for name in (f"edges_{edges}", f"neurons_{neurons}"):
            self._window.actions_table[name].setChecked(True)

    def _show_badges(self, on: bool) -> None:
        if not isValid(self.canvas.network_scene.edges):
            return  # the window is being taken apart: panels hide one after the other
        if on or self.canvas.overlays.looks is not None:
            self.canvas.looks.show_badges(on)

    def _make_table(self) -> None:
        from nnplay.gui.table.panel import TableView

        window = self._window
        self.table_view = TableView(window.session, window.theme)
        plots = icon_button(window.theme, "close", "Show the plots again", window.hide_table)
        self._fill("table", self.table_view, [*self.table_view.header_widgets(), plots])
        self.table_view.left.connect(window.focus_canvas)
        self.table_view.switched.connect(self._show_table_tab)
        window.workbench.cards["table"].tab_clicked.connect(self.table_view.show_table)
        self._show_table_tab(0)

    def _show_table_tab(self, place: int) -> None:
        card, titles = self._window.workbench.cards["table"], self.table_view.TITLES
        had_focus = card.has_tab_focus()
        card.set_title(titles[place])
        card.set_tabs(titles, place)
        if had_focus:
            card.focus_tab(place)

    def _fill(self, name: str, view: QWidget, header: list[QWidget]) -> None:
        self._window.workbench.fill(name, view, header)

    # ------------------------------------------------------------------ leading the eye
    def _show_inspector(self, neuron_id: int) -> None:
        self._window.workbench.right.show_card(0)
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        # By keyboard: on to the bias; Ctrl+4 leads back.
        fields = [f for f in self.inspector.page().findChildren(NumberField) if f.isVisible()]
        fields.sort(key=lambda field: not field.accessibleName().startswith("Bias"))
        if fields:
            fields[0].setFocus(Qt.FocusReason.ShortcutFocusReason)
            fields[0].selectAll()

    def show_explain(self) -> None:
        """Bring the explanation to the front and put the keyboard on its first line."""
        bench = self._window.workbench
        bench.part("right").setVisible(True)
        self._window.actions_table["show_right"].setChecked(True)
        bench.right.show_card(bench.right.cards.index(bench.cards["explain"]))
        self.explain.focus_lines()

    def _show_probe(self) -> None:
        """Bring the page where the probe is changed by hand to the front."""
        self.finish()
        self._window.show_health()
        self.health.show_page("probe")

    def _type_weight(self, source: int, target: int) -> None:
        self.canvas.type_selected()

    def _selection_changed(self) -> None:
        # Who clicks a neuron wants to see it; where there is room nothing has to change.
        bench = self._window.workbench
        if bench.cards["explain"].isVisible():
            return  # it follows the selection too
        if bench.right.shares_place(0) and self._window.session.selection:
            bench.right.show_card(0)
