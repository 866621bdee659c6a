"""What plots over two of the inputs share: which ones, and where the others are held."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QVBoxLayout

from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.probe_words import raw_value_text
from nnplay.gui.plots.insight.page import PlotPage
from nnplay.gui.plots.map_over import MapOver
from nnplay.gui.theme import Theme
from nnplay.picture.text import pretty_label
from nnplay.session.map_columns import Plane, mappable_columns, plane_of
from nnplay.session.session import Session

__all__ = ["PlanePage", "held_words"]

MOST_NAMED: Final = 4


def held_words(prepared: PreparedData, plane: Plane) -> str:
    """Where the columns that are not axes are held; empty if there are none."""
    named = [
        f"{pretty_label(prepared.raw_names[i])} {raw_value_text(prepared, i, plane.held[i], 4)}"
        for i in plane.held_columns
    ]
    if not named:
        return ""
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"held at the probe: {', '.join(named[:MOST_NAMED])}{more}"


class PlanePage(PlotPage):
    """Asks again when the probe moves what is held; offers the columns where there are more."""

    def __init__(self, session: Session, theme: Theme, hint: str, icon: str = "chart") -> None:
        super().__init__(session, theme, hint, icon)
        self.over = MapOver()
        self.over.words.setText("Over")
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101
        layout.insertWidget(1, self.over)
        self._plane = plane_of(session)
        self.over.chosen.connect(session.set_map_columns)
        session.map_columns_changed.connect(self._follow_plane)
        session.data_changed.connect(self._follow_plane)
        session.document_replaced.connect(self._follow_plane)

    @property
    def plane(self) -> Plane | None:
        """The plane of the latest question."""
        return self._plane

    def uses_plane(self) -> bool:
        """Whether what is shown now lies over two columns."""
        raise NotImplementedError  # every page has its own

    def offer_columns(self) -> None:
        """Show the choice of columns where there is one to make."""
        prepared = self._session.prepared
        offers = (
            prepared is not None
            and not prepared.has_plane
            and len(mappable_columns(prepared)) > 1
            and self.uses_plane()
        )
        if offers and prepared is not None and self._plane is not None:
            self.over.set_content(prepared, self._plane.columns)
        self.over.setVisible(offers)

    def _probe_changed(self) -> None:
        super()._probe_changed()
        if plane_of(self._session) != self._plane:
            self._follow_plane()

    def _follow_plane(self) -> None:
        self._plane = plane_of(self._session)
        self.offer_columns()
        if self.uses_plane():
            self.ask(again=True)
