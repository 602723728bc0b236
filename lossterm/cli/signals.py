"""Signals while runs are followed: Ctrl-C is counted, anything else leaves in order; training goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

_LEAVE = (signal.SIGTERM, signal.SIGHUP)


class Left(SystemExit):
    """The process was asked to end; the code is 128 and the signal's number."""


class Signals:
    """While open: counts SIGINT in `interrupts`, and turns SIGTERM and SIGHUP into Left, at once within `heeded`.

    answered: for whoever acts on the first SIGINT, to say that it is done.
    """

    def __init__(self) -> None:
        self.interrupts = 0
        self.answered = False
        self._heeding = False
        self._left = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Signals:
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_LEAVE)}
        signal.signal(signal.SIGINT, self._count)
        for number in _LEAVE:
            if self._before[number] is not signal.SIG_IGN:  # as under nohup
                signal.signal(number, self._leave)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._left and kind is None:
            raise Left(128 + self._left)

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Where Left may be raised anywhere. Outside, as while the terminal is taken or given back, it waits."""
        self._heeding = True
        try:
            if self._left:
                raise Left(128 + self._left)
            yield
        finally:
            self._heeding = False

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupts += 1

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        self._left = number
        if self._heeding:
            self._heeding = False  # a second one does not disturb the way out
            raise Left(128 + number)
