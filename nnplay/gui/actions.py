"""The one table of actions: menus, header buttons and context menus all use these.

A row says what an action is called, which keys it has and what it does. Keys of ``keys`` work
everywhere in the window; keys of ``canvas_keys`` only while the canvas has the focus, so that
a space or a letter typed into a field stays a letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from nnplay.gui.canvas.clipboard import copy, cut
from nnplay.gui.plots.insight.catalogue import PLOTS

if TYPE_CHECKING:
    from nnplay.gui.main_window import MainWindow

__all__ = ["SPECS", "ActionSpec", "Actions", "key_text"]

Standard = QKeySequence.StandardKey
Key = str | QKeySequence.StandardKey


@dataclass(frozen=True)
class ActionSpec:
    """One row of the table.

    Attributes:
        name: how code calls it.
        text: words in menus; ``…`` if a dialog follows.
        tip: one sentence for tooltips, without the keys.
        run: what it does, given the window.
        keys: keys that work everywhere in the window.
        canvas_keys: keys that work on the canvas only.
        icon: drawing for buttons, a name of ``resources/icons``.
        group: actions of one group exclude each other (and can be checked).
        checkable: whether it is a switch.
    """

    name: str
    text: str
    tip: str
    run: Callable[[MainWindow], object]
    keys: tuple[Key, ...] = ()
    canvas_keys: tuple[str, ...] = ()
    icon: str = ""
    group: str = ""
    checkable: bool = False


def _plot_shower(name: str) -> Callable[[MainWindow], object]:
    return lambda window: window.show_plot(name)


SPECS: Final = (
    # ------------------------------------------------------------------ File
    ActionSpec(
        "new",
        "&New network…",
        "Make a network from scratch",
        lambda w: w.files.new(),
        (Standard.New,),
        icon="file",
    ),
    ActionSpec(
        "new_window",
        "New &window",
        "Open another window with a document of its own",
        lambda w: w.desk.open(),
        ("Ctrl+Alt+N",),
        icon="system",
    ),
    ActionSpec(
        "open",
        "&Open…",
        "Open a document or a network file",
        lambda w: w.files.open(),
        (Standard.Open,),
        icon="folder",
    ),
    ActionSpec(
        "open_table",
        "Open &data table…",
        "Use a CSV file as data",
        lambda w: w.files.open_table(),
        ("Ctrl+Shift+O",),
        icon="table",
    ),
    ActionSpec(
        "clear_recent",
        "Clear list",
        "Forget the documents opened lately",
        lambda w: w.files.clear_recent(),
    ),
    ActionSpec(
        "open_backup",
        "Open &backup",
        "Go back to the version before the last save",
        lambda w: w.files.open_backup(),
        icon="clock",
    ),
    ActionSpec(
        "save",
        "&Save",
        "Save the document",
        lambda w: w.files.save(),
        (Standard.Save,),
        icon="save",
    ),
    ActionSpec(
        "save_as",
        "Save &as…",
        "Save the document under another name",
        lambda w: w.files.save_as(),
        ("Ctrl+Shift+S",),
    ),
    ActionSpec(
        "import",
        "&Import network…",
        "Put a network from another program on the canvas",
        lambda w: w.files.import_network(),
        ("Ctrl+I",),
        icon="import",
    ),
    ActionSpec(
        "export",
        "&Export…",
        "Write the trained network for other programs",
        lambda w: w.files.export(),
        ("Ctrl+E",),
        icon="export",
    ),
    ActionSpec(
        "close", "&Close window", "Close this window", lambda w: w.close(), (Standard.Close,)
    ),
    ActionSpec("quit", "&Quit", "Close all windows", lambda w: w.quit(), ("Ctrl+Q",)),
    # ------------------------------------------------------------------ Edit
    ActionSpec(
        "undo",
        "&Undo",
        "Undo the last step",
        lambda w: w.session.undo(),
        (Standard.Undo,),
        icon="undo",
    ),
    ActionSpec(
        "redo",
        "&Redo",
        "Do the undone step again",
        lambda w: w.session.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        icon="redo",
    ),
    ActionSpec(
        "cut",
        "Cu&t",
        "Copy the selected neurons with their weights and remove them",
        lambda w: cut(w.session),
        canvas_keys=("Ctrl+X",),
    ),
    ActionSpec(
        "copy",
        "&Copy",
        "Copy the selected neurons with their weights, as text for any program",
        lambda w: copy(w.session),
        canvas_keys=("Ctrl+C",),
        icon="copy",
    ),
    ActionSpec(
        "paste",
        "&Paste",
        "Put copied neurons where the pointer is",
        lambda w: w.views.canvas.paste(),
        canvas_keys=("Ctrl+V",),
    ),
    ActionSpec(
        "duplicate",
        "D&uplicate",
        "Put a copy of the selected neurons beside them, connected alike",
        lambda w: w.session.duplicate_selection(),
        canvas_keys=("Ctrl+D",),
    ),
    ActionSpec(
        "delete",
        "&Delete",
        "Remove the selected neurons and connections",
        lambda w: w.session.remove_selection(),
        canvas_keys=("Del", "Backspace"),
        icon="trash",
    ),
    ActionSpec(
        "select_all",
        "Select &all",
        "Select all neurons",
        lambda w: w.views.canvas.select_all(),
        (Standard.SelectAll,),
        icon="select_all",
    ),
    ActionSpec(
        "arrange",
        "A&rrange automatically",
        "Put the neurons in tidy columns",
        lambda w: w.session.arrange(),
        ("Ctrl+L",),
        icon="arrange",
    ),
    ActionSpec(
        "arrange_selection",
        "Arrange the &selection",
        "Put the selected neurons in tidy columns; all others stay where they are",
        lambda w: w.network.arrange_selection(),
        ("Ctrl+Shift+L",),
    ),
    ActionSpec(
        "arrange_others",
        "Arrange the &others",
        "Keep the selected neurons where they are, and put all others in tidy columns",
        lambda w: w.network.arrange_others(),
        ("Ctrl+Alt+L",),
    ),
    ActionSpec(
        "copy_picture",
        "Copy as p&icture",
        "Put a picture of the network on the clipboard",
        lambda w: w.network.copy_picture(),
        ("Ctrl+Shift+C",),
        icon="copy",
    ),
    ActionSpec(
        "export_picture",
        "Export p&icture…",
        "Write a picture of the network for papers and slides",
        lambda w: w.network.export_picture(),
        ("Ctrl+Shift+I",),
        icon="map",
    ),
    ActionSpec(
        "make_mlp",
        "&Make an MLP…",
        "Put a layered network in place of the present one",
        lambda w: w.network.make_mlp(),
        ("Ctrl+M",),
        icon="layers",
    ),
    ActionSpec(
        "templates",
        "&Templates…",
        "Start from a well-known shape of network",
        lambda w: w.network.choose_template(),
        ("Ctrl+Shift+M",),
        icon="network",
    ),
    ActionSpec(
        "commands",
        "&Find a command…",
        "Find anything by typing a few letters",
        lambda w: w.show_commands(),
        ("Ctrl+Shift+P", "Ctrl+K"),
        icon="search",
    ),
    # ------------------------------------------------------------------ Train
    ActionSpec(
        "toggle_training",
        "&Play",
        "Train until you pause it",
        lambda w: w.session.toggle(),
        ("Ctrl+Return", "Ctrl+Enter"),
        canvas_keys=("Space",),
        icon="play",
    ),
    ActionSpec(
        "step_batch",
        "One &step",
        "Train with one batch",
        lambda w: w.session.step_batch(),
        ("Ctrl+.",),
        canvas_keys=(".",),
        icon="step",
    ),
    ActionSpec(
        "step_by_step",
        "Step &by step…",
        "Follow every number of one sample by hand: forward, loss, backward, update",
        lambda w: w.stepping.open(),
        ("F8",),
        icon="calculate",
    ),
    ActionSpec(
        "step_next",
        "Ne&xt number",
        "Compute the next number of the calculation by hand",
        lambda w: w.stepping.next(),
        ("F10",),
        icon="chevron_right",
    ),
    ActionSpec(
        "step_back",
        "Nu&mber before",
        "Take the latest number of the calculation by hand back",
        lambda w: w.stepping.back(),
        ("F9",),
        icon="chevron_left",
    ),
    ActionSpec(
        "step_play",
        "Play step by s&tep",
        "Let the calculation by hand go on by itself, or pause it",
        lambda w: w.stepping.play(),
        ("F5",),
    ),
    ActionSpec(
        "step_apply",
        "&Apply the update",
        "Really change the weights by the step that was calculated by hand",
        lambda w: w.stepping.apply(),
        ("Ctrl+F10",),
        icon="check",
    ),
    ActionSpec(
        "one_epoch",
        "One &epoch",
        "Train once through all training samples",
        lambda w: w.session.run_epochs(1),
        ("Ctrl+Shift+.", "Ctrl+>"),
        canvas_keys=("E",),
        icon="epoch",
    ),
    ActionSpec(
        "hundred_epochs",
        "1&00 epochs",
        "Train a hundred times through all training samples",
        lambda w: w.session.run_epochs(100),
        ("Ctrl+Shift+E",),
        icon="run_many",
    ),
    ActionSpec(
        "reset",
        "&Reset weights",
        "Go back to the same initial weights",
        lambda w: w.session.reset(),
        ("Ctrl+R",),
        canvas_keys=("R",),
        icon="reset",
    ),
    ActionSpec(
        "draw_new_weights",
        "&New initial weights",
        "Draw other initial weights",
        lambda w: w.session.draw_new_weights(),
        ("Ctrl+Shift+R",),
        icon="dice",
    ),
    ActionSpec(
        "compare",
        "&Compare settings…",
        "Train with several values and seeds, and compare what comes of it",
        lambda w: w.show_sweep(),
        ("Ctrl+Shift+K",),
        icon="chart",
    ),
    ActionSpec(
        "find_rate",
        "&Find a learning rate…",
        "Try ever larger learning rates on a copy of the network",
        lambda w: w.show_rate_finder(),
        ("Ctrl+Shift+F",),
        icon="pulse",
    ),
    ActionSpec(
        "check_gradients",
        "Check the &gradients…",
        "Compare backpropagation with complex steps, parameter by parameter",
        lambda w: w.show_gradient_check(),
        icon="check",
    ),
    # ------------------------------------------------------------------ View
    ActionSpec(
        "zoom_in",
        "Zoom &in",
        "Show the network larger",
        lambda w: w.views.canvas.zoom_by(1.25),
        ("Ctrl+=", "Ctrl++"),
        icon="zoom_in",
    ),
    ActionSpec(
        "zoom_out",
        "Zoom &out",
        "Show the network smaller",
        lambda w: w.views.canvas.zoom_by(0.8),
        (Standard.ZoomOut,),
        icon="zoom_out",
    ),
    ActionSpec(
        "full_size",
        "&Actual size",
        "Show the network at 100 %",
        lambda w: w.views.canvas.show_full_size(),
        canvas_keys=("1",),
    ),
    ActionSpec(
        "fit",
        "Show &everything",
        "Zoom so that the whole network is visible",
        lambda w: w.views.canvas.fit(),
        ("Ctrl+0",),
        canvas_keys=("F",),
        icon="fit",
    ),
    ActionSpec(
        "weakest",
        "Hide &weak connections",
        "Show a slider that hides the weakest connections",
        lambda w: w.views.canvas.large.toggle_slider(),
        canvas_keys=("K",),
        icon="filter",
    ),
    ActionSpec(
        "fold",
        "Fold or unfold &layer",
        "Show the selected layer as one picture, or as single neurons again",
        lambda w: w.views.canvas.large.toggle_fold(),
        canvas_keys=("G",),
        icon="table",
    ),
    ActionSpec(
        "overview",
        "&Overview map",
        "Show a small map while the network is larger than the view",
        lambda w: w.views.canvas.large.show_overview(w.actions_table["overview"].isChecked()),
        checkable=True,
        icon="map",
    ),
    ActionSpec(
        "downwards",
        "From &top to bottom",
        "Show inputs on top and outputs at the bottom, instead of from left to right",
        lambda w: w.network.switch_direction(),
        ("Ctrl+Alt+D",),
        checkable=True,
    ),
    ActionSpec(
        "reduce_motion",
        "Reduce &motion",
        "Let neurons jump to new places instead of gliding there",
        lambda w: w.network.switch_motion(),
        ("Ctrl+Alt+M",),
        checkable=True,
    ),
    ActionSpec(
        "theme_system",
        "Follow the &system",
        "Light or dark as the desktop is",
        lambda w: w.set_theme("system"),
        group="theme",
        icon="system",
    ),
    ActionSpec(
        "theme_light",
        "&Light",
        "Dark on light",
        lambda w: w.set_theme("light"),
        group="theme",
        icon="sun",
    ),
    ActionSpec(
        "theme_dark",
        "&Dark",
        "Light on dark",
        lambda w: w.set_theme("dark"),
        group="theme",
        icon="moon",
    ),
    ActionSpec(
        "switch_theme",
        "Switch light and dark",
        "Switch between light and dark",
        lambda w: w.switch_theme(),
        icon="sun",
    ),
    ActionSpec(
        "show_left",
        "Data and &layers",
        "Show or hide the left column",
        lambda w: w.show_part("left"),
        ("Ctrl+1",),
        checkable=True,
    ),
    ActionSpec(
        "show_bottom",
        "&Plots",
        "Show or hide the plots",
        lambda w: w.show_part("bottom"),
        ("Ctrl+2",),
        checkable=True,
    ),
    ActionSpec(
        "show_right",
        "&Inspector and training",
        "Show or hide the right column",
        lambda w: w.show_part("right"),
        ("Ctrl+3",),
        checkable=True,
    ),
    ActionSpec(
        "show_table",
        "&Table of neurons and connections",
        "Show all neurons and connections as tables in place of the plots",
        lambda w: w.show_table(),
        ("Ctrl+T",),
        icon="table",
        checkable=True,
    ),
    *(
        ActionSpec(
            f"plot_{entry.name}",
            f"Plot: {entry.title}",
            entry.tip,
            _plot_shower(entry.name),
            icon="chart",
        )
        for entry in PLOTS
    ),
    ActionSpec(
        "show_history",
        "&History",
        "Show all steps and go back to any of them",
        lambda w: w.show_history(),
        ("Ctrl+H",),
        icon="clock",
    ),
    ActionSpec(
        "edges_weights",
        "Connections: &weights",
        "Draw the weights of the connections",
        lambda w: w.views.show_edges("weights"),
        group="edges_show",
    ),
    ActionSpec(
        "edges_gradients",
        "Connections: gra&dients",
        "Draw the slope of the loss by every weight, over the training data",
        lambda w: w.views.show_edges("gradients"),
        group="edges_show",
    ),
    ActionSpec(
        "edges_updates",
        "Connections: latest &updates",
        "Draw how training changed the weights lately, per step",
        lambda w: w.views.show_edges("updates"),
        group="edges_show",
    ),
    ActionSpec(
        "neurons_activation",
        "Neurons: acti&vation",
        "Show what neurons say about the probe",
        lambda w: w.views.show_neurons("activation"),
        group="neurons_show",
    ),
    ActionSpec(
        "neurons_mean",
        "Neurons: &mean and spread",
        "Show mean and standard deviation of the activations over the training data",
        lambda w: w.views.show_neurons("mean"),
        group="neurons_show",
    ),
    ActionSpec(
        "neurons_delta",
        "Neurons: δ of the &loss",
        "Show how the loss changes with every weighted sum, over the training data",
        lambda w: w.views.show_neurons("delta"),
        group="neurons_show",
    ),
    ActionSpec(
        "show_health",
        "Hea&lth",
        "Sick neurons, ablation, the probe looked into, the next batch",
        lambda w: w.show_health(),
        ("Ctrl+Shift+H",),
        icon="pulse",
    ),
    ActionSpec(
        "show_explain",
        "&Explain the selection",
        "Follow every number of the selected neuron or connection, forward and backward",
        lambda w: w.views.show_explain(),
        ("Ctrl+Alt+E",),
        icon="help",
    ),
    ActionSpec(
        "focus_canvas",
        "Go to &canvas",
        "Put the keyboard on the canvas",
        lambda w: w.focus_canvas(),
        ("Ctrl+4",),
    ),
    ActionSpec(
        "full_screen",
        "&Full screen",
        "Use the whole screen",
        lambda w: w.toggle_full_screen(),
        ("F11",),
        icon="full_screen",
        checkable=True,
    ),
    # ------------------------------------------------------------------ Help
    ActionSpec(
        "welcome",
        "&Examples…",
        "Start from an example",
        lambda w: w.show_welcome(),
        ("Ctrl+Shift+N",),
        icon="home",
    ),
    ActionSpec(
        "shortcuts",
        "&Keyboard shortcuts",
        "All keys at a glance",
        lambda w: w.show_shortcuts(),
        ("F1",),
        canvas_keys=("?",),
        icon="keyboard",
    ),
    ActionSpec("about", "&About nnplay", "Version and licences", lambda w: w.show_about()),
)


class Actions(QObject):
    """The actions of one window, by name: ``actions["undo"]``."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for spec in SPECS:
            action = QAction(self)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(key) for key in spec.keys])
            action.setCheckable(spec.checkable or bool(spec.group))
            if spec.group:
                group = self._groups.setdefault(spec.group, QActionGroup(self))
                group.addAction(action)
            action.triggered.connect(self._run)
            window.addAction(action)
            self._actions[spec.name] = action
            self.set_words(spec.name, spec.text)
            self.set_tip(spec.name, spec.tip)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def set_words(self, name: str, words: str) -> None:
        """Change the words in menus. Keys of the canvas alone, which Qt does not know, are added."""
        spec = next(spec for spec in SPECS if spec.name == name)
        self._actions[name].setText(f"{words}\t{key_text(name)}" if spec.canvas_keys else words)
        self._actions[name].setIconText(words.replace("&", "").rstrip("…"))

    def set_tip(self, name: str, tip: str) -> None:
        """Change the sentence of a tooltip; its keys are added."""
        keys = key_text(name)
        self._actions[name].setToolTip(f"{tip} ({keys})" if keys else tip)
        self._actions[name].setStatusTip(tip)

    def set_enabled(self, name: str, on: bool, why_not: str = "") -> None:
        """Let an action work or not; the command search says why it does not."""
        self._actions[name].setEnabled(on)
        self._actions[name].setProperty("why", why_not)

    def set_all_enabled(self, on: bool) -> None:
        """Let all actions work, or none while the window is being made."""
        for action in self._actions.values():
            action.setEnabled(on)

    def add_canvas_keys(self, canvas: QWidget) -> None:
        """Give the canvas its own keys for actions."""
        for spec in SPECS:
            for key in spec.canvas_keys:
                shortcut = QShortcut(QKeySequence(key), canvas)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                # Holding Space must not start and stop training many times a second.
                shortcut.setAutoRepeat(spec.name == "step_batch")
                shortcut.activated.connect(self._actions[spec.name].trigger)

    def _run(self) -> None:
        action = self.sender()
        for spec in SPECS:
            if action is not None and spec.name == action.objectName():
                spec.run(self._window)
                return


def key_text(name: str, *, every: bool = False) -> str:
    """The keys of an action as people read them; the canvas's single key comes first.

    With ``every`` the keys of the window come first, and all of them.
    """
    spec = next(spec for spec in SPECS if spec.name == name)
    keys: tuple[Key, ...] = (*spec.canvas_keys[:1], *spec.keys[:1])
    if every:
        keys = (*spec.keys, *spec.canvas_keys)
    texts = [QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
    return ", ".join(text for text in texts if text)
