"""The bar at the upper edge: the document, undo, training, the few settings that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnplay.gui.actions import Actions
from nnplay.gui.panels.rate_field import LEARNING_RATES, above_0
from nnplay.gui.panels.refresh import Refresher
from nnplay.gui.theme import Theme
from nnplay.gui.widgets.controls import Choice, icon_button, label, separator
from nnplay.gui.widgets.number_field import NumberField

if TYPE_CHECKING:
    from nnplay.core.network import Network
    from nnplay.session.session import Session

__all__ = ["Header", "shape_text"]

HEIGHT: Final = 56
TITLE_WIDTH: Final = 168
WIDE: Final = 1060
WIDER: Final = 1240
WIDEST: Final = 1480


def shape_text(network: Network) -> str:
    """The network in a few signs: ``4–6–5–1``, or counts if it has no clean layers.

    Inputs are counted as neurons, here as everywhere.
    """
    topology = network.topology
    if network.is_chain_of_layers and topology.hidden_ids + topology.output_ids:
        levels = topology.levels
        sizes = [int((levels == level).sum()) for level in range(int(levels.max()) + 1)]
        if len(sizes) <= 7:
            return "–".join(f"{size}" for size in sizes)
        return f"{len(sizes)} layers, {topology.neuron_count:,} neurons"
    neurons, edges = topology.neuron_count, topology.edge_count
    return f"{_counted(neurons, 'neuron')}, {_counted(edges, 'connection')}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


class Header(QFrame):
    """The header of one window. It shows at once and comes alive with :meth:`attach`."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self._session: Session | None = None
        self.setProperty("role", "header")
        self.setFixedHeight(HEIGHT)
        self._logo = QLabel(self)
        self._logo.setFixedSize(30, 30)
        self._title = label("nnplay", "title", self)
        self._subtitle = label("", "small", self)
        titles = QVBoxLayout()
        titles.setContentsMargins(0, 0, 0, 0)
        titles.setSpacing(1)
        titles.addStretch(1)
        titles.addWidget(self._title)
        titles.addWidget(self._subtitle)
        titles.addStretch(1)
        box = QWidget(self)
        box.setLayout(titles)
        box.setFixedWidth(TITLE_WIDTH)
        titles.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self.play = QPushButton("Play", self)
        self.play.setProperty("role", "primary")
        self.play.setFixedSize(QSize(96, 34))
        self.play.setIconSize(QSize(16, 16))
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(actions["toggle_training"].trigger)
        self._epoch_caption = label("Epoch", "small", self)
        self._epoch = label("0", "", self)
        self._epoch.setFont(theme.mono_font(13))
        # Of fixed size, so that another number lays nothing out anew.
        self._epoch.setFixedSize(74, self._epoch.sizeHint().height())
        counter = QVBoxLayout()
        counter.setSpacing(1)
        counter.addStretch(1)
        counter.addWidget(self._epoch_caption)
        counter.addWidget(self._epoch)
        counter.addStretch(1)

        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self._logo)
        row.addWidget(box)
        row.addWidget(separator(parent=self))
        row.addLayout(self._buttons(("undo", "undo"), ("redo", "redo")))
        row.addWidget(separator(parent=self))
        row.addWidget(self.play)
        row.addLayout(
            self._buttons(("step", "step_batch"), ("epoch", "one_epoch"), ("reset", "reset"))
        )
        row.addLayout(counter)
        self._settings = self._make_settings()
        row.addWidget(self._settings)
        self._speed = QWidget(self)
        row.addWidget(self._speed)
        row.addStretch(1)
        self._theme_button = icon_button(theme, "sun", actions["switch_theme"], parent=self)
        self._search = QPushButton("Find a command", self)
        self._search.setProperty("role", "search")
        self._search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._search.setFixedWidth(208)
        self._search.clicked.connect(actions["commands"].trigger)
        self._search.setToolTip(actions["commands"].toolTip())
        caps = QHBoxLayout(self._search)
        caps.setContentsMargins(0, 4, 7, 4)
        caps.addStretch(1)
        caps.addWidget(
            label("Ctrl+K", "key", self._search), alignment=Qt.AlignmentFlag.AlignVCenter
        )
        self._search.hide()
        self._search_icon = icon_button(theme, "search", actions["commands"], parent=self)
        row.addWidget(self._search)
        row.addWidget(self._search_icon)
        row.addWidget(self._theme_button)
        row.addWidget(icon_button(theme, "export", actions["export"], parent=self))
        theme.changed.connect(self._recolour)
        self._recolour()

    def _buttons(self, *pairs: tuple[str, str]) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(2)
        for icon, name in pairs:
            layout.addWidget(icon_button(self._theme, icon, self._actions[name], parent=self))
        return layout

    def _make_settings(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(separator(parent=holder))
        self.optimizer = Choice(name="Optimiser", parent=holder)
        self.optimizer.setMinimumWidth(112)
        self.rate = NumberField(0.03, holder, steps=LEARNING_RATES, decimals=None, check=above_0)
        self.rate.setFixedWidth(78)
        self.rate.setAccessibleName("Learning rate")
        self.rate.set_hint("Learning rate: Up and Down walk through the usual ones")
        for words, field in (("Optimiser", self.optimizer), ("Rate", self.rate)):
            caption = label(words, "secondary", holder)
            caption.setBuddy(field)
            row.addSpacing(4)
            row.addWidget(caption)
            row.addWidget(field)
        holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        holder.setEnabled(False)
        return holder

    # ------------------------------------------------------------------ coming alive
    def attach(self, session: Session) -> None:
        """Follow a session from now on."""
        from nnplay.core.optimizers import OPTIMIZERS

        self._session = session
        self.optimizer.set_items((name, row.title) for name, row in OPTIMIZERS.items())
        self._settings.setEnabled(True)
        self._add_speed(session)
        self.optimizer.chosen.connect(self._choose_optimizer)
        self.rate.value_changed.connect(self._choose_rate)
        self._counter = Refresher(self, self._show_epoch)
        session.history_changed.connect(self._counter.request)
        session.frame_arrived.connect(self._counter.request)
        session.run_state_changed.connect(self._show_run)
        session.title_changed.connect(self._show_title)
        session.modified_changed.connect(self._show_title)
        session.network_changed.connect(self._network_changed)
        session.setup_changed.connect(self._show_settings)
        session.document_replaced.connect(self._show_all)
        self._show_all()

    def _add_speed(self, session: Session) -> None:
        from nnplay.gui.panels.training_speed import SpeedChoice

        self.speed = SpeedChoice(session, self._speed)
        self.speed.setFixedWidth(154)
        caption = label("Speed", "secondary", self._speed)
        caption.setBuddy(self.speed)
        row = QHBoxLayout(self._speed)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(caption)
        row.addWidget(self.speed)

    def _show_all(self) -> None:
        self._show_title()
        self._show_run()
        self._show_settings()
        self._show_epoch()

    def _network_changed(self, before: Network, after: Network) -> None:
        if before.topology is not after.topology:
            self._show_title()

    def _show_title(self) -> None:
        session = self._session
        if session is None:
            return
        title = session.title
        for ending in (".nnplay.json", ".nnplay"):
            title = title.removesuffix(ending)
        metrics = self._title.fontMetrics()
        self._title.setText(
            metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, TITLE_WIDTH - 4)
        )
        self._title.setToolTip(str(session.path) if session.path else title)
        kept = "saved" if session.path else "not saved yet"
        state = "edited" if session.is_modified else kept
        text = f"{shape_text(session.network)}  ·  {state}"
        small = self._subtitle.fontMetrics()
        self._subtitle.setText(small.elidedText(text, Qt.TextElideMode.ElideRight, TITLE_WIDTH - 2))
        self._subtitle.setToolTip(text)

    def _show_epoch(self) -> None:
        if self._session is not None:
            text = f"{self._session.shown_epoch:,}"
            if text != self._epoch.text():
                self._epoch.setText(text)
                self._epoch.setAccessibleName(f"Epoch {text}")

    def _show_run(self) -> None:
        if self._session is None:
            return
        running = self._session.is_running
        action = self._actions["toggle_training"]
        words = "Pause" if running else "Play"
        self._actions.set_words("toggle_training", f"&{words}")
        self._actions.set_tip(
            "toggle_training", "Pause training" if running else "Train until you pause it"
        )
        self.play.setText(words)
        self.play.setToolTip(action.toolTip())
        self.play.setAccessibleName(f"{words} training")
        self._recolour_play()
        self._show_epoch()

    def _show_settings(self) -> None:
        if self._session is None:
            return
        training = self._session.training
        self.optimizer.set_value(training.optimizer)
        self.rate.set_value(training.learning_rate)

    # ------------------------------------------------------------------ by hand
    def _choose_optimizer(self, name: str) -> None:
        if self._session is not None:
            self._session.set_training(optimizer=name)
            self._show_settings()

    def _choose_rate(self, value: float, gesture: int) -> None:
        if self._session is not None:
            self._session.set_training(gesture, learning_rate=value)
            self._show_settings()

    # ------------------------------------------------------------------ looks
    def _recolour(self) -> None:
        self._logo.setPixmap(self._theme.picture("nnplay", 30))
        self._search.setIcon(self._theme.icon("search", "secondary", 16))
        self._theme_button.set_icon_name("sun" if self._theme.is_dark else "moon")
        self._actions.set_tip(
            "switch_theme",
            "Switch to the light theme" if self._theme.is_dark else "Switch to the dark theme",
        )
        self._recolour_play()

    def _recolour_play(self) -> None:
        running = self._session is not None and self._session.is_running
        self.play.setIcon(self._theme.icon("pause" if running else "play", "on_accent", 16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In a narrow window the training panel alone has these settings.
        self._settings.setVisible(self.width() >= WIDE)
        self._speed.setVisible(self.width() >= WIDER)
        self._search.setVisible(self.width() >= WIDEST)
        self._search_icon.setVisible(self.width() < WIDEST)
