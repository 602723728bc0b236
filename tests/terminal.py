"""A program in a pseudo-terminal: its screen as text, its keys, its size, and in which modes it leaves the terminal."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

PATIENCE = 90.0
BETWEEN_KEYS = 0.4
PROGRAM = [str(Path(sys.executable).with_name("lossterm"))]
WITHOUT_TRAINER = [
    sys.executable,
    "-c",
    "import sys; from lossterm.supervisor import supervisor; supervisor.Supervisor.check = lambda *_: None; "
    "from lossterm.cli import main; sys.exit(main(sys.argv[1:]))",
]
"""The program, but for the trainers that it would start: for tests of what needs none."""
WRAP, CURSOR, SCREEN = 7, 25, 1049

_MODES = re.compile(rb"\x1b\[\?([\d;]+)([hl])")


class Terminal:
    """A program in a pseudo-terminal of a given size; what it wrote is a screen of text."""

    def __init__(self, arguments: Sequence[str], size: tuple[int, int] = (140, 40), **environment: str | None):
        """Start it; `environment` changes this process's, None takes a variable away."""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.written = b""
        self._ours, self.theirs = pty.openpty()
        self._hung_up = False
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        env: Mapping[str, str | None] = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment}
        self.process = subprocess.Popen(
            arguments,
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            env={name: value for name, value in env.items() if value is not None},
            preexec_fn=_own_terminal,
        )

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size; the kernel sends SIGWINCH."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Type a few keys."""
        os.write(self._ours, keys.encode())

    def click(self, words: str, within: int = 0) -> None:
        """Click on the first of some words, or `within` cells to the right, as a terminal reports it (SGR)."""
        row = next(number for number, line in enumerate(self.read().splitlines()) if words in line)
        column = self.screen.splitlines()[row].index(words) + within
        self.press("".join(f"\x1b[<0;{column + 1};{row + 1}{end}" for end in "Mm"))

    def answer(self, keys: str) -> float:
        """Seconds from some keys to the first byte of what they bring about; it is read to its end."""
        self.read()
        began = time.monotonic()
        self.press(keys)
        assert select.select([self._ours], [], [], PATIENCE)[0], f"no answer to {keys!r}"
        took = time.monotonic() - began
        self.read()
        return took

    def pour(self, data: bytes) -> None:
        """Type as much as one likes, reading meanwhile what the program writes."""
        os.set_blocking(self._ours, False)
        deadline = time.monotonic() + PATIENCE
        try:
            while data:
                assert time.monotonic() < deadline, f"it does not read: {len(data)} bytes are left"
                if select.select([], [self._ours], [], 0.05)[1]:
                    with contextlib.suppress(BlockingIOError):
                        data = data[os.write(self._ours, data[:4096]) :]
                self._take(0)
        finally:
            os.set_blocking(self._ours, True)

    def until(self, condition: Callable[[str], object], what: str) -> str:
        """Wait until the screen is so, and return its text."""
        deadline = time.monotonic() + PATIENCE
        while not condition(screen := self.read()):
            assert time.monotonic() < deadline, f"waited in vain for {what}:\n{screen}"
        return screen

    def insist(self, keys: Sequence[str], condition: Callable[[str], object], what: str) -> str:
        """Press keys that may be pressed twice, one after the other and over again, until the screen is so.

        For after an escape: what follows it before the program has read it makes another key of both.
        """
        coming = itertools.cycle(keys)
        pressed = 0.0

        def pressing(text: str) -> object:
            nonlocal pressed
            if condition(text):
                return True
            if time.monotonic() - pressed > BETWEEN_KEYS:
                pressed = time.monotonic()
                self.press(next(coming))
            return False

        return self.until(pressing, what)

    def read(self) -> str:
        """The screen once the program has nothing to write for a moment."""
        quiet = time.monotonic() + 2  # a program that never stops writing is read all the same
        while self._take(0.05) and time.monotonic() < quiet:
            pass
        return self.screen

    def drain(self) -> None:
        """Take what the program has written, so that it can write on, and leave the screen as it was read last."""
        with contextlib.suppress(OSError):  # the program has gone
            while select.select([self._ours], [], [], 0)[0] and (new := os.read(self._ours, 1 << 20)):
                self.written += new

    def skip(self, seconds: float) -> None:
        """Throw away what the program writes for some time; the screen is blank then until it paints again."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._ours], [], [], left)[0]:
                os.read(self._ours, 1 << 20)
        self._screen.reset()

    def raw(self, mark: bytes) -> None:
        """Wait until the program has written `mark`, without a moment's more patience."""
        deadline = time.monotonic() + PATIENCE
        while mark not in self.written:
            assert time.monotonic() < deadline, f"waited in vain for {mark!r}"
            self._take(0.05)

    @property
    def screen(self) -> str:
        """The screen as it was read last."""
        return "\n".join(self._screen.display)

    @property
    def colours(self) -> set[str]:
        """The foreground and background colours on the screen: names of the sixteen, or six hexadecimal digits."""
        cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {cell.fg for cell in cells} | {cell.bg for cell in cells}

    @property
    def unreadable(self) -> list[str]:
        """Characters on a ground of their own colour, or in black on the ground of a dark terminal, and where."""
        found = []
        for y, row in self._screen.buffer.items():
            for x, cell in row.items():
                ink, ground = (cell.bg, cell.fg) if cell.reverse else (cell.fg, cell.bg)
                same = ink == ground != "default" or (ink, ground) == ("black", "default")
                if cell.data.strip() and same:
                    found.append(f"{cell.data!r} at row {y}, column {x}: {ink} on {ground}")
        return found

    def _take(self, patience: float) -> bool:
        with contextlib.suppress(OSError):  # the program has gone
            if select.select([self._ours], [], [], patience)[0]:
                new = os.read(self._ours, 65536)
                self.written += new
                self._stream.feed(new)
                return bool(new)
        return False

    def ended(self) -> int:
        """Wait for its end; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.read()}"
            self.read()
        self.read()
        return self.process.returncode

    def quit(self) -> int:
        """Leave the app by its key; while it still shows a run that trains it asks, and the same key is an answer."""
        self.insist(["q"], lambda _: self.process.poll() is not None, "the end")
        return self.ended()

    @property
    def left_on(self) -> set[int]:
        """The private modes that were switched from a terminal's usual state and not switched back."""
        state = {WRAP: True, CURSOR: True}
        for numbers, switch in _MODES.findall(self.written):
            state |= {int(number): switch == b"h" for number in numbers.split(b";")}
        return {number for number, on in state.items() if on != (number in (WRAP, CURSOR))}

    def is_as_it_was(self) -> bool:
        """Whether the terminal is in no mode that it was not in before, for the kernel and for itself."""
        assert self.left_on == set(), f"private modes left: {self.left_on}"
        assert termios.tcgetattr(self.theirs) == self.before
        return True

    def hang_up(self) -> None:
        """Close the terminal, as a dropped SSH session does."""
        self._hung_up = True
        os.close(self.theirs)
        os.close(self._ours)

    def close(self) -> None:
        """Kill the program if it still runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if not self._hung_up:
            self.hang_up()


def _own_terminal() -> None:
    """In the new process: make the pseudo-terminal its controlling one, so that resizing and hanging up reach it."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
