"""The app in a browser: what textual-serve starts speaks packets over pipes instead of escape codes to a terminal.

A packet is a letter (D for data, M for JSON, P for binary), four bytes of length (big-endian), and so many bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import selectors
import signal
import sys
from collections.abc import Iterator

from textual.app import App
from textual.drivers.web_driver import WebDriver

from .key_input import HAS_PARSER, KeyInput, TypedApp
from .terminal import MOST_COLUMNS, MOST_LINES

_CHUNK = 65536
_TICK_SECONDS = 0.1  # how late a lone escape may be noticed
_HEAD = 5
_LONGEST = 1 << 24


class Packets:
    """Cuts a stream of bytes into packets, wherever the pieces that it comes in are cut."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Take the next piece.

        Yields:
            (kind, payload) of each packet that is whole.

        Raises:
            ValueError: A packet is longer than any is: this is no stream of packets.
        """
        self._held += data
        while len(self._held) >= _HEAD:
            end = _HEAD + int.from_bytes(self._held[1:_HEAD], "big")
            if end > _LONGEST:
                raise ValueError("no stream of packets")
            if len(self._held) < end:
                return
            packet, self._held = self._held[:end], self._held[end:]
            yield packet[:1].decode("latin-1"), packet[_HEAD:]


class BrowserDriver(WebDriver):
    """Textual's driver for the browser, its keys one after the other, which ends the app when the server is gone."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert isinstance(app, TypedApp)
        self._typed_app = app
        self._loop_of = asyncio.get_running_loop()

    def run_input_thread(self) -> None:
        """Turn packets into events until the app ends, or the server is gone."""
        if not HAS_PARSER:
            super().run_input_thread()
            return
        keys = KeyInput(self._typed_app, self._loop_of, self.process_message, self.exit_event)
        packets = Packets()
        descriptor = sys.__stdin__.fileno() if sys.__stdin__ else 0
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, ValueError):
            selector.register(descriptor, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not selector.select(_TICK_SECONDS):
                    keys.feed(b"")
                    continue
                data = os.read(descriptor, _CHUNK)
                if not data:
                    break
                for kind, payload in packets.feed(data):
                    if kind == "D":
                        keys.feed(payload)
                    else:
                        self._obey(payload)
        self._leave()

    def _obey(self, payload: bytes) -> None:
        """Do what a packet of JSON says; one that is no object with a type is passed over."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            said = json.loads(payload)
            kind = said["type"]
            if kind == "exit":
                self._leave()
                return
            if kind == "resize":
                said |= {"width": _cells(said["width"], MOST_COLUMNS), "height": _cells(said["height"], MOST_LINES)}
            self.on_meta(kind, said)

    def write(self, data: str) -> None:
        """Send what would be written to a terminal."""
        with self._heeding_the_end():
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """Send something about the app."""
        with self._heeding_the_end():
            super().write_meta(data)

    def write_binary_encoded(self, data: tuple[str | bytes, ...]) -> None:
        """Send a piece of a file."""
        with self._heeding_the_end():
            super().write_binary_encoded(data)

    @contextlib.contextmanager
    def _heeding_the_end(self) -> Iterator[None]:
        """Leave in order where the server no longer reads."""
        try:
            yield
        except OSError:
            self._leave()

    def _leave(self) -> None:
        """End the app, as when a terminal goes away: training goes on."""
        if not self.exit_event.is_set():
            with contextlib.suppress(RuntimeError):  # the event loop has ended
                self._loop_of.call_soon_threadsafe(self._typed_app.exit, None, 128 + signal.SIGHUP)


def _cells(number: object, most: int) -> int:
    if not isinstance(number, int) or number < 1:
        raise ValueError("no size")
    return min(number, most)
