"""Which further plots there are. Light: the plots themselves are loaded when they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nnplay.gui.plots.insight.page import PlotPage
    from nnplay.gui.theme import Theme
    from nnplay.session.session import Session

__all__ = ["PLOTS", "PlotEntry"]


@dataclass(frozen=True)
class PlotEntry:
    """A row of the table.

    Attributes:
        name: how code calls it.
        title: what menus call it.
        short: the same for a narrow header.
        tip: one sentence about what it shows.
        module, kind: where its class is.
    """

    name: str
    title: str
    short: str
    tip: str
    module: str
    kind: str

    def make(self, session: Session, theme: Theme) -> PlotPage:
        """The view itself."""
        module = import_module(f"nnplay.gui.plots.insight.{self.module}")
        page: PlotPage = getattr(module, self.kind)(session, theme)
        return page


PLOTS: Final = (
    PlotEntry(
        "metrics",
        "Accuracy",
        "Accuracy",
        "How many answers are right over epochs; for numbers, how much of their spread is explained",
        "metrics",
        "MetricsPage",
    ),
    PlotEntry(
        "gradients",
        "Gradient norms",
        "Gradients",
        "How strongly the loss pulls at each layer, and at the selected neurons, over epochs",
        "gradients",
        "GradientsPage",
    ),
    PlotEntry(
        "histograms",
        "Histograms",
        "Histograms",
        "How activations, weighted sums, weights or gradients are spread in each layer",
        "histograms",
        "HistogramsPage",
    ),
    PlotEntry(
        "data_heat",
        "Activations of all data",
        "All data",
        "Every neuron's activation for every sample, sorted by class",
        "data_heat",
        "DataHeatPage",
    ),
    PlotEntry(
        "weights",
        "Weight history",
        "Weights",
        "How the selected weights and biases have moved over epochs",
        "weights",
        "WeightsPage",
    ),
    PlotEntry(
        "hidden_space",
        "Hidden space",
        "Hidden space",
        "Where a layer puts the samples, and how it bends the plane of the inputs",
        "hidden_space",
        "HiddenSpacePage",
    ),
    PlotEntry(
        "confusion",
        "Confusion matrix",
        "Confusion",
        "Which classes are taken for which",
        "confusion",
        "ConfusionPage",
    ),
    PlotEntry(
        "regression",
        "Regression",
        "Regression",
        "Predicted numbers as a surface over two inputs, or beside the true ones with what is left",
        "regression",
        "RegressionPage",
    ),
    PlotEntry(
        "landscape",
        "Loss landscape",
        "Landscape",
        "The loss around the present weights, and the path that training took",
        "landscape",
        "LandscapePage",
    ),
)
