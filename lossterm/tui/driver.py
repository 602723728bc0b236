"""Textual's driver for a terminal, made to bear what one may send: bytes that are no text, pastes full of keys."""

from __future__ import annotations

import os
import re
import selectors
from codecs import getincrementaldecoder

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize

try:
    from textual._xterm_parser import XTermParser  # not a public name: without it Textual's own reading must do
except ImportError:
    XTermParser = None  # type: ignore[assignment, misc]

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_REPORT = re.compile(r"\x1b[\]PX^_][^\x1b\x07]*(?:\x07|\x1b\\)")
"""A string that a terminal answers a question with (its colours, its name): an OSC, DCS, SOS, PM or APC sequence."""

_CHUNK = 4096
_TICK_SECONDS = 0.1  # how late a lone escape may be noticed


class Guard:
    """Takes out what Textual would take for keys that were pressed.

    That is what follows an escape inside a bracketed paste, and a terminal's late answers to the program before.
    """

    def __init__(self) -> None:
        self._inside = False
        self._passed = self._held = ""

    def feed(self, data: str) -> str:
        """Filter the next piece of what the terminal sends; the marks around a paste may be cut anywhere."""
        data, self._held = self._held + data, ""
        if not self._inside:
            data = _REPORT.sub("", data)
        out = ""
        while data:
            piece, data = self._in_paste(data) if self._inside else self._in_keys(data)
            out += piece
        return out

    def _in_keys(self, data: str) -> tuple[str, str]:
        """Pass everything on, up to the mark that begins a paste."""
        seen = self._passed + data
        at = seen.find(_BEGIN)
        if at < 0:
            self._passed = seen[1 - len(_BEGIN) :]
            return data, ""
        end = at + len(_BEGIN) - len(self._passed)
        self._inside, self._passed = True, ""
        return data[:end], data[end:]

    def _in_paste(self, data: str) -> tuple[str, str]:
        """Pass on what is no escape, up to the mark that ends the paste; its beginning may stand at the very end."""
        text, mark, rest = data.partition(_END)
        if mark:
            self._inside = False
        else:
            cut = next((n for n in range(len(_END) - 1, 0, -1) if text.endswith(_END[:n])), 0)
            text, self._held = text[: len(text) - cut], text[len(text) - cut :]
        return text.replace("\x1b", "") + mark, rest


class TerminalDriver(LinuxDriver):
    """Reads keys like Textual's own, but nothing that comes ends the app."""

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events until the app ends, or the terminal is gone."""
        if XTermParser is None:
            super().run_input_thread()
            return
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        guard = Guard()
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                text = ""
                if selector.select(_TICK_SECONDS):
                    data = self._read()
                    if not data:
                        return  # gone; that the app ends then is for SIGHUP and TerminalWatch to see to
                    text = guard.feed(decode(data))
                for event in parser.feed(text) if text else ():  # nothing at all would be the end of the input
                    if self._in_band_window_resize or not isinstance(event, Resize):  # a size that nobody asked for
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _read(self) -> bytes:
        """What the terminal has sent; nothing once it is gone."""
        try:
            return os.read(self.fileno, _CHUNK)
        except OSError:
            return b""
