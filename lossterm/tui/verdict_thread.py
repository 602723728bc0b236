"""The thread that asks for verdicts: of several questions that wait, the last of each kind is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from ..supervisor.verdicts import VerdictProcess

_REST_SECONDS = 0.15


class VerdictThread(threading.Thread):
    """Hands questions to the process that works verdicts out, and its answers on."""

    def __init__(self, path: Path, answered: Callable[[str, str], None]) -> None:
        """Ask about the store at `path`; `answered` takes the kind of the question and the answer, in this thread."""
        super().__init__(name="verdicts", daemon=True)
        self._process = VerdictProcess(path)
        self._answered = answered
        self._waiting: dict[str, str] = {}
        self._changed = threading.Condition()
        self._closing = False

    def ask(self, kind: str, line: str) -> None:
        """Ask something, in the place of what of its kind still waits."""
        with self._changed:
            self._waiting[kind] = line
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
                self._changed.wait_for(lambda: self._closing or self._waiting)
                if self._closing:
                    break
                kind = next(iter(self._waiting))
                line = self._waiting.pop(kind)
            self._answered(kind, self._process.ask(line))
            with self._changed:  # what trains needs the processor more than what is looked at
                self._changed.wait_for(lambda: self._closing, _REST_SECONDS)
