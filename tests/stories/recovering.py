"""Works in a window until it is killed, again and again: run by test_story_recovery_kill.py.

    python recovering.py FOLDER KILLS SEED safe|careless [PARAMETERS]

This process imports once and forks a child for every kill. The child opens the real window and
edits without rest: single edits, drags that are one gesture, training, saving. Every edit puts a
number into the document and writes it, with the time, into a pipe. It gets SIGKILL at a random
moment; what the next start would offer (or else the file) is compared with what was told.

Prints how many kills there were, how many left something to recover, how many came during
training, the largest age of an edit that was lost and the largest age of a trained step that was
lost, in seconds.

``careless`` is the negative control: copies are written when the hands have rested for a second.
"""

import os
import select
import signal
import sys
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["NNPLAY_BACKEND"] = "numpy"

import numpy as np

from nnplay import app, library
from nnplay.session import orphans, recovery
from nnplay.setup import new_document

TRAINING_DELAY = 1.5
FILE = "work.nnplay"


def waits_for_rest(self, document, origin, committed):
    with self._condition:
        self._latest = (document, origin)
        self._asked += 1
        self._due = time.monotonic() + recovery.EDIT_DELAY
        self._condition.notify_all()
    self._ensure_thread()


class Worker:
    """Hands that do not rest."""

    def __init__(self, window, random, told, folder):
        self.window, self.random, self.told, self.folder = window, random, told, folder
        self.number = 0
        self.gesture, self.gesture_ends = None, 0.0

    def tell(self, kind, number, when):
        os.write(self.told, f"{kind} {number} {when}\n".encode())

    def act(self):
        session, now = self.window.session, time.monotonic()
        if now > self.gesture_ends:
            self.gesture = session.begin_gesture() if self.random.random() < 0.5 else None
            self.gesture_ends = now + float(self.random.uniform(0.2, 2.5))
        chance = self.random.random()
        if chance < 0.01:
            session.toggle()
        elif chance < 0.014:
            session.save(self.folder / FILE)
        elif chance < 0.02:
            session.set_weight(*session.network.topology.edges[0].tolist(), float(chance))
        self.number += 1
        session.move_neurons({2: (float(self.number), 0.0)}, self.gesture)
        self.tell("edit", self.number, now)
        if session.is_running:
            self.tell("step", session.shown_step, time.monotonic())


def work(folder, seed, parameters, told):
    from PySide6.QtCore import QTimer

    recovery.TRAINING_DELAY = TRAINING_DELAY
    random = np.random.default_rng(seed)
    application = app.create_application(["nnplay"])
    document = new_document()[0]
    if parameters:
        width = round(parameters**0.5)
        document = new_document(hidden=(width, width))[0]
    window = app.open_window(document, state_folder=folder)
    window.show()
    while not (window.is_finished and window.views.is_complete):
        application.processEvents()
    window.session.start()
    worker = Worker(window, random, told, folder)
    timer = QTimer()
    timer.timeout.connect(worker.act)
    timer.start(20)
    worker.tell("ready", 0, time.monotonic())
    application.exec()
    os._exit(3)


def judged(folder, told, killed):
    """Ages of the oldest lost edit and of the oldest lost step (0: none), and what was found."""
    found = orphans.find_orphans(folder / "state" / "recovery")
    assert len(found) <= 1
    document = None
    if found:
        document = found[0].document
        assert document is not None, found[0].problem
        found[0].leave()
    elif (folder / FILE).exists():
        document = library.load(folder / FILE)
    kept = {"edit": 0, "step": 0}
    if document is not None:
        kept = {"edit": round(document.positions[2][0]), "step": document.state.step}
        if kept["edit"] > 10**6 or document.positions[2][1] != 0.0:
            kept["edit"] = 0  # placed automatically: before the first edit
    ages = {"edit": 0.0, "step": 0.0}
    for line in told:
        kind, number, when = line.split()
        if kind in ages and int(number) > kept[kind]:
            ages[kind] = max(ages[kind], killed - float(when))
    return ages, bool(found)


def main(folder, kills, seed, how, parameters=0):
    if how == "careless":
        recovery.Recovery.publish = waits_for_rest
    random = np.random.default_rng(seed)
    recovered = training = 0
    worst = {"edit": 0.0, "step": 0.0}
    for number in range(kills):
        home = Path(folder) / f"{number}"
        home.mkdir()
        hears, told = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(hears)
            work(home, seed * 1000 + number, parameters, told)
        os.close(told)
        heard = os.read(hears, 100)
        assert heard.startswith(b"ready"), heard
        until = time.monotonic() + float(random.uniform(2.2, 5.0))
        while (rest := until - time.monotonic()) > 0:
            if select.select([hears], [], [], rest)[0]:
                heard += os.read(hears, 65536)
        os.kill(child, signal.SIGKILL)
        killed = time.monotonic()
        os.waitpid(child, 0)
        while more := os.read(hears, 65536):
            heard += more
        os.close(hears)
        lines = heard.decode().split("\n")[1:-1]  # the last one may be cut off
        ages, found = judged(home, lines, killed)
        recovered += found
        training += bool(lines) and lines[-1].startswith("step")
        worst = {kind: max(worst[kind], ages[kind]) for kind in worst}
    print(kills, recovered, training, round(worst["edit"], 3), round(worst["step"], 3))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], *map(int, sys.argv[5:]))
