"""Have verdicts worked out in a process of its own, which is started once and asked again and again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path


class VerdictProcess:
    """Asks the process that works verdicts out. Each call blocks until it has answered: for a thread."""

    def __init__(self, path: Path) -> None:
        """Ask about the store at `path`; nothing is started yet."""
        self._path = path
        self._process: subprocess.Popen[str] | None = None

    def ask(self, line: str) -> str:
        """Send a line, and wait for the answer; an empty one where there is none.

        A process that has died is started anew, once.
        """
        for _ in range(2):
            process = self._started()
            with contextlib.suppress(OSError, ValueError):
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
                if answer := process.stdout.readline():
                    return answer.strip()
            self.close()
        return ""

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()
        process.kill()
        process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lossterm.supervisor.verdict_process", str(self._path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
                env={**os.environ, "PYTHONSAFEPATH": "1"},
            )
        return self._process
