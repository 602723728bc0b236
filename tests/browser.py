"""A program as textual-serve runs it: packets over pipes, its screen as text."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence

import pyte

from lossterm.tui.browser import Packets

from .terminal import PATIENCE, Terminal


class Browser(Terminal):
    """A program that paints for a browser, driven as textual-serve's `app_service.py` drives it."""

    def __init__(self, arguments: Sequence[str], size: tuple[int, int] = (140, 40), **environment: str | None):
        """Start it as the server does; `environment` changes this process's, None takes a variable away."""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._packets = Packets()
        self._begun = False
        self.written = b""
        self.said: list[dict[str, object]] = []
        env: Mapping[str, str | None] = {
            **os.environ,
            "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
            "TEXTUAL_FPS": "60",
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TERM_PROGRAM": "textual",
            "COLUMNS": str(size[0]),
            "ROWS": str(size[1]),
            "TERM": "dumb",
            "LANG": None,
            **environment,
        }
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: value for name, value in env.items() if value is not None},
            start_new_session=True,
        )
        assert self.process.stdout
        self._ours = self.process.stdout.fileno()

    def press(self, keys: str) -> None:
        """Type a few keys."""
        self.send(b"D", keys.encode())

    def say(self, **what: object) -> None:
        """Send a packet of JSON."""
        self.send(b"M", json.dumps(what).encode())

    def send(self, kind: bytes, payload: bytes) -> None:
        """Send a packet."""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(kind + len(payload).to_bytes(4, "big") + payload)
            self.process.stdin.flush()

    def resize(self, columns: int, rows: int) -> None:
        """Give the page another size."""
        self._screen.resize(rows, columns)
        self.say(type="resize", width=columns, height=rows)

    def _take(self, patience: float) -> bool:
        if not select.select([self._ours], [], [], patience)[0]:
            return False
        new = os.read(self._ours, 65536)
        self.written += new
        if not self._begun:
            _, mark, new = self.written.partition(b"__GANGLION__\n")
            self._begun = bool(mark)
        for kind, payload in self._packets.feed(new if self._begun else b""):
            if kind == "D":
                self._stream.feed(payload)
            elif kind == "M":
                self.said.append(json.loads(payload))
        return bool(new)

    def hang_up(self) -> None:
        """End as a server does that is killed: it neither reads nor writes any more."""
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def errors(self) -> str:
        """What it wrote on standard error, once it has ended."""
        assert self.process.stderr
        self.process.wait(PATIENCE)
        return self.process.stderr.read().decode()

    def close(self) -> None:
        """Kill the program if it still runs, and let go of the pipes."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.hang_up()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
