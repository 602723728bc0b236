"""Ends the app when its terminal is gone, whatever the event loop is stuck in: a write to nowhere never returns."""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
from collections.abc import Callable

_SECONDS = 1.0


class TerminalWatch(threading.Thread):
    """Looks once a second whether the terminal that the app began on still answers."""

    def __init__(self, finish: Callable[[], None]):
        """Watch the terminal on standard input; when it is gone call `finish`, then end the process."""
        super().__init__(name="terminal-watch", daemon=True)
        self._finish = finish
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until the app has ended by itself."""
        while not self._ended.wait(_SECONDS):
            if not terminal_answers():
                self._finish()
                os._exit(128 + signal.SIGHUP)

    def stop(self) -> None:
        """The app has ended."""
        self._ended.set()


def terminal_answers() -> bool:
    """Whether standard input is a terminal that has not been hung up."""
    try:
        termios.tcgetattr(sys.__stdin__.fileno() if sys.__stdin__ else 0)
    except (termios.error, OSError, ValueError):
        return False
    return True
