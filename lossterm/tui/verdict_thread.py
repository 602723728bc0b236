"""The thread that asks for verdicts: of several comparisons that are asked for, the last counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..supervisor.verdicts import VerdictProcess

_REST_SECONDS = 0.15


class VerdictThread(threading.Thread):
    """Hands questions to the process that works verdicts out, and its answers on."""

    def __init__(self, path: Path, answered: Callable[[str], None]) -> None:
        """Ask about the store at `path`; `answered` takes an answer, in this thread."""
        super().__init__(name="verdicts", daemon=True)
        self._process = VerdictProcess(path)
        self._answered = answered
        self._waiting: int | None = None
        self._changed = threading.Condition()
        self._closing = False

    def ask(self, number: int) -> None:
        """Ask about a comparison, in the place of one that still waits."""
        with self._changed:
            self._waiting = number
            self._changed.notify()

    def close(self) -> None:
        """End the thread and its process."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._process.close()

    def run(self) -> None:
        """Ask what waits until the thread is closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._waiting is not None)
                if self._closing:
                    break
                number, self._waiting = self._waiting, None
            self._answered(self._process.ask(f"{number}"))
            with self._changed:  # what trains needs the processor more than what is looked at
                self._changed.wait_for(lambda: self._closing, _REST_SECONDS)
