"""Networks from elsewhere on data of one's own: their values as they are, and a word about the rest.

A file with weights alone tells neither how its values were prepared nor which column an input reads.
So nothing is scaled for such a network unless somebody asks for it, its inputs take the columns they
are called like, else all of them in order, and what that does is said.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nnplay.core.network import Network
from nnplay.core.topology import Kind
from nnplay.data.prepared import PreparedData, listed
from nnplay.data.recipe import Preparation

__all__ = ["NOT_SCALED", "as_raw", "changes_of_import", "without_strange_ties"]

Notes = tuple[str, ...]
BARE: Final = re.compile("[xhy][0-9]*")
NOT_SCALED: Final = (
    "The imported network gets values as they are: scaling is off. If it was trained on scaled values "
    "and does not scale them itself, tick “Scale inputs” under Features."
)


def as_raw(preparation: Preparation) -> tuple[Preparation, Notes]:
    """The preparation without any scaling, and a sentence if there would have been some."""
    raw = replace(preparation, scale_inputs="none", scale_targets="none", keeps_raw=True)
    if preparation == replace(raw, keeps_raw=preparation.keeps_raw):
        return raw, ()
    return raw, (NOT_SCALED,)


def without_strange_ties(network: Network, prepared: PreparedData) -> Network:
    """Inputs free to read other columns, if there are as many and none is known by its tie.

    So an imported network keeps its weights when it moves from the plane it was shown on to data of
    its own.
    """
    inputs = network.topology.input_ids
    ties = [network.bindings[network.topology.row(i)] for i in inputs]
    if len(inputs) != len(prepared.input_keys) or any(t in prepared.input_keys for t in ties):
        return network
    for neuron_id, tie in zip(inputs, ties, strict=True):
        if tie is not None:
            network = network.set_binding(neuron_id, None)
    return network


def changes_of_import(before: Network, after: Network, prepared: PreparedData) -> Notes:
    """What a person should know about an imported network that was tied to data."""
    if before is after:
        return ()
    notes: Notes = ()
    for kind, what in ((Kind.INPUT, "input"), (Kind.OUTPUT, "output")):
        old, new = set(before.topology.ids_of(kind)), set(after.topology.ids_of(kind))
        have = f"The network had {_count(len(old), what)}, these data need {len(new)}: "
        if new - old:
            what_new = _count(len(new - old), f"new {what}")
            notes += (f"{have}{what_new} with initial weights. Undo takes it back.",)
        elif old - new:
            notes += (f"{have}{_count(len(old - new), what)} went. Undo takes it back.",)
    return notes + _renamed(before, after, prepared)


def _renamed(before: Network, after: Network, prepared: PreparedData) -> Notes:
    """Outputs with names of their own that stand for classes called otherwise."""
    outputs = [i for i in after.topology.output_ids if i in before.topology]
    old = tuple(before.label_of(i) for i in outputs)
    new = tuple(after.bindings[after.topology.row(i)] or "" for i in outputs)
    others = [name for name, now in zip(old, new, strict=True) if name != now]
    if prepared.classes is None or all(_is_bare(name) for name in others):
        return ()
    if len(outputs) == 1:  # by position it is the second class, whatever the first one is called
        return (
            f"The output “{old[0]}” stands for “{new[0]}” now, the second class. If it tells how "
            f"likely “{prepared.classes[0]}” is, select it and turn the signs (Alt+M).",
        )
    return (
        f"The outputs {listed(old)} stand for {listed(new)} now, in this order. If the model has "
        "another order, undo, give the outputs the names of the classes, and choose the data again.",
    )


def _is_bare(label: str) -> bool:
    """Whether it is what neurons are called by themselves: y, y2 …; numbers are names of classes."""
    return not label or BARE.fullmatch(label) is not None


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
