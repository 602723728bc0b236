"""Have verdicts worked out in a process of its own, which is started once and asked again and again."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from pathlib import Path

from .tools import child_environment


class VerdictProcess:
    """Asks the process that works verdicts out. `ask` blocks until it has answered: for a thread of its own."""

    def __init__(self, path: Path) -> None:
        """Ask about the store at `path`; nothing is started yet."""
        self._path = path
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()
        self._closed = False

    def ask(self, line: str) -> str:
        """Send a line, and wait for the answer; an empty one where there is none.

        A process that has died is started anew, once.
        """
        for _ in range(2):
            process = self._started()
            if process is None:
                break
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError, ValueError):
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
                if answer := process.stdout.readline():
                    return answer.strip()
            _end(process)
        return ""

    def close(self) -> None:
        """End the process; whoever waits for an answer gets none. May be called from any thread."""
        with self._starting:
            self._closed = True
            if self._process is not None:
                _end(self._process)

    def _started(self) -> subprocess.Popen[str] | None:
        with self._starting:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "lossterm.supervisor.verdict_process", str(self._path)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    start_new_session=True,
                    env=child_environment(),
                )
            return self._process


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError, ValueError):
            assert pipe is not None
            pipe.close()
