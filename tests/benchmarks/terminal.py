"""A program in a pseudo-terminal, for benchmarks: what it writes is read and thrown away."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time


class Terminal:
    """Starts a program on a pseudo-terminal of `size` (columns, rows)."""

    def __init__(self, arguments: list[str], size: tuple[int, int], **environment: str):
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            arguments,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
            start_new_session=True,
        )

    def read(self, seconds: float) -> bytes:
        """What comes within so long."""
        seen, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._ours], [], [], left)[0]:
                seen += os.read(self._ours, 1 << 16)
        return seen

    def until(self, mark: bytes, patience: float = 60.0) -> None:
        """Read until something is on the screen."""
        seen, end = b"", time.monotonic() + patience
        while mark not in seen:
            if time.monotonic() > end:
                raise TimeoutError(f"{mark!r} never came")
            seen += self.read(0.05)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        """End the program."""
        self.process.terminate()
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.read(0.05)
        os.close(self._theirs)
        os.close(self._ours)
