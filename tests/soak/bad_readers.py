"""Readers that do what no reader may: the harness has to notice each."""

import os
import time

from soak.targets import Target

from nnplay.formats.errors import FormatError

_kept = []


def _target(read, **others):
    return Target(
        "bad", lambda: [b"0123456789" * 9], lambda data, random: data[::-1], read, **others
    )


def _refuse(data, number):
    raise FormatError("It is not sound.", "bad.file")


def _at(bad, act):
    def read(data, number):
        return act() if number == bad else _refuse(data, number)

    return read


def _burn():
    end = time.process_time() + 60
    while time.process_time() < end:
        pass


def _slow():
    end = time.process_time() + 1.3
    while time.process_time() < end:
        pass
    _refuse(b"", 0)


def _foreign():
    raise KeyError("weights")


def _fill():
    raise FormatError("It does not fit into the memory of this computer.", "bad.file")


def _grow(data, number):
    if number >= 20:  # a little each time, and every page of it in use
        _kept.append(bytearray(16 * 2**20))
        _kept[-1][::4096] = b"1" * (16 * 2**20 // 4096)
    _refuse(data, number)


def _mumble():
    raise FormatError("no", "bad.file")


CRASHES = _target(_at(30, os.abort))
HANGS = _target(_at(31, _burn))
SLOW = _target(_at(32, _slow))
FOREIGN = _target(_at(33, _foreign))
GREEDY = _target(_at(34, lambda: bytearray(600 * 2**20)))
FILLS = _target(_at(37, _fill))
GROWS = _target(_grow, has_threads=True)
MUMBLES = _target(_at(35, _mumble))


def _unsound(found):
    assert found is None, "it is not the same after saving"


UNSOUND = _target(_at(36, lambda: 1), keep=_unsound)
