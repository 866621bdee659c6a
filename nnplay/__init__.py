"""nnplay: see and touch a neural network.

The same things as in the window, from Python::

    import nnplay

    document, notes = nnplay.new_document("circle", layers=[2, 4, 2, 1], seed=7)
    result = nnplay.train(document, epochs=100, learning_rate=0.1)
    print(result.evaluation)                        # losses and accuracies, training and test
    print(result.document.network.theta)            # every weight, then every bias
    nnplay.save(result.document, "circle.nnplay")
    nnplay.export(result.document, "circle.safetensors")

``nnplay.trainer_of(document)`` gives a :class:`Trainer` for going step by step.

Names are loaded when they are first used, so that importing nnplay costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnplay.core.config import TrainingConfig, TrainingState
    from nnplay.core.network import Network
    from nnplay.core.samples import Samples
    from nnplay.core.topology import Topology, TopologyError
    from nnplay.core.trace import explain
    from nnplay.core.training import Trainer, TrainingError
    from nnplay.data.catalogue import CATALOGUE as datasets  # noqa: N811
    from nnplay.data.errors import DataError
    from nnplay.data.preparation import prepare
    from nnplay.data.recipe import DataRecipe, Preparation
    from nnplay.document import Document
    from nnplay.formats.errors import FormatError
    from nnplay.headless import TrainingResult, train, trainer_of
    from nnplay.library import ExportReport, export, import_network, load, save
    from nnplay.setup import new_document
    from nnplay.storage import StorageError

__version__ = "0.2.0"

# Public name -> where it lives. ``datasets`` is the catalogue of data sets by name.
_PLACES = {
    "DataError": "nnplay.data.errors",
    "DataRecipe": "nnplay.data.recipe",
    "Document": "nnplay.document",
    "ExportReport": "nnplay.library",
    "FormatError": "nnplay.formats.errors",
    "Network": "nnplay.core.network",
    "Preparation": "nnplay.data.recipe",
    "Samples": "nnplay.core.samples",
    "StorageError": "nnplay.storage",
    "Topology": "nnplay.core.topology",
    "TopologyError": "nnplay.core.topology",
    "Trainer": "nnplay.core.training",
    "TrainingConfig": "nnplay.core.config",
    "TrainingError": "nnplay.core.training",
    "TrainingResult": "nnplay.headless",
    "TrainingState": "nnplay.core.config",
    "datasets": "nnplay.data.catalogue:CATALOGUE",
    "explain": "nnplay.core.trace",
    "export": "nnplay.library",
    "import_network": "nnplay.library",
    "load": "nnplay.library",
    "new_document": "nnplay.setup",
    "prepare": "nnplay.data.preparation",
    "save": "nnplay.library",
    "train": "nnplay.headless",
    "trainer_of": "nnplay.headless",
}

__all__ = [
    "DataError",
    "DataRecipe",
    "Document",
    "ExportReport",
    "FormatError",
    "Network",
    "Preparation",
    "Samples",
    "StorageError",
    "Topology",
    "TopologyError",
    "Trainer",
    "TrainingConfig",
    "TrainingError",
    "TrainingResult",
    "TrainingState",
    "datasets",
    "explain",
    "export",
    "import_network",
    "load",
    "new_document",
    "prepare",
    "save",
    "train",
    "trainer_of",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'nnplay' has no attribute '{name}'")
    module, _, attribute = _PLACES[name].partition(":")
    value = getattr(importlib.import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
