"""Being asked to end: a flag that a signal handler may set, for it takes no lock."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from collections.abc import Iterable
from types import FrameType


class ShutdownFlag:
    """Set once, by a signal or by a call, and waited for by the thread that handles signals.

    `threading.Event` must not be set in a signal handler: the handler runs in a thread that may be inside the event's
    own lock, and then waits for itself for ever. Here the handler sets a plain attribute and writes one byte into a
    pipe, which ends a wait that was about to begin as well.
    """

    def __init__(self) -> None:
        self._set = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def heed(self, signals: Iterable[signal.Signals]) -> None:
        """Be set by any of these signals from now on."""
        for number in signals:
            signal.signal(number, self._handle)

    def set(self) -> None:
        """Ask whoever waits to end."""
        self._set = True
        with contextlib.suppress(BlockingIOError):  # it is full of what was asked before
            os.write(self._write, b"\0")

    def is_set(self) -> bool:
        """Whether this process was asked to end."""
        return self._set

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, but for so many seconds at most; whether it is set."""
        if not self._set:
            select.select([self._read], [], [], seconds)
        return self._set

    def close(self) -> None:
        """Let go of the pipe; no signal may come any more."""
        os.close(self._read)
        os.close(self._write)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.set()
