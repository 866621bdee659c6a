"""Documents that were damaged and still open: a window has to live with whatever they hold.

A file that a reader takes may say things nobody has tried together. The window shows each, trains
it, edits it, draws it and saves it; what goes wrong anywhere inside counts against the file.
"""

import contextlib
import json
import os
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import replace
from functools import cache
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
os.environ["NNPLAY_BACKEND"] = "numpy"

from formats.refusals import rich_document
from soak import damage
from soak.targets import NAME, Target, made, samples

from nnplay import examples, library, new_document
from nnplay.formats import registry
from nnplay.formats.document_record import same_document

MOST_STEPS = 2**52  # as many as nobody has trained: the next ones could not be counted exactly
PATIENCE = 20.0  # seconds until a window must stand, however busy the computer is
LOOKS = 0.06  # seconds between deeds, in which views draw


def documents():
    """Those people begin with, without the one that is large."""
    found = [examples.example_bytes(e) for e in examples.EXAMPLES if e.name != "digits"]
    view = {"direction": "down", "probe": [0.1, 0.2]}
    for document in (new_document("reg-plane")[0], new_document("circle", hidden=[4])[0]):
        found.append(registry.write(replace(document, view=view), "json"))
    return [*found, registry.write(rich_document(), "json"), *samples(".nnplay.json")]


def twisted(data, random):
    """Changes anywhere but in the long lists of numbers, which are of one kind each."""
    record = json.loads(data)
    names = [name for name in record if name not in ("history", "format")]
    for _ in range(int(random.integers(1, 3))):
        name = damage.chosen(names, random)
        record.update(damage.twisted({name: record[name]}, random))
    return json.dumps(record).encode()


def read(data, number):
    return registry.read(data, NAME, "json")


@cache
def sound():
    return [registry.read(data, NAME, "json") for data in WINDOW.bases()]


class Complaints:
    """Everything that goes wrong while it is there, in any thread."""

    def __enter__(self):
        from PySide6.QtCore import qInstallMessageHandler

        self.found = []
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._add
        threading.excepthook = lambda a: self._add(a.exc_type, a.exc_value, a.exc_traceback)
        self._handler = qInstallMessageHandler(self._add_message)
        return self

    def _add(self, kind, error, trace):
        where = traceback.extract_tb(trace)
        last = f" at {Path(where[-1].filename).name}:{where[-1].lineno}" if where else ""
        self.found.append(f"{kind.__name__}: {error}{last}")

    def _add_message(self, kind, context, message):
        if "This plugin does not support" not in message:
            self.found.append(f"Qt: {message}")

    def __exit__(self, *others):
        from PySide6.QtCore import qInstallMessageHandler

        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._handler)


@cache
def folder():
    made_here = tempfile.TemporaryDirectory(prefix="nnplay-soak-")
    folder.kept = made_here
    return Path(made_here.name)


def shown(document, sabotage=lambda window: None):
    """Open, look at, train, edit, draw and save a document in a window of its own."""
    if any(same_document(document, other) for other in sound()):
        return
    if max(document.state.step, document.state.optimizer_step, document.state.epoch) > MOST_STEPS:
        return
    from nnplay import app

    application = app.create_application(["nnplay"])
    with Complaints() as complaints:
        window = app.open_window(document, state_folder=folder())
        try:
            sabotage(window)
            _work(application, window)
        finally:
            _close(window)
    assert complaints.found == [], complaints.found[0]


def _until(application, met, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not met() and time.monotonic() < end:
        application.processEvents()
        time.sleep(0.002)
    return met()


def _work(application, window):
    from nnplay.picture.render import PictureError, picture_bytes

    window.resize(1300, 850)
    window.show()
    assert _until(application, lambda: window.is_finished and window.views.is_complete)
    session = window.session
    ids = session.network.topology.ids.tolist()
    edges = [tuple(edge) for edge in session.network.topology.edges[:5].tolist()]
    deeds = [
        lambda: session.select(ids, edges),
        lambda: session.select(ids[-1:]),
        session.step_batch,
        session.toggle,
        session.pause,
        lambda: session.set_direction(downwards=not session.runs_downwards),
        lambda: session.insert_layer(0, 2),
        session.undo,
        session.copy_selection,
    ]
    for deed in deeds:
        deed()
        _until(application, lambda: False, LOOKS)
    _until(application, lambda: not session.busy)
    for kind in ("svg", "tex"):
        with contextlib.suppress(PictureError):
            picture_bytes(session.pictured_document, kind)
    path = folder() / "worked.nnplay"
    assert session.save(path, overwrite=True), "it could not be saved"
    # How it is seen is kept as it is now; what makes no sense there is left out.
    saved = replace(library.load(path), view={})
    assert same_document(saved, replace(session.document, view={})), "it is saved as another one"


def _close(window):
    from PySide6.QtCore import QCoreApplication, QEvent

    session = window.session
    session.pause()
    if session.is_modified:  # somewhere on the way it went wrong; nobody is here to be asked
        session.save(folder() / "left.nnplay", overwrite=True)
    if session.is_modified or not window.close():
        session.shutdown()
        window.hide()
    window.deleteLater()  # as the desk does with those it opened
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _fails(document):
    def sabotage(window):
        window.session.selection_changed.connect(lambda *_: [][0])

    shown(document, sabotage)


WINDOW = Target("window", made(documents), twisted, read, keep=shown, chunk=50, has_threads=True)
FAILS = replace(WINDOW, keep=_fails)
