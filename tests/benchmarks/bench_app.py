"""How long the app keeps a person waiting: first paint, stalls of its event loop, keys, and Enter to the first point.

    python tests/benchmarks/bench_app.py

Runs the app without a terminal, with its real trainer on a store of its own. Prints milliseconds. The machine's
speed is in them; read them beside one another.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import gc
import os
import pty
import random
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

from lossterm.store import Store
from lossterm.tui.app import LosstermApp
from lossterm.tui.screens.main_screen import MainScreen

TICK = 0.002


def first_paint(times: int) -> list[float]:
    """Seconds from starting the program until its keys are on a pseudo-terminal's screen."""
    return [_first_paint() for _ in range(times)]


def _first_paint() -> float:
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _terminal()
        env = {**os.environ, "TERM": "xterm-256color", "LOSSTERM_IDLE": "0"}
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "lossterm", "--store", f"{folder}/store.db"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
        )
        seen = b""
        while b"hinge" not in seen or b"quit" not in seen:
            if select.select([ours], [], [], 10)[0]:
                seen += os.read(ours, 65536)
        took = time.perf_counter() - began
        os.write(ours, b"q")
        while process.poll() is None:
            _read_until(ours, None, patience=0.05)
        os.close(theirs)
        os.close(ours)
        return took


def _terminal() -> tuple[int, int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    return ours, theirs


def key_to_paint(times: int = 200) -> list[float]:
    """Seconds from a key to its effect on a pseudo-terminal, while a run is live: picking losses in turn."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = _terminal()
        env = {**os.environ, "TERM": "xterm-256color", "LOSSTERM_IDLE": "1"}
        store = f"{folder}/store.db"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "lossterm",
                "--store",
                store,
                "run",
                "--loss",
                "bce",
                "--epochs",
                "500000",
                "--detach",
            ],
            env=env,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "lossterm", "--store", store],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            start_new_session=True,
        )
        _read_until(ours, b"epoch", patience=60)
        took = []
        for number in range(times):
            key, mark = ((b"4", "▸4 bce"), (b"5", "▸5 hinge"))[number % 2]
            _read_until(ours, None, patience=0.02 + 0.1 * random.random())
            began = time.perf_counter()
            os.write(ours, key)
            _read_until(ours, mark.encode(), patience=10)
            took.append(time.perf_counter() - began)
        process.kill()
        process.wait()
        subprocess.run([sys.executable, "-m", "lossterm", "--store", store, "stop", "all"], stdout=subprocess.DEVNULL)
        os.close(theirs)
        os.close(ours)
        return took


def _read_until(terminal: int, mark: bytes | None, patience: float) -> None:
    """Read what comes until the mark does, or for so long."""
    seen, end = b"", time.perf_counter() + patience
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            seen += os.read(terminal, 65536)
            if mark is not None and mark in seen:
                return
    if mark is not None:
        raise TimeoutError(f"{mark!r} never came")


class Ticker:
    """Notices how late the event loop comes back to it."""

    def __init__(self) -> None:
        self.gaps: list[float] = []

    async def run(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            self.gaps.append(time.perf_counter() - before - TICK)

    def take(self) -> str:
        gaps, self.gaps = sorted(self.gaps), []
        return f"worst {gaps[-1] * 1000:6.1f} ms   99th percentile {gaps[int(len(gaps) * 0.99)] * 1000:5.1f} ms"


async def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(TICK)


async def stalls(store: Path) -> None:
    """Stalls of the loop in each phase, and from Enter to the first point."""
    app = LosstermApp(store)
    async with app.run_test(size=(140, 40)) as pilot:
        main = next(screen for screen in app.screen_stack if isinstance(screen, MainScreen))
        gc.freeze()  # as the program does once its first screen stands
        ticker = Ticker()
        task = asyncio.create_task(ticker.run())
        await _until(lambda: main.state.trainers and main.state.trainers[0].state == "ready")
        print(f"  while TensorFlow loads            {ticker.take()}")
        for words, keys in (("first run", ["4"]), ("same again", []), ("another loss", ["5"])):
            await pilot.press(*keys)
            known = set(main.state.runs)
            began = time.perf_counter()
            await pilot.press("enter")
            await _until(lambda: set(main.state.runs) - known)  # noqa: B023
            run_id = max(main.state.runs)
            await _until(lambda: run_id in main.state.curves)  # noqa: B023
            first = time.perf_counter() - began
            await _until(lambda: main.state.runs[run_id].status == "finished")  # noqa: B023
            whole = time.perf_counter() - began
            print(f"  {words:<14} first point {first * 1000:5.0f} ms, scores {whole * 1000:5.0f} ms   {ticker.take()}")
        await pilot.press("a")
        await _until(lambda: len(main.state.selection.marked) == 7)
        await _until(lambda: all(main.state.runs[i].status == "finished" for i in main.state.selection.marked))
        print(f"  while seven losses train          {ticker.take()}")
        task.cancel()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--starts", type=int, default=7, help="how often the app is started")
    paints = first_paint(parser.parse_args().starts)
    print(f"first paint: median {statistics.median(paints) * 1000:.0f} ms, least {min(paints) * 1000:.0f} ms")
    keys = sorted(key_to_paint())
    print(f"key to paint, a run live: median {statistics.median(keys) * 1000:.0f} ms, 99th percentile", end=" ")
    print(f"{keys[int(len(keys) * 0.99)] * 1000:.0f} ms")
    os.environ["LOSSTERM_IDLE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        Store(path).close()
        print("event loop stalls:")
        asyncio.run(stalls(path))


if __name__ == "__main__":
    main()
