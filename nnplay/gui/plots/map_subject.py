"""What the decision map shows: which neurons, on which scale, under which name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData
from nnplay.gui.panels.words import neuron_label, neuron_place
from nnplay.gui.plots.scales import round_up
from nnplay.picture.scales import ValueScale, fixed_scale, largest_size
from nnplay.session.session import Session

__all__ = ["MapSubject", "looked_at", "subject_of"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MapSubject:
    """One thing to be mapped.

    Attributes:
        neurons: ids whose maps are needed, in row order.
        title: what people call it.
        short_title: the same where there is little room.
        fixed: the scale of a single neuron if it does not depend on the values shown.
        has_boundary: whether the middle of the scale parts two answers and deserves a line.
        classes: names of the classes, parallel to ``neurons``, when the largest output decides.
        class_places: index of each neuron's class in the data, parallel to ``neurons``.
        class_span: difference of outputs that counts as fully decided.
        is_target: whether values can be given in the units of the target.
    """

    neurons: tuple[int, ...]
    title: str
    short_title: str = ""
    fixed: ValueScale | None = None
    has_boundary: bool = True
    classes: tuple[str, ...] | None = None
    class_places: tuple[int, ...] = ()
    class_span: float = 1.0
    is_target: bool = False

    def scale_for(self, values: npt.ArrayLike, before: ValueScale | None) -> ValueScale:
        """The scale for a map's values.

        A scale without fixed ends follows the values in round steps and shrinks only when they
        have become much smaller, so that colours do not flicker from one map to the next.
        """
        if self.fixed is not None:
            return self.fixed
        size = round_up(largest_size(values))
        if before is not None and before.middle == 0.0 and 0.4 * before.high <= size <= before.high:
            return before
        return ValueScale(-size, 0.0, size)


def subject_of(network: Network, prepared: PreparedData, neuron: int | None) -> MapSubject | None:
    """What to map: the given neuron, or the answer of the network if None.

    Returns None for a network without outputs when no neuron is given.
    """
    outputs = network.topology.output_ids
    if neuron is not None and neuron in network.topology:
        return _single(network, prepared, neuron)
    if not outputs:
        return None
    if len(outputs) > 1 and prepared.classes is not None:
        try:
            places = tuple(prepared.output_places(network).tolist())
        except DataError:
            return _single(network, prepared, outputs[0])  # the data panel says what is wrong
        spans = [_code_span(network.activation_of(i)) for i in outputs]
        return MapSubject(
            outputs,
            "Class",
            "Class",
            classes=tuple(prepared.classes[place] for place in places),
            class_places=places,
            class_span=max(spans),
        )
    return _single(network, prepared, outputs[0])


def _single(network: Network, prepared: PreparedData, neuron: int) -> MapSubject:
    row = network.topology.row(neuron)
    kind = Kind(int(network.topology.kinds[row]))
    label, place = neuron_label(network, neuron), neuron_place(network, neuron)
    title = f"{place} · {label}" if kind != Kind.HIDDEN else place
    fixed = None if kind == Kind.INPUT else fixed_scale(network.activations[row])
    is_target = kind == Kind.OUTPUT and prepared.values is not None
    has_boundary = kind != Kind.INPUT
    if is_target:
        # Zero parts nothing once the target has been shifted to its mean.
        has_boundary = bool(prepared.target_scaling.means[0] == 0.0)
        if fixed is None and prepared.values is not None:
            size = round_up(largest_size(prepared.values))
            fixed = ValueScale(-size, 0.0, size)
    return MapSubject(
        (neuron,),
        title,
        label,
        fixed=fixed,
        has_boundary=has_boundary,
        is_target=is_target,
    )


def _code_span(activation: str) -> float:
    scale = fixed_scale(activation)
    return 1.0 if scale is None else scale.high - scale.low


def looked_at(session: Session) -> int | None:
    """The neuron the user looks at: under the pointer, else the only one selected, else None."""
    if session.hovered is not None and session.hovered in session.network.topology:
        return session.hovered
    chosen = session.selection.neurons
    return next(iter(chosen)) if len(chosen) == 1 else None
