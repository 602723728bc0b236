"""How fast the app answers with thousands of runs in its store, and how much memory it takes.

    python tests/benchmarks/bench_history.py [RUNS ...]

For each number of runs: writes a store of finished runs, opens the real program on it in a 140x40 pseudo-terminal, and
prints milliseconds until the first byte of its answer to each kind of key, until its first screen, and until the runs
are on it; then the program's resident memory. Trust the ratios, not the figures.
"""

from __future__ import annotations

import argparse
import os
import select
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from terminal import Terminal

from lossterm.config import RunConfig
from lossterm.store import Store

SIZES = (5000, 20_000)
TIMES = 12
QUIET = 0.25
"""Seconds without a byte after which an answer is taken to be complete."""


def make_store(path: Path, count: int) -> None:
    """A store of finished runs on circles, as trainers leave them."""
    losses = ("mse", "mae", "bce", "hinge", "cce", "kld", "msle")
    configs = [RunConfig.of(losses[n % 7], dataset="circles", seed=n // 7) for n in range(count)]
    with Store(path) as store:
        store.queue(configs)
    with closing(sqlite3.connect(path)) as sqlite, sqlite:
        sqlite.execute(
            "UPDATE runs SET status = 'finished', epochs_done = 50, resolved = 'cpu', seconds = 1 + id % 7, "
            "started = 1, ended = 2, train_loss = 0.3, train_metric = 0.9, test_loss = 0.4, "
            "test_metric = 0.8 + (id % 97) / 1000.0, best_epoch = 40, best_test_metric = 0.9"
        )
        sqlite.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) "
            "INSERT INTO epochs (run, epoch, train_loss, train_metric, test_loss, test_metric, seconds) "
            "SELECT id, i, 0.3, 0.9, 0.4, 0.8, 0.01 FROM runs, n ORDER BY id, i"
        )


class App(Terminal):
    """The program, asked with keys."""

    def first_byte(self, key: str) -> float:
        """Seconds from a key to the first byte of the answer; waits until the answer is complete."""
        began = time.perf_counter()
        self.press(key)
        if not select.select([self._ours], [], [], 10)[0]:
            raise TimeoutError(f"no answer to {key!r}")
        took = time.perf_counter() - began
        while select.select([self._ours], [], [], QUIET)[0]:
            os.read(self._ours, 1 << 16)
        return took

    def rest(self) -> None:
        """Read until nothing comes for a while."""
        while select.select([self._ours], [], [], 2.0)[0]:
            os.read(self._ours, 1 << 16)

    def when(self, mark: bytes, began: float) -> float:
        """Seconds from `began` until something is on the screen."""
        self.until(mark)
        return time.perf_counter() - began

    def memory(self) -> int:
        """The resident memory in bytes."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(count: int) -> None:
    """Print one line a kind of key."""
    keys = {
        "down": ["\x1b[B"] * TIMES,
        "up": ["\x1b[A"] * TIMES,
        "page down": ["\x1b[6~"] * TIMES,
        "pick a loss": ["4", "5"] * (TIMES // 2),
        "mark": [" ", " "] * (TIMES // 2),
        "sort": ["t"] * TIMES,
        "reverse": ["T"] * TIMES,
        "quantity": ["m"] * TIMES,
        "filter letter": ["/", *"hinge", *["\x7f"] * 5],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        make_store(path, count)
        began = time.perf_counter()
        command = [sys.executable, "-m", "lossterm", "--store", str(path)]
        app = App(command, (140, 40), LOSSTERM_IDLE="0")
        first = app.when(b"quit", began)
        history = app.when(b"finished", began)
        app.until(b"ready")
        app.rest()
        print(f"{count} runs: first screen {first * 1000:.0f} ms, runs on it {history * 1000:.0f} ms", end="")
        print(f", memory {app.memory() / 1e6:.0f} MB")
        for name, presses in keys.items():
            print(f"  {name:<14} {words([app.first_byte(key) for key in presses])}", flush=True)
        print(f"  memory after   {app.memory() / 1e6:.0f} MB")
        app.first_byte("\x1b")
        print(f"  mark all       {words([app.first_byte('*')])}", flush=True)
        app.rest()  # the epochs of all runs are read meanwhile
        print(f"  down, all marked {words([app.first_byte(key) for key in keys['down']])}")
        print(f"  memory after   {app.memory() / 1e6:.0f} MB")
        app.close()
        subprocess.run([*command, "status"], stdout=subprocess.DEVNULL)


def words(seconds: Sequence[float]) -> str:
    """Median and worst."""
    return f"median {statistics.median(seconds) * 1000:4.0f} ms   worst {max(seconds) * 1000:4.0f} ms"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="how many runs the store has")
    for size in parser.parse_args().sizes:
        measure(size)
