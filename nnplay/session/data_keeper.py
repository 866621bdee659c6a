"""The data of the open document, prepared once per recipe, preparation and seed."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from nnplay.core.network import Network
from nnplay.core.samples import Samples
from nnplay.data.errors import DataError
from nnplay.data.preparation import PreparedData, prepare
from nnplay.data.recipe import DataRecipe, Preparation
from nnplay.document import Document

__all__ = ["DataKeeper"]

KEPT: Final = 6

Key = tuple[DataRecipe, Preparation, int]


class DataKeeper:
    """Prepares data and remembers the latest few, so that undo and redo need not do it again."""

    def __init__(self) -> None:
        self._prepared: OrderedDict[Key, PreparedData | DataError] = OrderedDict()
        self._bound: tuple[PreparedData, Network, tuple[Samples, Samples | None]] | None = None

    def prepare(self, recipe: DataRecipe, preparation: Preparation, seed: int) -> PreparedData:
        """Prepared data; raises :class:`DataError` with a sentence."""
        key = (recipe, preparation, seed)
        if key in self._prepared:
            self._prepared.move_to_end(key)
        else:
            try:
                self._prepared[key] = prepare(recipe, preparation, seed)
            except DataError as error:
                # Without the traceback, whose frames hold the window that asked.
                self._prepared[key] = DataError(str(error))
            while len(self._prepared) > KEPT:
                self._prepared.popitem(last=False)
        found = self._prepared[key]
        if isinstance(found, DataError):
            raise DataError(str(found))
        return found

    def keep(self, document: Document, prepared: PreparedData) -> None:
        """Remember data that were prepared for a document elsewhere."""
        key = (document.data, document.preparation, document.seed)
        self._prepared[key] = self._prepared.pop(key, prepared)
        while len(self._prepared) > KEPT:
            self._prepared.popitem(last=False)

    def of(self, document: Document) -> PreparedData:
        """Prepared data of a document; raises :class:`DataError`."""
        return self.prepare(document.data, document.preparation, document.seed)

    def look(self, document: Document) -> tuple[PreparedData | None, str]:
        """Prepared data, and a sentence if there are none or they do not fit the network."""
        try:
            prepared = self.of(document)
        except DataError as error:
            return None, str(error)
        try:
            self.samples(document)
        except DataError as error:
            return prepared, str(error)
        return prepared, ""

    def samples(self, document: Document) -> tuple[Samples, Samples | None]:
        """Training and test samples for the document's network; raises :class:`DataError`."""
        prepared, network = self.of(document), document.network
        if self._bound is not None:
            known, bound, samples = self._bound
            if known is prepared and bound.outer_bindings == network.outer_bindings:
                return samples
        samples = prepared.train_and_test(network)
        self._bound = (prepared, network, samples)
        return samples
