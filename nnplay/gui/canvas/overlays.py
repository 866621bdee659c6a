"""Everything that floats above the network: strips, legend, layer headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.layer_headers import LayerHeaders
from nnplay.gui.canvas.overview import Overview
from nnplay.gui.canvas.scene import NetworkScene
from nnplay.gui.canvas.strips import Legend, ToolStrip, ZoomStrip
from nnplay.gui.canvas.weakest import WeakestStrip
from nnplay.gui.panels.words import neuron_label
from nnplay.gui.theme import Theme
from nnplay.picture.scales import fixed_scale

if TYPE_CHECKING:
    from nnplay.gui.canvas.looks_shown import CanvasLooks
    from nnplay.session.session import Session

__all__ = ["Overlays"]

GAP: Final = 12


class Overlays:
    """Makes the floating widgets and keeps them in place and up to date."""

    def __init__(
        self, session: Session, theme: Theme, scene: NetworkScene, window: QWidget
    ) -> None:
        self._session, self._scene, self._window = session, scene, window
        self.headers = LayerHeaders(theme, session, scene, window)
        self.tools = ToolStrip(theme, window)
        self.zoom = ZoomStrip(theme, window)
        self.legend = Legend(theme, window)
        self.weakest = WeakestStrip(theme, window)
        self.weakest.hide()
        self.weakest.widened.connect(self._place_above_zoom)
        self.overview = Overview(theme, scene, window)
        self.looks: CanvasLooks | None = None  # there once something unusual is shown

    def place(self) -> None:
        """Put the strips into the window's corners."""
        width, height = self._window.width(), self._window.height()
        self.tools.move(GAP, GAP)
        self.zoom.move(width - self.zoom.width() - GAP, height - self.zoom.height() - GAP)
        self._place_legend()
        self._place_above_zoom()

    def _place_above_zoom(self) -> None:
        right, bottom = self.zoom.geometry().right() + 1, self.zoom.y() - 6
        for strip in (self.weakest, self.overview):
            if not strip.isHidden():
                bottom -= strip.height()
                strip.move(right - strip.width(), bottom)
                bottom -= 6

    def show_weakest(self, shows: bool) -> None:
        """Show the slider that hides weak connections, or not."""
        self.weakest.setVisible(shows)
        self.zoom.show_weakest(shows)
        self._place_above_zoom()

    def _place_legend(self) -> None:
        self.legend.move(GAP, self._window.height() - self.legend.height() - GAP)
        room = self._window.width() - self.zoom.width() - 3 * GAP
        self.legend.setVisible(self.legend.width() <= room)

    def view_moved(self, scale: float, to_window: Callable[[QPointF], QPointF]) -> None:
        """The network appears elsewhere or in another size."""
        self.zoom.show_zoom(scale)
        self.place_headers(to_window)
        self.overview.follow(to_window, self._window.size())
        self._place_above_zoom()

    def place_headers(self, to_window: Callable[[QPointF], QPointF]) -> None:
        """Layer headers above their columns, beside the tools."""
        self.headers.place(to_window, float(self.tools.geometry().right()))

    def refresh_legend(self, hovered: int | None) -> None:
        """Explain the scales in use; of a hovered neuron exactly its own."""
        scene, network = self._scene, self._scene.network
        if scene.with_maps and hovered is not None and hovered in network.topology:
            texts = scene.scale_of(hovered).texts
            self.legend.show_scale(neuron_label(network, hovered), *texts)
        else:
            inner = (*network.topology.hidden_ids, *network.topology.output_ids)
            scales = {fixed_scale(network.activation_of(i)) for i in inner}
            only = scales.pop() if len(scales) == 1 else None
            low, middle, high = only.texts if only is not None else ("low", "0", "high")
            title = "Activation"
            if self.looks is not None and self.looks.neurons != "activation":
                title = self.looks.neurons_title
                low, middle, high = self.looks.scale_texts or (low, middle, high)
            self.legend.show_scale(title, low, middle, high)
        picture = scene.edges.picture
        if picture is not None:
            total, hidden = network.topology.edge_count, scene.edges.hidden_count
            note = f"The strongest {total - hidden:,} of {total:,} connections" if hidden else ""
            if scene.edges.shows_maps:
                note = "A row for each neuron, a column for each source"
            title = self.looks.edges_title if self.looks is not None else "Weight"
            self.legend.show_weights(picture.scale, note, title)
        self._place_legend()
