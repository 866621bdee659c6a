"""The views of one window, each in its card, and what they ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nnplay.gui.canvas.view import CanvasView
from nnplay.gui.panels.data import DataPanel
from nnplay.gui.panels.features import FeaturesPanel
from nnplay.gui.panels.inspector import InspectorPanel
from nnplay.gui.panels.layers import LayersPanel
from nnplay.gui.panels.training import TrainingPanel
from nnplay.gui.status_strip import StatusStrip
from nnplay.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow
    from nnplay.gui.plots.activation import ActivationPlot
    from nnplay.gui.plots.decision_map import DecisionMap
    from nnplay.gui.plots.loss import LossPlot

__all__ = ["Views"]


class Views(QObject):
    """Canvas and panels at once; the plots, which load slower, with :meth:`finish`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        session, theme, bench = window.session, window.theme, window.workbench
        self._window = window
        self.canvas: CanvasView = CanvasView(session, theme)
        bench.stage_layout.addWidget(self.canvas)
        self.toast = Toast(theme, bench.stage)
        self.inspector = InspectorPanel(session, theme)
        self.training = TrainingPanel(session, theme)
        self.data = DataPanel(session, theme)
        self.features = FeaturesPanel(session, theme)
        self.layers = LayersPanel(session, theme)
        for name in ("inspector", "training", "data", "features", "layers"):
            bench.fill(name, getattr(self, name))
        self.status = StatusStrip(session, theme)
        self.loss_plot: LossPlot | None = None
        self.activation_plot: ActivationPlot | None = None
        self.decision_map: DecisionMap | None = None
        self.canvas.neuron_activated.connect(self._show_inspector)
        self.data.open_csv_requested.connect(window.files.open_table)
        session.selection_changed.connect(self._selection_changed)

    @property
    def is_complete(self) -> bool:
        """Whether the plots are there too."""
        return self.decision_map is not None

    def finish(self) -> None:
        """Make the plots; does nothing the second time."""
        if self.decision_map is not None:
            return
        from nnplay.gui.plots.activation import ActivationPlot
        from nnplay.gui.plots.decision_map import DecisionMap
        from nnplay.gui.plots.loss import LossPlot

        session, theme = self._window.session, self._window.theme
        bench = self._window.workbench
        self.loss_plot = LossPlot(session, theme)
        self.activation_plot = ActivationPlot(session, theme)
        self.decision_map = DecisionMap(session, theme)
        bench.fill("loss", self.loss_plot, self.loss_plot.header_widgets())
        bench.fill("activations", self.activation_plot, self.activation_plot.header_widgets())
        bench.fill("map", self.decision_map, self.decision_map.header_widgets())

    # ------------------------------------------------------------------ leading the eye
    def _show_inspector(self, neuron_id: int) -> None:
        self._window.workbench.right.show_card(0)

    def _selection_changed(self) -> None:
        # Who clicks a neuron wants to see it; where there is room nothing has to change.
        right = self._window.workbench.right
        if right.shares_place(0) and self._window.session.selection:
            right.show_card(0)
