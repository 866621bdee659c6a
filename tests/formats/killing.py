"""Saves until it is killed, again and again: run by test_storage_kill.py in a process of its own.

    python killing.py FOLDER KILLS SEED store|naive

This process imports once and forks a child for every kill. The child replaces the document by the
other one of two, over and over; it gets SIGKILL at a random moment. Then the file is judged: old
or new, and whole. Prints how many files were whole, broken, and how many kills came while a
temporary file stood beside the document.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from nnplay.core.network import Network
from nnplay.document import Document
from nnplay.formats import registry
from nnplay.storage import TEMPORARY, write_file


def documents():
    for seed in (1, 2):
        network = Network.mlp([60, 100, 60, 1])
        theta = np.random.default_rng(seed).normal(size=network.theta.size)
        yield registry.write(Document(network.with_theta(theta), title=f"{seed}"), "nnplay")


def write_naively(path, data):
    with open(path, "wb") as file:
        for start in range(0, len(data), 8192):
            file.write(data[start : start + 8192])


def save_for_ever(write, path, contents, told):
    number = 0
    while True:
        number += 1
        write(path, contents[number % 2])
        if number == 1:
            os.write(told, b"x")  # from now on every moment is one in the middle of saving


def main(folder, kills, seed, writer):
    path = Path(folder) / "document.nnplay"
    contents = list(documents())
    write = write_file if writer == "store" else write_naively
    random = np.random.default_rng(seed)
    write_file(path, contents[0])
    start = time.perf_counter()
    write(path, contents[0])
    usual = time.perf_counter() - start
    whole = broken = interrupted = 0
    for _ in range(kills):
        hears, told = os.pipe()
        child = os.fork()
        if child == 0:
            save_for_ever(write, path, contents, told)
        os.read(hears, 1)
        time.sleep(float(random.uniform(0, 2 * usual)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(hears)
        os.close(told)
        interrupted += any(name.endswith(TEMPORARY) for name in os.listdir(folder))
        found = path.read_bytes() if path.exists() else b""
        if found in contents:
            registry.read(found, path.name)
            whole += 1
        else:
            broken += 1
    write_file(path, contents[0])
    left = len(os.listdir(folder)) - 1
    print(whole, broken, interrupted, left)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
