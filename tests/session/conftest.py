"""A session per test, always shut down."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from session.session_driver import Driver

from nnplay.document import Document


@pytest.fixture
def make_driver(
    qapp: QCoreApplication, tmp_path: Path
) -> Iterator[Callable[[Document | None], Driver]]:
    made: list[Driver] = []

    def make(document: Document | None = None) -> Driver:
        made.append(Driver(tmp_path / "state", document))
        return made[-1]

    yield make
    for driver in made:
        driver.session.shutdown()


@pytest.fixture
def driver(make_driver: Callable[[], Driver]) -> Driver:
    """The default document: 2-4-2-1, tanh, on the circle."""
    return make_driver()
