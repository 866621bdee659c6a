"""The session: the only mutable owner of a window's document, run and selection."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QUndoStack

from nnplay.core.config import TrainingConfig
from nnplay.core.connecting import Pattern
from nnplay.core.history import History
from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.data.preparation import PreparedData
from nnplay.data.recipe import RawTable
from nnplay.document import Document
from nnplay.session.after_paints import SOON, AfterPaints
from nnplay.session.aligning import align, distribute
from nnplay.session.announcing import Announcer
from nnplay.session.backends import Backends
from nnplay.session.batch_editing import BatchEditor
from nnplay.session.cells import CellValues, set_cells
from nnplay.session.changing import Changes, Edit
from nnplay.session.clipboard import Clipboard
from nnplay.session.editing import Editor
from nnplay.session.evaluation import Evaluations, Wish
from nnplay.session.evaluator import Evaluator
from nnplay.session.files import Confirm, Files, How
from nnplay.session.known import known_edges
from nnplay.session.mailbox import Frame
from nnplay.session.map_columns import VIEW_KEY, chosen_columns, mappable_columns
from nnplay.session.notices import Notice
from nnplay.session.paint_gate import PaintGate
from nnplay.session.placement import runs_downwards, shown_positions
from nnplay.session.probe import ProbeKeeper
from nnplay.session.reader import Reader
from nnplay.session.running import Runner
from nnplay.session.selecting import query
from nnplay.session.settings import Settings
from nnplay.session.setup_editing import SetupEditor
from nnplay.session.undo_memory import UndoMemory
from nnplay.session.values import ActivationTrail, MapRequest, Probe, RunState, Selection
from nnplay.session.workspace import Workspace
from nnplay.setup import new_document

if TYPE_CHECKING:
    from nnplay.core.evaluation import Evaluation
    from nnplay.core.health import HealthReport
    from nnplay.formats.verification import ExportReport
    from nnplay.session.exporting import Exporting
    from nnplay.session.guard import Guard
    from nnplay.session.insight import Insight
    from nnplay.session.landscape_scan import LandscapeScan
    from nnplay.session.locking import Holder
    from nnplay.session.orphans import Orphan
    from nnplay.session.parameter_trail import ParameterTrail
    from nnplay.session.rate_finding import RateFinding
    from nnplay.session.shaping import Shaper
    from nnplay.session.stepping import Stepper
    from nnplay.session.sweeping import Sweeping
    from nnplay.templates import MlpShape

__all__ = ["Session"]

EdgeKey = tuple[int, int]
LONGEST_SHUTDOWN: Final = 0.8
# Milliseconds that answers wait for a frame of training to be shown behind it.
LONGEST_WAIT: Final = 50


class _Bell(QObject):
    """Rung by worker threads; heard on the GUI thread."""

    rung = Signal()


class Session(QObject):
    """Owns a document and everything around it; views call its verbs and hear its signals.

    All methods belong to the GUI thread. Verbs never raise on what people do: what is refused or
    fails is said by :attr:`notice_posted`, and the verb returns None or False. A gesture id (from
    :meth:`begin_gesture`) makes consecutive calls of a verb one undo step.

    Args:
        document: what to open; None makes a new document.
        state_folder: where settings are kept; None is the user's own folder.
        parent: Qt parent.

    Call :meth:`shutdown` before letting go of it: it ends the threads.
    """

    document_replaced = Signal()
    network_changed = Signal(object, object)
    positions_changed = Signal(set)
    direction_changed = Signal()
    selection_changed = Signal()
    hovered_changed = Signal()
    setup_changed = Signal(object, object)
    data_changed = Signal()
    frame_arrived = Signal(object)
    probe_changed = Signal()
    losses_changed = Signal()
    history_changed = Signal()
    maps_arrived = Signal(object, object)
    map_columns_changed = Signal()
    insight_arrived = Signal(object, object)
    run_state_changed = Signal(object)
    notice_posted = Signal(object)
    title_changed = Signal()
    modified_changed = Signal(bool)
    activations_asked = Signal(object)
    busy_changed = Signal(str)
    speed_changed = Signal(float)
    held_changed = Signal()
    settled = Signal()

    def __init__(
        self,
        document: Document | None = None,
        *,
        state_folder: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.paint_gate = PaintGate(self)
        self.settings = Settings(state_folder)
        self.backends = Backends(self.settings)
        self._speed = math.inf
        self._bell = _Bell(self)
        self._bell.rung.connect(self._on_rung, Qt.ConnectionType.QueuedConnection)
        self._gestures = itertools.count(1)
        self._hovered: int | None = None
        if document is None:
            document = new_document()[0]
        memory = UndoMemory(self.settings.folder)
        self.workspace = Workspace(self, document, self.announce, memory)
        self._probe = ProbeKeeper()
        self._evaluator = Evaluator(self.ring, self.paint_gate)
        self._answers = AfterPaints(self._deliver_answers, SOON, self)
        self._answer_timer = QTimer(self)
        self._answer_timer.setSingleShot(True)
        self._answer_timer.setInterval(LONGEST_WAIT)
        self._answer_timer.timeout.connect(self._deliver_answers)
        self._evaluations = Evaluations(self, self._evaluator)
        self._runner = Runner(self)
        self._announcer = Announcer(self, self.workspace, self._probe, self._evaluations)
        self._changes = Changes(self, self.workspace, self._runner)
        self._reader = Reader(self.busy_changed.emit, self.ring)
        self._files = Files(self, self._reader)
        self._editor = Editor(self)
        self._batch = BatchEditor(self)
        self._clipboard = Clipboard(self)
        self._setup = SetupEditor(self)
        self._shaper: Shaper | None = None
        self._sweeping: Sweeping | None = None
        self._rate_finding: RateFinding | None = None
        self._insight: Insight | None = None
        self._landscape_scan: LandscapeScan | None = None
        self._parameter_trail: ParameterTrail | None = None
        self._stepper: Stepper | None = None
        self._guard: Guard | None = None
        self.workspace.stack.indexChanged.connect(self._on_stack_changed)
        self.workspace.stack.cleanChanged.connect(self._on_stack_changed)
        self._files.view = dict(document.view)
        self._probe.restore(document.view.get("probe"))
        self._announcer.replaced()

    # ------------------------------------------------------------------ state to read
    @property
    def document(self) -> Document:
        """The committed document: without what an unfinished run has learnt so far."""
        return self.workspace.document

    @property
    def live_document(self) -> Document:
        """The document as it is shown, with what a run has learnt up to the last frame."""
        return self.workspace.live_document

    @property
    def network(self) -> Network:
        """The network with the parameters it has now."""
        return self.workspace.network

    @property
    def positions(self) -> Mapping[int, tuple[float, float]]:
        """Canvas position of every neuron by id."""
        return shown_positions(self.workspace.document)

    @property
    def prepared(self) -> PreparedData | None:
        """The data ready for use; None when they cannot be had (see :attr:`data_problem`)."""
        return self.workspace.prepared

    @property
    def data_problem(self) -> str:
        """Why the data cannot be used for this network, as a sentence; empty if they can."""
        return self.workspace.data_problem

    @property
    def training(self) -> TrainingConfig:
        """Training settings."""
        return self.workspace.document.training

    @property
    def seed(self) -> int:
        """The document's seed."""
        return self.workspace.document.seed

    @property
    def selection(self) -> Selection:
        """What is selected."""
        return self.workspace.selection

    @property
    def hovered(self) -> int | None:
        """Id of the neuron under the pointer."""
        return self._hovered

    @property
    def probe(self) -> Probe:
        """The probed sample and what it does in the network as it is now."""
        return self._probe.probe

    @property
    def probe_place(self) -> tuple[float, ...] | None:
        """Raw values the probe was moved to by hand; None while it is at the first sample."""
        return self._probe.place

    @property
    def activation_trail(self) -> ActivationTrail:
        """Recent activations of the probe, bounded; undo cuts it back."""
        return self._probe.trail

    @property
    def losses(self) -> Evaluation | None:
        """Losses and accuracies of the network shown; None when they cannot be computed."""
        return self._evaluations.losses

    @property
    def curve(self) -> History:
        """Loss per epoch up to now."""
        return self.workspace.curve

    @property
    def shown_epoch(self) -> int:
        """Complete epochs up to now."""
        return self.workspace.state.epoch

    @property
    def shown_step(self) -> int:
        """Batches up to now."""
        return self.workspace.state.step

    @property
    def batches_per_epoch(self) -> int:
        """Steps that make an epoch; 0 without data."""
        if self.prepared is None:
            return 0
        return -(-len(self.prepared.train_rows) // max(1, self.training.batch_size))

    @property
    def run_state(self) -> RunState:
        """What training is doing."""
        return self._runner.state

    @property
    def speed(self) -> float:
        """Steps per second a run does at most; infinity for as fast as it goes."""
        return self._speed

    @property
    def backend_words(self) -> str:
        """Which backend computes and why, as a sentence for people."""
        return self.backends.words(self.workspace.state.backend)

    @property
    def is_running(self) -> bool:
        """Whether training is under way."""
        return self._runner.is_running

    @property
    def held_slots(self) -> frozenset[int]:
        """Parameters that a hand drags at this moment; see :meth:`hold_slot`."""
        return self._runner.held

    @property
    def path(self) -> Path | None:
        """Where the document lies, or None."""
        return self._files.path

    @property
    def title(self) -> str:
        """Name of the document for people: its file's name, else its own title."""
        return self.path.name if self.path is not None else self.document.title

    @property
    def view(self) -> Mapping[str, Any]:
        """Settings of views that are saved with the document (JSON values by name)."""
        return self._files.view

    @property
    def map_columns(self) -> tuple[int, int] | None:
        """Raw columns along x and y of all maps, the others held at the probe; None: no maps.

        Data of exactly two numeric columns have maps over these; others when columns are chosen.
        """
        return chosen_columns(self._files.view, self.prepared)

    @property
    def runs_downwards(self) -> bool:
        """Whether the network is shown from top to bottom instead of from left to right."""
        return runs_downwards(self.workspace.document)

    @property
    def pictured_document(self) -> Document:
        """The document for a picture of what is shown now: with the probe and live weights."""
        return self._files.pictured()

    @property
    def is_modified(self) -> bool:
        """Whether there is something that is not saved."""
        return not self.undo_stack.isClean() or self.workspace.state.step > self.document.state.step

    @property
    def busy(self) -> str:
        """What is being read beside the window, as words for people; empty if nothing is."""
        return self._reader.text

    @property
    def undo_stack(self) -> QUndoStack:
        """The undo stack, to look at; use :meth:`undo`, :meth:`redo` and :meth:`undo_to`."""
        return self.workspace.stack

    # ------------------------------------------------------------------ documents and files
    def new_document(self, document: Document) -> None:
        """Show another document that lies nowhere yet; a run is stopped."""
        self._files.new(document)

    def open_document(self, path: str | Path, how: How = "edit") -> bool:
        """Open a document (or any network file nnplay reads).

        A large file is read beside the window: then this returns True at once,
        :attr:`busy_changed` says what is being read until it is done, and the document is shown
        when it is there, unless somebody has changed the present one meanwhile (a notice offers
        to open it). :meth:`open_table` and :meth:`import_file` read large files the same way.

        Args:
            path: the file.
            how: ``edit``, ``read_only`` (saving asks for another name; also the fate of a document
                that somebody else has open) or ``copy`` (it lies nowhere yet).
        """
        return self._files.open(Path(path), how)

    def holder_of(self, path: Path) -> Holder | None:
        """Who else has a document open, or None."""
        return self._files.holder_of(path)

    def recover(self, orphan: Orphan) -> bool:
        """Show work that a crash left behind: modified, and still pointing at its file."""
        self.protect()
        return self._guard is not None and self._files.recover(orphan, self._guard)

    def reload(self) -> bool:
        """Show what another program has made of the file, as an undoable step."""
        return self._files.reload()

    def open_backup(self, path: Path | None = None) -> bool:
        """Go back to the version before the latest one of the document, as an undoable step.

        With a path: open the backup of a document that cannot be read itself; saving repairs it.
        """
        return self._files.open_backup(path)

    def protect(self) -> None:
        """From now on keep copies of unsaved work for a crash, and lock documents that are open.

        A window asks for this; a session without a window leaves nothing behind.
        """
        if self._guard is None:
            from nnplay.session.guard import Guard

            self._files.start_locking()
            folder = self.settings.state_folder / "recovery"
            self._guard = Guard(self, self._files, folder)

    def secure(self, seconds: float = 0.0) -> bool:
        """Write unsaved work down at once; True if it is safe within so many seconds."""
        if self._guard is None:
            return not self.is_modified
        self._guard.look()
        return self._guard.recovery.write_now(seconds)

    def open_table(self, path: str | Path) -> bool:
        """Use a CSV file as data, as one undoable step; a notice says what was decided."""
        return self._files.open_table(Path(path))

    def cancel_busy(self) -> None:
        """Give up what is being read; nothing changes."""
        self._reader.cancel()

    def save(self, path: str | Path | None = None, *, overwrite: bool = False) -> bool:
        """Save, by default where the document lies; a run is committed and goes on.

        What the file held before is kept as ``name~``. A file that another program has changed
        is replaced only with ``overwrite``.
        """
        return self._files.save(None if path is None else Path(path), overwrite=overwrite)

    def set_painter(self, paint: Callable[[Document], bytes]) -> None:
        """Give a way to make the small PNG pictures that lie in documents."""
        self._files.paint = paint

    @property
    def is_read_only(self) -> bool:
        """Whether saving asks for another name."""
        return self._files.is_read_only

    @property
    def is_changed_outside(self) -> bool:
        """Whether the document's file is no longer what was read or written here last."""
        return self._files.is_changed_outside

    def keep_mine(self) -> None:
        """What another program did to the file is known, and no longer asked about."""
        self._files.keep_mine()

    def export(
        self,
        path: str | Path,
        format: str | None = None,  # noqa: A002 - the word users know
        *,
        dtype: str | None = None,
    ) -> ExportReport | None:
        """Export the network as shown; the file is read again and compared before success."""
        return self._files.export(Path(path), format, dtype)

    def begin_export(self, path: str | Path, format: str, **options: Any) -> Exporting:  # noqa: A002
        """Export the network as shown while the window goes on; nothing is announced."""
        from nnplay.session.exporting import Exporting

        document = self._files.with_view(self.live_document)
        return Exporting(document, Path(path), format, options)

    def write_picture(self, path: str | Path, draw: Callable[[Document], bytes]) -> bool:
        """Write a picture of what is shown now; ``draw`` gives the bytes of the file.

        ``draw`` may raise ValueError with a sentence for people.
        """
        return self._files.write_picture(Path(path), draw)

    def import_file(
        self,
        path: str | Path,
        activation: str | None = None,
        output_activation: str | None = None,
        confirm: Confirm | None = None,
    ) -> bool:
        """Put a network from a file in place of the document, as one undoable step.

        ``confirm`` is shown what was read and how it was understood, and may say no. Files of bare
        weights do not say their activations: then :attr:`activations_asked` (path) is emitted, and
        the call has to be repeated with them.
        """
        return self._files.import_file(Path(path), activation, output_activation, confirm)

    # ------------------------------------------------------------------ edits of the network
    def add_neuron(
        self, kind: Kind, x: float, y: float, activation: str | None = None
    ) -> int | None:
        """Add an unconnected neuron on the canvas; returns its id."""
        return self._editor.add_neuron(kind, x, y, activation)

    def connect(self, source: int, target: int) -> bool:  # type: ignore[override]
        """Connect two neurons."""
        return self._editor.connect(source, target)

    def remove(self, neurons: Iterable[int] = (), edges: Iterable[EdgeKey] = ()) -> bool:
        """Remove neurons and connections."""
        return self._editor.remove(neurons, edges)

    def remove_selection(self) -> bool:
        """Remove what is selected."""
        return self._editor.remove(self.selection.neurons, self.selection.edges)

    def set_weight(self, s: int, t: int, value: float, gesture: int | None = None) -> bool:
        """Set the weight of the connection s → t."""
        return self._editor.set_weight(s, t, value, gesture)

    def set_bias(self, neuron_id: int, value: float, gesture: int | None = None) -> bool:
        """Set the bias of a neuron."""
        return self._editor.set_bias(neuron_id, value, gesture)

    def set_parameters(self, values: Mapping[int, float], gesture: int | None = None) -> bool:
        """Set parameters by slot."""
        return self._editor.set_parameters(values, gesture)

    def set_activation(self, neuron_ids: Collection[int], name: str) -> bool:
        """Give neurons an activation."""
        return self._editor.set_activation(neuron_ids, name)

    def set_dropout(
        self, neuron_ids: Collection[int], rate: float, gesture: int | None = None
    ) -> bool:
        """Silence hidden neurons in a share of the training steps, in [0, 1)."""
        return self._editor.set_dropout(neuron_ids, rate, gesture)

    def set_label(self, neuron_id: int, text: str) -> bool:
        """Rename a neuron."""
        return self._editor.set_label(neuron_id, text)

    def set_frozen(self, slots: Iterable[int], frozen: bool) -> bool:
        """Lock or unlock parameters against training."""
        return self._editor.set_flags(slots, frozen=frozen, enabled=None)

    def set_enabled(self, slots: Iterable[int], enabled: bool) -> bool:
        """Switch connections on or off; they keep their weights."""
        return self._editor.set_flags(slots, frozen=None, enabled=enabled)

    def set_cells(self, text: str, values: CellValues) -> bool:
        """Set many values of different kinds, as cells of a table, in one step named ``text``."""
        return set_cells(self, text, values)

    def move_neurons(
        self, places: Mapping[int, tuple[float, float]], gesture: int | None = None
    ) -> bool:
        """Put neurons somewhere on the canvas."""
        return self._editor.move(places, gesture)

    def arrange(self, neurons: Collection[int] | None = None) -> bool:
        """Place all neurons automatically, or only some: then the others stay where they are."""
        return self._editor.arrange(neurons)

    def set_direction(self, *, downwards: bool) -> bool:
        """Show the network from top to bottom or from left to right; kept with the document."""
        return self._editor.set_direction(downwards=downwards)

    def add_to_level(self, level: int) -> int | None:
        """Add a neuron to a hidden layer; returns its id."""
        return self._editor.add_to_level(level)

    def remove_from_level(self, level: int) -> bool:
        """Remove a neuron from a hidden layer."""
        return self._editor.remove_from_level(level)

    def insert_layer(self, after_level: int, size: int) -> bool:
        """Insert a hidden layer."""
        return self._editor.insert_layer(after_level, size)

    def remove_level(self, level: int) -> bool:
        """Remove a hidden layer."""
        return self._editor.remove_level(level)

    def set_level_activation(self, level: int, name: str) -> bool:
        """Give a hidden layer an activation."""
        return self._editor.set_level_activation(level, name)

    @property
    def shaper(self) -> Shaper:
        """Networks of a well-known shape, to look at before one is chosen."""
        if self._shaper is None:
            from nnplay.session.shaping import Shaper

            self._shaper = Shaper(self)
        return self._shaper

    def replace_with_mlp(self, shape: MlpShape) -> bool:
        """Put a layered network in place of the present one, with the ends its data ask for."""
        return self.shaper.replace_with_mlp(shape)

    def apply_template(self, name: str, settings: Mapping[str, Any] | None = None) -> bool:
        """Put a network of :data:`nnplay.templates.TEMPLATES` in place of the present one."""
        return self.shaper.apply_template(name, settings or {})

    # ------------------------------------------------------------------ edits of many at once
    def connect_many(
        self,
        sources: Iterable[int],
        targets: Iterable[int],
        how: Pattern = "all",
        density: float = 1.0,
        seed: int | None = None,
    ) -> int:
        """Connect neurons with neurons; returns how many connections are new.

        What is there already or would close a circle is left out, and a notice says so.

        Args:
            sources: ids of neurons to connect from.
            targets: ids of neurons to connect to.
            how: ``all``, ``one_to_one`` in the order given, or ``random``.
            density: probability of each connection for ``random``.
            seed: makes ``random`` repeatable; None draws another one every time.
        """
        return self._batch.connect_many(sources, targets, how, density, seed)

    def add_connected(
        self,
        source: int | Collection[int] | None,
        target: int | None,
        x: float,
        y: float,
        activation: str | None = None,
    ) -> int | None:
        """Add a hidden neuron that ``source`` feeds and that feeds ``target``; returns its id.

        Several neurons can feed it.
        """
        return self._batch.add_connected(source, target, x, y, activation)

    def insert_into_edge(
        self, source: int, target: int, x: float | None = None, y: float | None = None
    ) -> int | None:
        """Put a linear neuron into a connection; the network computes the same. Returns its id."""
        return self._batch.insert_into_edge(source, target, x, y)

    def split_level(self, level: int) -> tuple[int, ...]:
        """Put linear neurons behind a hidden layer; the network computes the same."""
        return self._batch.split_level(level)

    def merge_levels(self, level: int) -> bool:
        """Make one layer of a hidden layer and the next one; a notice says whether it is exact."""
        return self._batch.merge_levels(level)

    def set_biases(self, neurons: Iterable[int], value: float, gesture: int | None = None) -> bool:
        """Give neurons a bias; inputs among them are left alone."""
        return self._batch.set_biases(neurons, value, gesture)

    def scale_weights(
        self, slots: Iterable[int], factor: float, gesture: int | None = None
    ) -> bool:
        """Multiply parameters; in a gesture the factor is about where the gesture began."""
        return self._batch.scale_weights(slots, factor, gesture)

    def add_noise(self, slots: Iterable[int], amount: float, seed: int | None = None) -> bool:
        """Add normal noise with the deviation ``amount`` to parameters."""
        return self._batch.add_noise(slots, amount, seed)

    def initialise(self, slots: Iterable[int]) -> bool:
        """Draw parameters as the document's initialiser does; asked again, draw others."""
        return self._batch.initialise(slots)

    def prune(self, slots: Iterable[int], threshold: float) -> int:
        """Remove those of some connections with |w| below a threshold; returns how many."""
        return self._batch.prune(slots, threshold)

    def set_neurons_enabled(self, ids: Collection[int], on: bool) -> bool:
        """Switch neurons on or off; a neuron that is off gives 0 and keeps its numbers."""
        return self._batch.set_neurons_enabled(ids, on)

    def align(self, ids: Iterable[int], how: str) -> bool:
        """Put neurons in line: ``left right top bottom centre_x centre_y``."""
        return align(self, ids, how)

    def distribute(self, ids: Iterable[int], how: str) -> bool:
        """Put neurons at equal distances: ``horizontal`` or ``vertical``."""
        return distribute(self, ids, how)

    def copy_selection(self) -> str:
        """The selected neurons as text for the clipboard; empty if there are none."""
        return self._clipboard.copy()

    def cut_selection(self) -> str:
        """Copy the selected neurons and remove them."""
        return self._clipboard.cut()

    def paste(self, text: str, x: float, y: float) -> tuple[int, ...]:
        """Put copied neurons around a place and select them; returns their ids.

        They are connected to the neurons outside that they were connected to, where these exist.
        """
        return self._clipboard.paste(text, x, y)

    def duplicate_selection(self) -> tuple[int, ...]:
        """Put a copy of the selected neurons beside them, connected alike; returns its ids."""
        return self._clipboard.duplicate()

    # ------------------------------------------------------------------ edits of the set-up
    def set_training(self, gesture: int | None = None, **changes: Any) -> bool:
        """Change training settings (fields of TrainingConfig), also while training."""
        return self._setup.set_training(gesture, changes)

    def set_data(self, gesture: int | None = None, **changes: Any) -> bool:
        """Change the data (fields of DataRecipe); inputs and outputs follow."""
        return self._setup.set_data(gesture, changes)

    def load_table(
        self,
        table: RawTable,
        name: str,
        remarks: Sequence[str] = (),
        *,
        is_incomplete: bool = False,
    ) -> bool:
        """Use an imported table as data; remarks about it are said along with what follows.

        With rows or columns left out (``is_incomplete``) they are said as a warning.
        """
        return self._setup.load_table(table, name, remarks, is_incomplete=is_incomplete)

    def set_target(self, column: str) -> bool:
        """Predict another column of an imported table; inputs and outputs follow."""
        return self._setup.set_target(column)

    def set_features(self, features: Sequence[str]) -> bool:
        """Choose the features the inputs stand for."""
        return self._setup.set_features(tuple(features))

    def set_scaling(self, *, inputs: str | None = None, targets: str | None = None) -> bool:
        """Choose ``none`` or ``standard`` scaling."""
        return self._setup.set_scaling(inputs, targets)

    def fit_to_data(self) -> bool:
        """Bind inputs and outputs to the data again: the way out of a :attr:`data_problem`."""
        return self._setup.fit_to_data()

    def set_seed(self, seed: int) -> bool:
        """Draw data, split and shuffling anew; weights stay until new ones are drawn."""
        return self._setup.set_seed(seed)

    def reset(self) -> bool:
        """Stop and go back to the same initial weights."""
        self._runner.stop()
        return self._setup.reset()

    def draw_new_weights(self) -> bool:
        """Stop and start again from other initial weights."""
        self._runner.stop()
        return self._setup.draw_new_weights()

    # ------------------------------------------------------------------ training
    def start(self, epochs: int | None = None) -> bool:
        """Train, for some epochs or until stopped."""
        if epochs is not None and epochs < 1:
            return self.refuse("The number of epochs must be at least 1.")
        return self._runner.start(epochs)

    def pause(self) -> None:
        """Stop training; what was learnt is one undo step."""
        self._runner.stop()

    def toggle(self) -> None:
        """Start or stop training."""
        if self.is_running:
            self.pause()
        else:
            self.start()

    def step_batch(self) -> bool:
        """Train on one mini-batch (a run is stopped first)."""
        return self._runner.step()

    def run_epochs(self, count: int) -> bool:
        """Train for some epochs from here."""
        return self.start(count)

    def hold_slot(self, slot: int) -> None:
        """A hand drags this parameter: training leaves it alone."""
        self._hold(slot, held=True)

    def release_slot(self, slot: int) -> None:
        """The hand has let go."""
        self._hold(slot, held=False)

    def _hold(self, slot: int, *, held: bool) -> None:
        before = self.held_slots
        self._runner.hold(slot, held=held)
        if self.held_slots != before:
            self.held_changed.emit()

    def set_speed(self, speed: float) -> None:
        """Choose how many steps per second a run does at most, also while one goes on."""
        if speed > 0 and speed != self._speed:
            self._speed = float(speed)
            self._runner.set_pace(self._speed)
            self.speed_changed.emit(self._speed)

    @property
    def sweeping(self) -> Sweeping:
        """Comparing settings and seeds beside the window."""
        if self._sweeping is None:
            from nnplay.session.sweeping import Sweeping

            self._sweeping = Sweeping(self)
        return self._sweeping

    @property
    def stepper(self) -> Stepper:
        """Following one sample through the network by hand."""
        if self._stepper is None:
            from nnplay.session.stepping import Stepper

            self._stepper = Stepper(self)
        return self._stepper

    @property
    def rate_finding(self) -> RateFinding:
        """Looking for a learning rate beside the window."""
        if self._rate_finding is None:
            from nnplay.session.rate_finding import RateFinding

            self._rate_finding = RateFinding(self)
        return self._rate_finding

    @property
    def health(self) -> HealthReport | None:
        """The latest report on the neurons' health, if anybody looks at it."""
        return None if self._insight is None else self._insight.health

    @property
    def insight(self) -> Insight:
        """Health, the next batch, saliency; and long questions beside the window."""
        if self._insight is None:
            from nnplay.session.insight import Insight

            self._insight = Insight(self, self._evaluator)
        return self._insight

    @property
    def landscape_scan(self) -> LandscapeScan:
        """Scanning the loss over a plane of parameters beside the window."""
        if self._landscape_scan is None:
            from nnplay.session.landscape_scan import LandscapeScan

            self._landscape_scan = LandscapeScan(self)
        return self._landscape_scan

    @property
    def parameter_trail(self) -> ParameterTrail:
        """Where the parameters have been, from the time somebody asked first."""
        if self._parameter_trail is None:
            from nnplay.session.parameter_trail import ParameterTrail

            self._parameter_trail = ParameterTrail(self)
        return self._parameter_trail

    # ------------------------------------------------------------------ undo
    def begin_gesture(self) -> int:
        """A fresh gesture id."""
        return next(self._gestures)

    def take_back(self, gesture: int) -> bool:
        """Undo a gesture that was given up half-way, without leaving a step to redo.

        False if it has changed nothing, if something came after it, or while training goes on.
        """
        if self.is_running:
            return False
        with self.announced_together():
            return self.workspace.take_back(gesture)

    def undo(self) -> None:
        """Take the last step back; a run is committed first and stays stopped."""
        self._runner.stop()
        self.workspace.stack.undo()

    def redo(self) -> None:
        """Take the step again; a run is committed first and stays stopped."""
        self._runner.stop()
        self.workspace.stack.redo()

    def undo_to(self, index: int) -> None:
        """Go to a place in the undo stack (0 is the beginning)."""
        self._runner.stop()
        self.workspace.stack.setIndex(index)

    # ------------------------------------------------------------------ looking
    def select(self, neurons: Iterable[int] = (), edges: Iterable[EdgeKey] = ()) -> None:
        """Select neurons and connections; unknown ones are left out."""
        topology = self.network.topology
        self.workspace.selection = Selection(
            frozenset(i for i in neurons if i in topology),
            known_edges(topology, edges),
        )
        self.announce()

    def select_query(self, name: str) -> bool:
        """Select by a name in :data:`nnplay.session.selecting.SELECTIONS`."""
        return query(self, name)

    def hover(self, neuron_id: int | None) -> None:
        """Note the neuron under the pointer."""
        if neuron_id != self._hovered:
            self._hovered = neuron_id
            self.hovered_changed.emit()

    def set_probe(self, raw: Sequence[float]) -> None:
        """Move the probe to a point in raw values."""
        self._move_probe(raw, None)

    def probe_row(self, row: int) -> None:
        """Put the probe on a row of the data."""
        if self.prepared is not None and 0 <= row < self.prepared.sample_count:
            self._move_probe(self.prepared.raw[row].tolist(), row)

    def set_view(self, name: str, value: object) -> None:
        """Note a setting of a view, a JSON value; it is saved along and is no edit."""
        self._files.view[name] = value

    def set_map_columns(self, x: int | None, y: int | None = None) -> bool:
        """Draw maps over two numeric raw columns; None: only where the data are a plane.

        It is saved along and is no edit. False if these columns cannot be axes.
        """
        before, prepared = self.map_columns, self.prepared
        names: list[str] = []
        if x is not None or y is not None:
            known = mappable_columns(prepared)
            if prepared is None or x is None or y is None or x == y or not {x, y} <= set(known):
                return self.refuse("A map needs two different columns of numbers.")
            names = [prepared.raw_names[x], prepared.raw_names[y]]
        self.set_view(VIEW_KEY, names)
        if self.map_columns != before:
            self.map_columns_changed.emit()
            self._evaluations.plane_changed()
        return True

    def watch(self, key: Hashable, request: MapRequest | Wish | None) -> None:
        """Say what a view needs from now on (None: no more).

        Maps come with :attr:`maps_arrived`, anything else with :attr:`insight_arrived`.
        """
        self._evaluations.watch(key, request)

    def watch_epochs(self, key: Hashable, on: bool) -> None:
        """Have training note networks at the ends of epochs as long as a view looks at them.

        They come in ``frame_arrived``; see :mod:`nnplay.session.epoch_snapshots`.
        """
        self._runner.epoch_watch.set(key, on=on)

    def shutdown(self) -> None:
        """End all threads and processes; what an unfinished run has learnt is committed.

        It takes less than a second, whatever is under way.
        """
        until = time.monotonic() + LONGEST_SHUTDOWN
        self._reader.cancel()
        self._evaluator.end()
        workers = (self._sweeping, self._rate_finding, self._landscape_scan, self._insight)
        beside = [work for work in workers if work is not None]
        for work in beside:
            work.cancel()
        with self._announcer.silently():  # what views would show of it takes time
            self._runner.stop(until)
        self._evaluations.stop()
        self._answer_timer.stop()
        self._evaluator.join(until)
        self._reader.join(until)
        for work in beside:
            work.end(max(0.0, until - time.monotonic()))
        if self._guard is not None:
            self._guard.recovery.end(max(0.2, until - time.monotonic()))
        self._files.close()
        self.settings.flush()

    # ------------------------------------------------------------------ for the session's own parts
    def edit(
        self, text: str, edit: Edit, gesture: int | None = None, *, affects_training: bool = True
    ) -> bool:
        """Make an edit; see :meth:`nnplay.session.changing.Changes.edit`."""
        return self._changes.edit(text, edit, gesture, affects_training=affects_training)

    def edit_parameters(
        self, text: str, values: Mapping[int, float], gesture: int | None = None
    ) -> bool:
        """Set checked parameters by slot."""
        return self._changes.edit_parameters(text, values, gesture)

    def refuse(self, sentence: str) -> bool:
        """Say why something is not done; always False."""
        self.notice_posted.emit(Notice("warning", sentence))
        return False

    def show_document(self, document: Document, *, is_saved: bool = True) -> None:
        """Open another document; nothing of the old one can be undone."""
        self._runner.stop()
        with self._announcer.silently():
            self.workspace.replace_all(document)
            if not is_saved:
                self.workspace.stack.resetClean()
        self._hovered = None
        self._files.view = dict(document.view)
        self._probe.restore(document.view.get("probe"))
        self._announcer.replaced()

    def commit_run(self) -> None:
        """Make what a run has learnt so far an undo step; the run goes on."""
        if self._runner.park():
            has_learnt = self._runner.has_learnt
            self._runner.go_on()
            if has_learnt:
                with self._announcer.together():
                    self._runner.commit()
                    self._runner.begin_segment()

    def announce(self) -> None:
        """Tell listeners what is different."""
        self._announcer.announce()

    def announced_together(self) -> AbstractContextManager[None]:
        """Several changes are told as one."""
        return self._announcer.together()

    def note_start(self) -> None:
        """Training starts here: the trail of the probe begins with what it is now."""
        self._announcer.announce()
        self._announcer.record_start()

    def note_frame(self, frame: Frame) -> None:
        """A frame has been taken; it is told with the next announcement."""
        self._announcer.add_frame(frame)

    def evaluate_now(self) -> None:
        """It is time for losses and maps again."""
        self._evaluations.now(at_once=False)

    def ring(self) -> None:
        """Wake the GUI thread (any thread)."""
        self._bell.rung.emit()

    def _on_rung(self) -> None:
        has_frame = self._runner.collect()
        self._reader.collect()
        if has_frame:
            self._answers.ask()  # a frame is painted first, so that frames come evenly
        elif not self._runner.is_running:
            self._deliver_answers()
        elif not self._answer_timer.isActive():
            self._answer_timer.start()  # soon there will be a frame to go behind

    def _deliver_answers(self) -> None:
        self._answer_timer.stop()
        self.paint_gate.close_for_turn()
        for answer in self._evaluator.collect():
            if self._insight is None or not self._insight.take(answer):
                self._evaluations.deliver(answer)

    def _on_stack_changed(self) -> None:
        self._announcer.announce()

    def _move_probe(self, raw: Sequence[float], row: int | None) -> None:
        self._probe.put(raw, row)
        self._announcer.probe_moved()
        self._evaluations.held_moved()
