"""The canvas: a network to look at, grab, connect and watch while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.clipboard import paste
from nnplay.gui.canvas.connect_selection import ConnectSelection
from nnplay.gui.canvas.connecting import Connect
from nnplay.gui.canvas.cursors import cursor_for
from nnplay.gui.canvas.gesture import Gesture, Pointer, Stage
from nnplay.gui.canvas.hovering import Hovering
from nnplay.gui.canvas.keys import handle_key
from nnplay.gui.canvas.large import LargeNetworks
from nnplay.gui.canvas.looks_chosen import is_usual
from nnplay.gui.canvas.menu import canvas_menu
from nnplay.gui.canvas.overlays import Overlays
from nnplay.gui.canvas.pattern_menu import pattern_menu
from nnplay.gui.canvas.presenter import MAP_KEY, Presenter
from nnplay.gui.canvas.scene import Hit
from nnplay.gui.canvas.tools import add_neuron_at, begin
from nnplay.gui.canvas.transition import Transition
from nnplay.gui.canvas.value_tools import ValueTools
from nnplay.gui.canvas.walking import Walker
from nnplay.gui.canvas.zoomable_view import ZoomableView
from nnplay.gui.theme import Theme
from nnplay.session.values import MapRequest

if TYPE_CHECKING:
    from nnplay.gui.canvas.looks_shown import CanvasLooks
    from nnplay.gui.canvas.steps import CanvasSteps
    from nnplay.session.session import Session

__all__ = ["CanvasView"]

MAP_RESOLUTION: Final = 32
# Numbers are written by themselves on networks small enough to calculate by hand.
NUMBERS_BY_DEFAULT: Final = 8


class CanvasView(ZoomableView):
    """Shows the session's network and turns gestures into calls of session verbs.

    Signals:
        neuron_activated(int): a neuron was double-clicked, or Return was pressed on it.
        edge_activated(int, int): Return was pressed on a connection.
        tool_changed(str): another tool is in use.
        looks_changed(): neurons or connections show something else.
    """

    neuron_activated = Signal(int)
    edge_activated = Signal(int, int)
    tool_changed = Signal(str)
    looks_changed = Signal()

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, session.paint_gate, parent)
        self.session = session
        self.setAccessibleName("Network canvas")
        self.tool = "select"
        self.gesture: Gesture | None = None
        self.nudge_gesture: int | None = None
        self.shows_numbers = False
        self._numbers_chosen = False

        self.overlays = Overlays(session, theme, self.network_scene, self)
        self.hovering = Hovering(
            session,
            theme,
            self.network_scene,
            self,
            self._neuron_box,
            self.navigation.to_window,
        )
        self.transition = Transition(
            self.network_scene, self.navigation, session.settings, self._is_grabbing, self
        )
        self.presenter = Presenter(
            session, self.network_scene, self.hovering, self.transition, self
        )
        self.walker = Walker(self)
        self.values = ValueTools(self)
        self.steps: CanvasSteps | None = None
        self._stage = Stage(
            self.network_scene,
            session,
            self.scroll_by,
            self.hovering.refuse,
            self.hovering.hint,
            self._open_menu,
            self._choose_pattern,
            self._scale,
            self.values.what_if,
        )
        self._connect()
        self.presenter.show()
        self._take_structure()
        self.large = LargeNetworks(self)
        self._take_looks()

    def _connect(self) -> None:
        overlays, presenter = self.overlays, self.presenter
        overlays.tools.chosen.connect(self.set_tool)
        overlays.zoom.zoom_asked.connect(self.zoom_by)
        overlays.zoom.full_size_asked.connect(self.show_full_size)
        overlays.zoom.fit_asked.connect(self.fit)
        overlays.zoom.numbers_asked.connect(self.set_shows_numbers)
        overlays.zoom.looks_asked.connect(self._open_looks)
        presenter.replaced.connect(self._take_document)
        presenter.rebuilt.connect(self._take_rebuilt)
        presenter.moved.connect(self._take_moved)
        presenter.turned.connect(self._take_turned)
        presenter.measured.connect(self.refresh_legend)
        self.hovering.changed.connect(self._take_hover)
        self.transition.moved.connect(self._place_overlays)
        self.theme.changed.connect(self._take_theme)
        self.view_moved.connect(self._place_overlays)

    # ------------------------------------------------------------------ following
    def _take_document(self) -> None:
        self.cancel_gesture()
        self._numbers_chosen = False
        self._take_structure()
        self._take_looks()
        self.fit()

    def _take_looks(self) -> None:
        """Show what the document asks for, where that is something unusual."""
        if self.overlays.looks is not None or not is_usual(self.session.view):
            self.looks.take_document()

    def _take_rebuilt(self, other_wiring: bool) -> None:
        if other_wiring:
            self.cancel_gesture()
        self._take_structure()
        self._keep_in_sight()

    def _take_structure(self) -> None:
        topology = self.session.network.topology
        self.overlays.headers.refresh()
        self.setAccessibleDescription(
            f"{topology.neuron_count} neurons and {topology.edge_count} connections. "
            "Tab walks through the neurons, Ctrl and arrow keys walk along the picture, "
            "arrow keys move the selected neurons."
        )
        if not self._numbers_chosen:
            self._show_numbers(0 < topology.edge_count <= NUMBERS_BY_DEFAULT)
        self.refresh_legend()
        self._place_overlays()

    def _take_turned(self) -> None:
        self.cancel_gesture()
        self._take_structure()
        self.fit()

    def _take_moved(self) -> None:
        self._place_overlays()
        if self.gesture is None and self.nudge_gesture is None:
            self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """Fit a network that has grown or shrunk, unless a person has chosen what to look at."""
        content = self.network_scene.content_rect()
        navigation = self.navigation
        if navigation.is_fitted and (
            not navigation.shows(content) or navigation.wastes_room(content)
        ):
            self.fit()

    def _is_grabbing(self) -> bool:
        return self.gesture is not None

    def _take_hover(self) -> None:
        self.refresh_legend()
        self._choose_cursor()

    def _take_theme(self) -> None:
        self.network_scene.set_palette(self.theme.palette)
        self.resetCachedContent()
        self.viewport().update()

    def refresh_legend(self) -> None:
        """Explain what is shown now."""
        self.overlays.refresh_legend(self.hovering.hit.neuron)

    # ------------------------------------------------------------------ commands
    def set_tool(self, name: str) -> None:
        """Use a tool: ``select``, ``lasso``, ``connect``, ``add`` or ``hand``."""
        self.cancel_gesture()
        self.tool = name
        self.overlays.tools.show_tool(name)
        self.network_scene.show_all_ports(name == "connect")
        self._choose_cursor()
        self.tool_changed.emit(name)

    def set_shows_numbers(self, shows: bool) -> None:
        """Write the weights on the connections (while there are not too many), or not."""
        self._numbers_chosen = True
        self._show_numbers(shows)

    def _show_numbers(self, shows: bool) -> None:
        self.shows_numbers = shows
        self.network_scene.edges.set_shows_numbers(shows)
        self.overlays.zoom.show_numbers(shows)

    @property
    def looks(self) -> CanvasLooks:
        """What neurons and connections show; made when it is first asked for."""
        if self.overlays.looks is None:
            from nnplay.gui.canvas.looks_shown import CanvasLooks

            self.overlays.looks = CanvasLooks(self)
        return self.overlays.looks

    def _open_looks(self) -> None:
        self.looks.open_menu(self.overlays.zoom.looks)

    def attach_steps(self) -> None:
        """From now on show where the session's stepper stands."""
        if self.steps is None:
            from nnplay.gui.canvas.steps import CanvasSteps

            self.steps = CanvasSteps(self)
            self.steps.refresh()

    def select_all(self) -> None:
        """Select every neuron."""
        self.session.select(self.session.network.topology.ids.tolist(), ())

    def escape(self) -> None:
        """Give up the gesture; without one go back to selecting; then select nothing."""
        if self.gesture is not None:
            self.cancel_gesture()
        elif self.values.escape() or (self.steps is not None and self.steps.escape()):
            pass
        elif self.tool != "select":
            self.set_tool("select")
        else:
            self.session.select((), ())

    def activate_selected(self) -> bool:
        """Hand the one selected neuron or connection on, to be edited; False without one."""
        selection = self.session.selection
        if len(selection.neurons) + len(selection.edges) != 1:
            return False
        for neuron_id in selection.neurons:
            self.neuron_activated.emit(neuron_id)
        for source, target in selection.edges:
            self.edge_activated.emit(source, target)
        return True

    def type_selected(self) -> bool:
        """Open the field for the value of the one selected connection, or neuron's bias."""
        selection = self.session.selection
        if len(selection.neurons) + len(selection.edges) == 1:
            hit = Hit(
                neuron=next(iter(selection.neurons), None),
                edge=next(iter(selection.edges), None),
                on_bias=bool(selection.neurons),
            )
            if self.values.type_at(hit):
                return True
        return self.session.refuse("Select one connection first, or one neuron with a bias.")

    def open_menu_here(self) -> None:
        """The context menu of what the keyboard is on."""
        self._open_menu(self._keyboard_pointer())

    def connect_from(self, neuron_id: int) -> None:
        """Start a connection at a neuron that follows the pointer until the next click."""
        self.cancel_gesture()
        start = self.network_scene.port_of(neuron_id)
        pointer = Pointer(start, self.navigation.to_window(start))
        self.gesture = Connect(self._stage, pointer, neuron_id)
        self._choose_cursor()

    def paste(self) -> bool:
        """Paste neurons where the pointer is."""
        return paste(self.session, self.pointer_here().scene)

    def connect_selected(self) -> bool:
        """Connect what is selected with what is clicked or drawn around next; False without it."""
        if not self.session.selection.neurons:
            return self.session.refuse("Select the neurons to connect first.")
        self.cancel_gesture()
        self.gesture = ConnectSelection(self._stage, self.pointer_here())
        self._choose_cursor()
        return True

    def pointer_here(self) -> Pointer:
        """Where the mouse is if it is on the canvas, else the middle of the window."""
        place = QPointF(self.hovering.pointer)
        if not self.underMouse():
            place = QRectF(self.viewport().rect()).center()
        self.hovering.pointer = place.toPoint()
        return Pointer(self.navigation.to_scene(place), place)

    def _choose_pattern(self, sources: list[int], targets: list[int], pointer: Pointer) -> None:
        menu = pattern_menu(self, self.session, sources, targets)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(pointer.window.toPoint()))

    def _scale(self) -> float:
        return self.navigation.scale

    def cancel_gesture(self) -> None:
        """Give up what the pointer has begun, leaving no trace."""
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.cancel()
            self._choose_cursor()

    def _neuron_box(self, neuron_id: int) -> QRect:
        """A neuron's body in window pixels."""
        x, y = self.network_scene.positions[neuron_id]
        half = self.network_scene.half_of(neuron_id)
        corners = (QPointF(x - half, y - half), QPointF(x + half, y + half))
        first, last = (self.navigation.to_window(corner).toPoint() for corner in corners)
        return QRect(first, last)

    # ------------------------------------------------------------------ pointer
    def _pointer_of(self, event: QMouseEvent) -> Pointer:
        window = event.position()
        self.hovering.pointer = window.toPoint()
        return Pointer(self.navigation.to_scene(window), window, event.modifiers())

    def _hit(self, pointer: Pointer) -> Hit:
        place = pointer.scene
        return self.network_scene.hit(place.x(), place.y(), self.navigation.scale)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.transition.finish()  # who is grabbed stands still
        self.nudge_gesture = None
        pointer = self._pointer_of(event)
        event.accept()
        self.values.pointer_pressed()
        if self.gesture is not None:
            if event.button() == Qt.MouseButton.RightButton:
                self.cancel_gesture()
            elif event.button() == Qt.MouseButton.LeftButton and self.gesture.press(pointer):
                self.gesture = None
                self._choose_cursor()
            return
        self.hovering.end_refusal()
        hit = self._hit(pointer)
        if hit.on_bias:
            self.hovering.card.hide()  # the neuron's map stays in sight while its bias changes
        else:
            self.hovering.enter(Hit())
        self.gesture = begin(self._stage, self.tool, pointer, event.button(), hit)
        self._choose_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer_of(event)
        event.accept()
        if self.gesture is None:
            self.hovering.enter(self._hit(pointer))
        else:
            self.gesture.move(pointer)
            self._choose_cursor()
            self.overlays.place_headers(self.navigation.to_window)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture = self.gesture
        event.accept()
        if gesture is None:
            return
        pointer = self._pointer_of(event)
        if gesture.release(pointer) and self.gesture is gesture:
            self.gesture = None
        self._choose_cursor()
        if self.gesture is None and not self.hovering.says_refusal:
            self.hovering.enter(self._hit(pointer))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.tool not in ("select", "lasso"):
            self.mousePressEvent(event)
            return
        self.cancel_gesture()
        event.accept()
        pointer = self._pointer_of(event)
        hit = self._hit(pointer)
        if self.values.type_at(hit, pointer.window.toPoint()):
            return
        if hit.neuron is not None:
            row = self.network_scene.network.topology.row(hit.neuron)
            if self.network_scene.grids.grid_of(row) is not None:
                self.large.toggle_fold(hit.neuron)
                return
            self.neuron_activated.emit(hit.neuron)
        else:
            add_neuron_at(self.session, pointer.scene)

    def _open_menu(self, pointer: Pointer) -> None:
        self.hovering.enter(Hit())
        menu = canvas_menu(self, self._hit(pointer), pointer.scene)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.viewport().mapToGlobal(pointer.window.toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            return  # the mouse opens it on release, so that a right drag can pan
        self.open_menu_here()

    def _keyboard_pointer(self) -> Pointer:
        """A pointer at the selection, or in the middle of the window."""
        place = QRectF(self.viewport().rect()).center()
        selected = self.session.selection.neurons & self.network_scene.positions.keys()
        scene = self.walker.place()
        if scene is None and selected:
            scene = QPointF(*self.network_scene.positions[min(selected)])
        if scene is not None:
            place = self.navigation.to_window(scene)
        return Pointer(self.navigation.to_scene(place), place)

    def _choose_cursor(self) -> None:
        chosen = self.session.selection.edges
        shape = cursor_for(self.tool, self.gesture, self.hovering.hit, chosen)
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = event.position()
        pointer = Pointer(self.navigation.to_scene(place), place, event.modifiers())
        if self.gesture is None and self.values.turn_wheel(event, self._hit(pointer)):
            event.accept()
            return
        super().wheelEvent(event)

    # ------------------------------------------------------------------ keyboard
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not handle_key(self, event):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self.walker.tab(forward) or super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.walker.hide()

    # ------------------------------------------------------------------ window
    def _place_overlays(self) -> None:
        self.overlays.view_moved(self.navigation.scale, self.navigation.to_window)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self.hovering.enter(Hit())
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.overlays.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.watch(MAP_KEY, MapRequest(resolution=MAP_RESOLUTION))
        if self.overlays.looks is not None:
            self.overlays.looks.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.watch(MAP_KEY, None)
        if self.overlays.looks is not None:
            self.overlays.looks.look()
