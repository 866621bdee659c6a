"""Reads a file into values, here or in a process of its own (``python -m nnplay.session.reading``).

A large table or text document takes seconds, much of it inside single calls during which no other
thread of the process gets a turn: a window would stand still. A process of its own leaves the
window alone and can be ended at any moment. What it has read comes back as a line of JSON and, if
all went well, the bytes of a ``.nnplay`` document, which open many times faster than text. No Qt.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from nnplay.core.network import Network
from nnplay.data.errors import DataError
from nnplay.data.recipe import DataRecipe, RawTable
from nnplay.data.tables import CsvTable, choose_target, read_csv
from nnplay.document import Document

__all__ = ["Order", "Outcome", "carry_out", "packed", "unpacked"]

WIRE_FORMAT: Final = "nnplay"


@dataclass(frozen=True)
class Order:
    """What is to be read.

    Attributes:
        kind: ``document`` (anything that can be opened), ``network`` (for import) or ``table``.
        path: the file.
        options: ``activation`` and ``output_activation`` for imports of bare weights.
    """

    kind: Literal["document", "network", "table"]
    path: Path
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of it: a document, a table, or a sentence about what is wrong.

    Attributes:
        document: what was opened or imported.
        table: what was read from a data file, its target chosen.
        notes: remarks for people about how the file was understood.
        is_incomplete: whether rows or columns of the table were left out.
        error: why there is neither, as a sentence; empty if all went well.
        asks_for_activations: the file does not say its activations, a person has to.
    """

    document: Document | None = None
    table: RawTable | None = None
    notes: tuple[str, ...] = ()
    is_incomplete: bool = False
    error: str = ""
    asks_for_activations: bool = False


def carry_out(order: Order) -> Outcome:
    """Read the file; never raises."""
    from nnplay import library
    from nnplay.formats.errors import ActivationsUnknownError

    try:
        if order.kind == "table":
            read = read_csv(order.path)
            table, notes = _with_target(read)
            return Outcome(table=table, notes=notes, is_incomplete=read.is_incomplete)
        if order.kind == "network":
            document, notes = library.import_with_notes(order.path, **order.options)
            return Outcome(document, notes=notes)
        document, notes = library.import_with_notes(order.path)
        return Outcome(document, notes=notes)
    except ActivationsUnknownError as error:
        return Outcome(error=str(error), asks_for_activations=True)
    except (OSError, ValueError) as error:
        return Outcome(error=str(error))
    except MemoryError:
        return Outcome(error=f"{order.path.name} needs more memory than there is.")
    except Exception as error:
        fault = f"{type(error).__name__}: {error}"
        return Outcome(
            error=f"{order.path.name} could not be read because of a fault in nnplay ({fault}). "
            "Nothing is lost."
        )


def _with_target(table: CsvTable) -> tuple[RawTable, tuple[str, ...]]:
    """The suggested column as the target; if it cannot be predicted, the last one that can."""
    suggested = table.suggested_target
    refusal: DataError | None = None
    for name in (suggested, *(n for n in reversed(table.column_names) if n != suggested)):
        try:
            chosen = choose_target(table, name)
        except DataError as error:
            refusal = refusal or error
            continue
        remark = f"The column “{name}” is predicted from the others."
        if refusal is not None:
            remark = f"“{suggested}” cannot be predicted; “{name}” is, from the other columns."
        return chosen, (remark, *table.notes)
    raise refusal or DataError(f"{table.name} has no column that can be predicted.")


# ---------------------------------------------------------------------- between processes
def packed(outcome: Outcome) -> bytes:
    """An outcome as bytes, for :func:`unpacked`."""
    from nnplay.formats import registry

    document = outcome.document
    if outcome.table is not None:
        document = Document(Network.mlp([1, 1]), data=DataRecipe("table", table=outcome.table))
    head = {
        "table": outcome.table is not None,
        "notes": outcome.notes,
        "is_incomplete": outcome.is_incomplete,
        "error": outcome.error,
        "asks_for_activations": outcome.asks_for_activations,
    }
    body = b"" if document is None else registry.write(document, WIRE_FORMAT)
    return json.dumps({**head, "size": len(body)}).encode() + b"\n" + body


def unpacked(data: bytes) -> Outcome:
    """The outcome in these bytes; raises ValueError if they are not whole."""
    from nnplay.formats import registry

    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    if head["size"] != len(body):
        raise ValueError("The bytes end early.")
    outcome = Outcome(
        notes=tuple(head["notes"]),
        is_incomplete=head["is_incomplete"],
        error=head["error"],
        asks_for_activations=head["asks_for_activations"],
    )
    if not body:
        return outcome
    document = registry.read(body, "document", WIRE_FORMAT)
    if head["table"]:
        return replace(outcome, table=document.data.table)
    return replace(outcome, document=document)


def _main(argument: str) -> None:
    wish = json.loads(argument)
    outcome = carry_out(Order(wish["kind"], Path(wish["path"]), wish["options"]))
    sys.stdout.buffer.write(packed(outcome))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main(sys.argv[1])
