"""Reads damaged files, one after the other, and tells what became of them.

    python -m soak.fuzz_worker TARGET SEED FIRST LAST PROGRESS

A process of its own, so that whoever started it sees it crash or hang. PROGRESS is a file that
always holds the number of the file being read. Prints a line of JSON for every chunk of files.
``TARGET`` may also be ``module:name`` for a reader of a test.
"""

import importlib
import json
import mmap
import os
import resource
import signal
import struct
import sys
import time

from soak.targets import TARGETS

MEGABYTE = 2**20
MEMORY = 500 * MEGABYTE
SECONDS = 1.0
WAITS = 60  # times the patience, for a file that neither ends nor takes processor time


def patience():
    """Seconds of processor time after which a file counts as hanging and the process ends itself."""
    return float(os.environ.get("NNPLAY_SOAK_PATIENCE", "10"))


def find_target(name):
    if ":" in name:
        module, attribute = name.split(":")
        return getattr(importlib.import_module(module), attribute)
    return TARGETS[name]


def processor_seconds():
    """Of this process and of the children that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def peak_bytes():
    """The most that this process or a child of it ever held.

    ``getrusage`` would also count what the process held that started this one.
    """
    with open("/proc/self/status") as file:
        own = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
    return 1024 * max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def limit_memory():
    """From now on this process gets 500 MB more address space and not a page beyond."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, hard))


def attempt(target, data, number):
    """Whether the file was opened, and what is wrong with how it was treated (or None)."""
    start = processor_seconds()
    found = refusal = None
    try:
        found = target.read(data, number)
    except target.error as error:
        refusal = error
    except Exception as error:
        return False, f"raised {type(error).__name__}: {error}"[:300], processor_seconds() - start
    seconds = processor_seconds() - start
    try:
        if refusal is not None:
            target.judge(refusal)
        else:
            target.keep(found)
    except Exception as error:
        what = "said" if refusal is not None else "opened what is not sound:"
        return refusal is None, f"{what} {type(error).__name__}: {error}"[:300], seconds
    fault = f"took {seconds:.2f} s" if seconds > SECONDS else None
    return refusal is None, fault, seconds


def fuzz(target, seed, first, last, at=lambda number: None):
    """Yields the figures of every chunk."""
    for begin in range(first, last, target.chunk):
        end = min(begin + target.chunk, last)
        opened, slowest, faults, start = 0, 0.0, [], time.monotonic()
        for number in range(begin, end):
            at(number)
            was_opened, fault, seconds = attempt(target, target.make(seed, number), number)
            opened += was_opened
            slowest = max(slowest, seconds)
            if fault:
                faults.append([number, fault])
        yield {
            "first": begin,
            "count": end - begin,
            "opened": opened,
            "slowest": slowest,
            "seconds": time.monotonic() - start,
            "faults": faults,
        }


def main(name, seed, first, last, progress):
    target = find_target(name)
    with open(progress, "r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)
    # Whatever is loaded or made once belongs to no file.
    for number in range(min(4, last)):
        attempt(target, target.bases()[number % len(target.bases())], 2)
        target.make(seed, number)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    before, longest = peak_bytes(), patience()
    if not target.has_threads:
        limit_memory()

    def at(number):
        shared[:] = struct.pack("<q", number)
        signal.setitimer(signal.ITIMER_PROF, longest)
        signal.setitimer(signal.ITIMER_REAL, WAITS * longest)

    for figures in fuzz(target, seed, first, last, at):
        figures["peak"] = peak_bytes() - before
        if figures["peak"] > MEMORY:
            number = figures["first"] + figures["count"] - 1
            figures["faults"].append([number, f"took {figures['peak'] // MEGABYTE} MB by now"])
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
