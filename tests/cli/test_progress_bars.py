"""`lossterm run` on a terminal: bars while it trains, and a terminal as it was afterwards."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pyte
import pytest

from lossterm.runs.records import ACTIVE

from ..conftest import freeze

if TYPE_CHECKING:
    from ..conftest import Program


class Terminal:
    """A command in a pseudo-terminal of 80 × 24, its screen read back."""

    def __init__(self, program: Program, *words: object, **environment: str):
        self._screen = pyte.HistoryScreen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self.written = b""
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self.process = subprocess.Popen(
            program.command(*words),  # type: ignore[arg-type]
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**program.environment, "LANG": "C.UTF-8", **environment},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.theirs = theirs
        self._wait = program.wait

    @property
    def screen(self) -> str:
        with contextlib.suppress(OSError):
            while select.select([self.ours], [], [], 0.01)[0]:
                new = os.read(self.ours, 65536)
                self.written += new
                self._stream.feed(new)
        return "\n".join(line.rstrip() for line in self._screen.display)

    def shows(self, *words: str) -> str:
        self._wait(lambda: all(word in self.screen for word in words), what=f"{words} in\n{self.screen}")
        return self.screen

    def ended(self) -> int:
        self._wait(lambda: (self.screen, self.process.poll() is not None)[1])
        assert termios.tcgetattr(self.theirs) == self.before
        assert self.screen is not None
        assert self.written.rfind(b"\x1b[?25h") >= self.written.rfind(b"\x1b[?25l"), "the cursor is shown again"
        return self.process.wait()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for end in (self.ours, self.theirs):
            with contextlib.suppress(OSError):
                os.close(end)


@pytest.fixture
def on_terminal(shared: Program) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*words: object, **environment: str) -> Terminal:
        opened.append(Terminal(shared, *words, **environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
    with shared.store() as store:
        store.stop_all()
        shared.wait(lambda: not store.count(*ACTIVE), what="the end of what still trains")


Start = Callable[..., Terminal]


def test_bars_then_the_tutorials_line_and_a_table(on_terminal: Start) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--loss", "mae", "--epochs", 1000)
    terminal.shows("mse on regression, seed 1", "/1000", "loss 0.", "all runs")
    assert terminal.ended() == 0
    lines = terminal.screen.splitlines()
    assert [line.split(": ")[1] for line in lines if "Train: 0." in line and ", Test: 0." in line] == [
        "mse on regression, seed 1",
        "mae on regression, seed 1",
    ]
    assert sum("1000/1000" in line and "finished" in line for line in lines) == 2
    assert "all runs" not in terminal.screen
    assert max(map(len, lines)) <= 80


def test_ctrl_c_asks_to_stop_and_waits(on_terminal: Start, shared: Program) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--loss", "mae", "--epochs", 1_000_000)
    terminal.shows("/1000000", "loss")
    os.write(terminal.ours, b"\x03")
    terminal.shows("stopping after the present epoch; Ctrl-C again leaves at once")
    assert terminal.ended() == 130
    assert "stopped before it started" in terminal.screen
    assert "stopped after epoch" in terminal.screen
    with shared.store() as store:
        assert [run.status for run in store.runs()[:2]] == ["stopped", "stopped"]


def test_ctrl_c_again_leaves_at_once(on_terminal: Start, shared: Program) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--epochs", 1_000_000)
    terminal.shows("/1000000", "loss")
    (pid,) = shared.trainers()
    freeze(pid, shared.store_path)  # a trainer that does not answer
    try:
        os.write(terminal.ours, b"\x03")
        terminal.shows("Ctrl-C again leaves at once")
        os.write(terminal.ours, b"\x03")
        assert terminal.ended() == 130
        assert "no longer following: run" in terminal.screen
    finally:
        os.kill(pid, signal.SIGCONT)
    with shared.store() as store:
        run_id = store.runs()[0].id
    assert shared.ended(run_id).status == "stopped"


def test_ctrl_c_that_the_store_does_not_take_is_said(on_terminal: Start, shared: Program) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--epochs", 1_000_000)
    terminal.shows("/1000000", "loss")

    def unwrapped() -> str:
        """The screen without spaces and line ends: the terminal breaks lines anywhere."""
        return "".join(terminal.screen.split())

    with contextlib.closing(sqlite3.connect(shared.store_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        os.write(terminal.ours, b"\x03")
        shared.wait(lambda: "islockedbyanotherprocess" in unwrapped(), what="the words")
        os.write(terminal.ours, b"\x03")
        assert terminal.ended() == 130
    assert "isrunningandcouldnotbeaskedtostop;seelosstermruns" in unwrapped()
    refusals = unwrapped().count("islockedbyanotherprocess") - unwrapped().count("itsepochswait")  # the trainer's word
    assert (unwrapped().count("leavesatonce"), refusals) == (1, 1)


def goes_on(shared: Program, run_id: int) -> None:
    """A run trains on though nobody follows it, and can be stopped."""
    shared.reached(run_id, shared.look(run_id).epochs_done + 100)
    with shared.store() as store:
        store.stop(run_id)
    assert shared.ended(run_id).status == "stopped"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_training_goes_on_when_the_command_is_ended(
    on_terminal: Start, shared: Program, number: signal.Signals
) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--epochs", 1_000_000)
    terminal.shows("/1000000", "loss")
    with shared.store() as store:
        run = store.runs()[0]
    os.kill(terminal.process.pid, number)
    if number == signal.SIGKILL:
        assert terminal.process.wait(timeout=30) == -number
    else:
        assert terminal.ended() == 128 + number
        assert "Traceback" not in terminal.screen
    goes_on(shared, run.id)


def test_training_goes_on_when_the_terminal_goes_away(on_terminal: Start, shared: Program) -> None:
    terminal = on_terminal("run", "--loss", "mse", "--epochs", 1_000_000)
    terminal.shows("/1000000", "loss")
    with shared.store() as store:
        run = store.runs()[0]
    os.close(terminal.theirs)
    os.close(terminal.ours)
    assert terminal.process.wait(timeout=30) in (1, 128 + signal.SIGHUP)
    goes_on(shared, run.id)


def test_without_colour_or_without_a_real_terminal(on_terminal: Start) -> None:
    plain = on_terminal("run", "--loss", "mse", "--epochs", 2, NO_COLOR="1")
    assert plain.ended() == 0
    assert b"\x1b[3" not in plain.written, "no colour"
    dumb = on_terminal("run", "--loss", "mse", "--epochs", 2, TERM="dumb")
    assert dumb.ended() == 0
    assert b"\x1b" not in dumb.written
    assert "Train: 0." in dumb.screen


def test_the_app_needs_a_real_terminal(on_terminal: Start) -> None:
    terminal = on_terminal(TERM="dumb")
    assert terminal.ended() == 2
    assert "TERM=dumb" in terminal.screen
    assert "lossterm run" in terminal.screen.replace("\n", "")
