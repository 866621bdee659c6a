"""The probe: one sample sent through the network after every change, and its recent past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from nnplay.core.config import LossChoice, loss_settings
from nnplay.core.errors import TrainingError
from nnplay.core.network import Network
from nnplay.core.program import Program
from nnplay.core.samples import Samples
from nnplay.core.targets import encode_targets
from nnplay.core.topology import Kind
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData
from nnplay.session.values import ActivationTrail, Probe

__all__ = ["ProbeKeeper"]

FloatArray = npt.NDArray[np.float64]
TRAIL_LIMIT: Final = 600


class ProbeKeeper:
    """Knows where the probe is, computes it, and records its activations."""

    def __init__(self) -> None:
        self.probe = Probe((), np.empty(0), None, np.empty(0), np.empty(0), np.empty(0))
        self._raw: tuple[float, ...] | None = None
        self._row: int | None = None
        self._program: Program | None = None
        self._compiled: Network | None = None
        self._feeding: tuple[tuple[object, ...], bool] | None = None
        self._fed: tuple[tuple[object, ...], FloatArray] | None = None
        self._target: tuple[tuple[object, ...], FloatArray | None] | None = None
        self._found: tuple[tuple[float, ...], PreparedData, int | None] | None = None
        self._trail_ids: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._trail = ActivationTrail()

    # ------------------------------------------------------------------ where it is
    @property
    def place(self) -> tuple[float, ...] | None:
        """Raw values chosen by hand, or None for the first training row."""
        return self._raw

    def restore(self, raw: object) -> None:
        """Go where a document says (a list of raw values), else to the first training row."""
        self._raw = self._row = None
        if isinstance(raw, list | tuple) and all(isinstance(v, int | float) for v in raw):
            self._raw = tuple(float(value) for value in raw)
        self._clear_trail()

    def put(self, raw: Sequence[float], row: int | None = None) -> None:
        """Move the probe; the trail of another sample would mean nothing."""
        self._raw = tuple(float(value) for value in raw)
        self._row = row
        self._clear_trail()

    # ------------------------------------------------------------------ computing
    def compute(self, network: Network, prepared: PreparedData | None, loss: LossChoice) -> bool:
        """Send the probe through the network; True if anything is different from before.

        Args:
            network: with the parameters it has now.
            prepared: the data, or None.
            loss: the loss, for :attr:`Probe.delta`.
        """
        if prepared is not None and not self._is_fed(network, prepared):
            prepared = None
        raw, row = self._sample(network, prepared)
        inputs = self._inputs_of(network, prepared, raw)
        program = self._program_for(network)
        target = None if prepared is None or row is None else _target_of(prepared, row)
        encoded = self._encoded(network, prepared, row, loss) if target is not None else None
        if encoded is not None:
            program.backward(inputs[None], encoded, loss)
            delta = program.deltas_compact()[:, 0].astype(np.float64)
        else:
            program.forward(inputs[None])
            delta = np.full(network.topology.neuron_count, np.nan)
        is_input = network.topology.kinds == Kind.INPUT
        pre_activations = program.pre_activations()[:, 0]
        pre_activations[is_input] = delta[is_input] = np.nan
        activations = program.activations_compact()[:, 0]
        for array in (inputs, pre_activations, activations, delta):
            array.flags.writeable = False
        before = self.probe
        self.probe = Probe(raw, inputs, target, pre_activations, activations, delta, row)
        return not (
            before.raw == raw
            and before.target == target
            and np.array_equal(before.activations, activations, equal_nan=True)
            and np.array_equal(before.delta, delta, equal_nan=True)
        )

    def _is_fed(self, network: Network, prepared: PreparedData) -> bool:
        """Whether the data have what the inputs read."""
        key = prepared, network.outer_bindings
        if self._feeding is None or not _same(self._feeding[0], key):
            self._feeding = key, _feeds(prepared, network)
        return self._feeding[1]

    def _inputs_of(
        self, network: Network, prepared: PreparedData | None, raw: tuple[float, ...]
    ) -> FloatArray:
        """What the input neurons receive; while training it stays the same from frame to frame."""
        if prepared is None:
            return np.array(raw)
        key = prepared, network.outer_bindings, raw
        if self._fed is None or not _same(self._fed[0], key):
            with np.errstate(all="ignore"):
                self._fed = key, prepared.input_matrix(network, raw)[0]
        return self._fed[1]

    def _sample(
        self, network: Network, prepared: PreparedData | None
    ) -> tuple[tuple[float, ...], int | None]:
        """Raw values and the data row they came from."""
        if prepared is None:
            count = len(network.topology.input_ids)
            if self._raw is not None and len(self._raw) == count:
                return self._raw, None
            return (0.0,) * count, None
        if self._row is not None and self._row < prepared.sample_count:
            # The same row of data that were drawn anew.
            return tuple(prepared.raw[self._row].tolist()), self._row
        if self._raw is not None and len(self._raw) == len(prepared.raw_names):
            return self._raw, self._row_at(self._raw, prepared)
        row = int(prepared.train_rows[0])
        return tuple(prepared.raw[row].tolist()), row

    def _row_at(self, raw: tuple[float, ...], prepared: PreparedData) -> int | None:
        """The sample that lies exactly here: a place kept in a file may be one, with a target."""
        if self._found is None or self._found[0] != raw or self._found[1] is not prepared:
            rows = np.flatnonzero((prepared.raw == np.array(raw)).all(axis=1))
            self._found = (raw, prepared, int(rows[0]) if rows.size else None)
        return self._found[2]

    def _program_for(self, network: Network) -> Program:
        known = self._compiled
        if (
            self._program is None
            or known is None
            or known.topology is not network.topology
            or known.activations != network.activations
            or known.enabled is not network.enabled
            or known.neuron_enabled is not network.neuron_enabled
        ):
            self._program = Program(network, 1)
        else:
            self._program.set_parameters(network.theta)
        self._compiled = network
        return self._program

    def _encoded(
        self, network: Network, prepared: PreparedData | None, row: int | None, loss: LossChoice
    ) -> FloatArray | None:
        """What the outputs should give, ``float64[1, outputs]``; None if that is not defined."""
        if prepared is None or row is None:
            return None
        key = (prepared, network.outer_bindings, network.output_activations, row, loss)
        if self._target is not None and _same(self._target[0], key):
            return self._target[1]
        encoded: FloatArray | None
        try:
            samples = prepared.samples(network, "all")
            one = Samples(
                samples.inputs[row : row + 1],
                None if samples.values is None else samples.values[row : row + 1],
                None if samples.classes is None else samples.classes[row : row + 1],
                samples.class_count,
            )
            settings = loss_settings(loss)
            smoothing = settings.label_smoothing
            encoded = encode_targets(one, network, settings.name, label_smoothing=smoothing)
        except (DataError, TrainingError):
            encoded = None
        self._target = (key, encoded)
        return encoded

    # ------------------------------------------------------------------ the trail
    @property
    def trail(self) -> ActivationTrail:
        """Recent activations over epochs."""
        return self._trail

    def record(self, epoch: float, network: Network) -> None:
        """Note the present activations at a (fractional) epoch."""
        ids = network.topology.ids
        epochs, values = self._trail.epochs, self._trail.values
        if not np.array_equal(ids, self._trail_ids):
            values = _columns_of(values, self._trail_ids, ids)
            self._trail_ids = ids
        keep = int(np.searchsorted(epochs, epoch, side="left"))
        epochs = np.append(epochs[:keep], epoch)
        with np.errstate(over="ignore"):  # huge activations become infinite here
            latest = self.probe.activations.astype(np.float32)
        values = np.vstack([values[:keep], latest[None]])
        if len(epochs) > TRAIL_LIMIT:
            # Every other moment goes; the first and the latest stay.
            kept = np.arange(len(epochs) - 1, -1, -2)[::-1]
            if kept[0]:
                kept = np.concatenate([[0], kept])
            epochs, values = epochs[kept], values[kept]
        self._set(epochs, values)

    def cut(self, epoch: float, network: Network) -> None:
        """Forget everything after a (fractional) epoch, and follow a change of neurons."""
        epochs, values = self._trail.epochs, self._trail.values
        ids = network.topology.ids
        if not np.array_equal(ids, self._trail_ids):
            values = _columns_of(values, self._trail_ids, ids)
            self._trail_ids = ids
        keep = int(np.searchsorted(epochs, epoch, side="right"))
        self._set(epochs[:keep], values[:keep])

    def _clear_trail(self) -> None:
        self._trail = ActivationTrail()
        self._trail_ids = np.empty(0, dtype=np.int64)

    def _set(self, epochs: FloatArray, values: npt.NDArray[np.float32]) -> None:
        epochs.flags.writeable = values.flags.writeable = False
        self._trail = ActivationTrail(epochs, values)


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(a is b or a == b for a, b in zip(one, other, strict=True))


def _feeds(prepared: PreparedData, network: Network) -> bool:
    try:
        prepared.input_columns(network)
    except DataError:
        return False
    return True


def _target_of(prepared: PreparedData, row: int) -> float | str | None:
    if prepared.class_index is not None:
        return prepared.output_keys[int(prepared.class_index[row])]
    if prepared.values is None:
        return None
    return float(prepared.restore_target(prepared.values[row : row + 1])[0, 0])


def _columns_of(
    values: npt.NDArray[np.float32],
    before: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Columns by neuron id; NaN for neurons that did not exist."""
    result = np.full((len(values), len(after)), np.nan, dtype=np.float32)
    place = {neuron_id: column for column, neuron_id in enumerate(before.tolist())}
    for column, neuron_id in enumerate(after.tolist()):
        if neuron_id in place and len(values):
            result[:, column] = values[:, place[neuron_id]]
    return result
