"""What a canvas offers for large networks: hiding weak connections, the overview, folded layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF

from nnplay.core.topology import Kind
from nnplay.gui.canvas.weakest import OFFERED_FROM, WEAKEST_KEY, share_of
from nnplay.picture.folding import folded_places, unfolded_places
from nnplay.picture.grids import FEWEST
from nnplay.picture.layers import layer_groups

if TYPE_CHECKING:
    from nnplay.gui.canvas.view import CanvasView

__all__ = ["LargeNetworks"]


class LargeNetworks(QObject):
    """Connects the slider, the map and the folding of layers with one canvas."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        overlays = view.overlays
        overlays.weakest.share_chosen.connect(self.hide_weakest)
        overlays.zoom.weakest_asked.connect(self.show_slider)
        overlays.overview.centre_asked.connect(self._centre)
        overlays.overview.zoom_asked.connect(view.zoom_by)
        view.presenter.replaced.connect(self._take_document)
        view.presenter.rebuilt.connect(self._count)
        view.presenter.measured.connect(self._count)
        self._take_document()

    # ------------------------------------------------------------------ weak connections
    def _take_document(self) -> None:
        share = share_of(self._view.session.view.get(WEAKEST_KEY))
        self._view.overlays.weakest.show_share(share)
        self._view.network_scene.edges.set_weakest_share(share)
        self.show_slider(share > 0.0)

    def hide_weakest(self, percent: int) -> None:
        """Hide so many percent of the connections, the weakest; kept with the document."""
        self._view.session.set_view(WEAKEST_KEY, percent)
        self._view.network_scene.edges.set_weakest_share(percent / 100)
        self._count()

    def show_slider(self, shows: bool) -> None:
        """Show the strip with the slider and put the keyboard on it, or hide it."""
        overlays = self._view.overlays
        had_focus = overlays.weakest.slider.hasFocus()
        overlays.show_weakest(shows)
        self._count()
        if shows and self._view.isVisible():
            overlays.weakest.slider.setFocus()
        elif had_focus:
            self._view.setFocus()

    def toggle_slider(self) -> None:
        """Show or hide the strip with the slider."""
        self.show_slider(self._view.overlays.weakest.isHidden())

    def _count(self) -> None:
        edges = self._view.network_scene.edges
        total = self._view.network_scene.network.topology.edge_count
        self._view.overlays.weakest.say(edges.weak_count, total)
        zoom = self._view.overlays.zoom
        offers = total >= OFFERED_FROM or edges.weakest_share > 0.0
        if offers == zoom.weakest.isHidden():
            zoom.offer_weakest(offers)
            self._view.overlays.place()

    # ------------------------------------------------------------------ overview
    def _centre(self, place: QPointF) -> None:
        view = self._view
        way = QRectF(view.viewport().rect()).center() - view.navigation.to_window(place)
        view.scroll_by(way.x(), way.y())

    def show_overview(self, shows: bool) -> None:
        """Switch the map on or off; it is seen only while it has something to tell."""
        self._view.overlays.overview.is_wanted = shows
        self._view.view_moved.emit()

    # ------------------------------------------------------------------ folded layers
    def toggle_fold(self, neuron_id: int | None = None) -> bool:
        """Fold the layer of a neuron (or of what is selected) into a picture, or unfold it.

        Returns False if there is nothing to fold: no layer of 16 neurons or more.
        """
        view, scene = self._view, self._view.network_scene
        topology = scene.network.topology
        chosen = view.session.selection.neurons if neuron_id is None else {neuron_id}
        rows = [topology.row(i) for i in chosen if i in topology]
        for row in rows:
            grid = scene.grids.grid_of(row)
            if grid is not None:
                places = unfolded_places(
                    scene.network, scene.places, grid, downwards=scene.edges.downwards
                )
                return self._move(places)
        for group in layer_groups(scene.network):
            inside = np.isin(group.rows, rows).any() or (not rows and group.kind == Kind.INPUT)
            if inside and group.rows.size >= FEWEST:
                return self._move(folded_places(scene.network, scene.places, group.rows))
        return False

    def _move(self, places: dict[int, tuple[float, float]]) -> bool:
        session = self._view.session
        session.move_neurons(places, session.begin_gesture())
        self._view.view_moved.emit()
        return True
