"""The terminal, made safe both ways: what it may send, what may be sent to it, and that it may go away."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
import sys
import termios
import threading
from collections.abc import Callable

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.filter import LineFilter
from textual.message import Message

from ..text import printable, to_ascii
from .key_input import HAS_PARSER, KeyInput, TypedApp

_CHUNK = 4096
_TICK_SECONDS = 0.1  # how late a lone escape may be noticed
_WATCH_SECONDS = 1.0
MOST_COLUMNS, MOST_LINES = 1000, 500


class TerminalDriver(LinuxDriver):
    """Reads keys like Textual's own, but one after the other, and nothing that comes ends the app.

    That is bytes that are no text, pastes full of keys, and many keys in one packet of a slow connection.
    """

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert isinstance(app, TypedApp)
        self._loop_of = asyncio.get_running_loop()
        self._typed_app = app
        self._suspended = False
        self._asked: Callable[[], None] | None = None
        # Textual's own handlers of these write and join threads wherever the main thread stands, in a lock perhaps.
        self._loop_of.add_signal_handler(signal.SIGTSTP, self._ask, self._suspend)
        self._loop_of.add_signal_handler(signal.SIGCONT, self._ask, self._go_on)

    def start_application_mode(self) -> None:
        """Take the terminal; what Textual does at a resize is done by the event loop, not inside the signal."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        resized = signal.getsignal(signal.SIGWINCH)
        if callable(resized) and self._loop_of.is_running():
            self._loop_of.add_signal_handler(signal.SIGWINCH, resized, signal.SIGWINCH, None)

    def _ask(self, wish: Callable[[], None]) -> None:
        """Do what the last of the signals asks for that came together: one to go on takes back one to stop."""
        if self._asked is None:
            self._loop_of.call_soon(self._do_as_asked)
        self._asked = wish

    def _do_as_asked(self) -> None:
        wish, self._asked = self._asked, None
        if wish is not None:
            wish()

    def _suspend(self) -> None:
        """Give the terminal back and stop; `fg` goes on from here."""
        self._suspended = True
        self._sigtstp_application()

    def _go_on(self) -> None:
        """Take the terminal again; where it was not given back (kill -STOP), give it back before."""
        if not self._suspended:
            self.suspend_application_mode()
            self._must_signal_resume = True  # so that all is painted again
        self._suspended = False
        self._sigcont_application()

    def _get_terminal_size(self) -> tuple[int, int]:
        """The size that the terminal itself says, whatever COLUMNS and LINES say, and no more than can be drawn."""
        try:
            width, height = os.get_terminal_size(self.fileno)
        except OSError:
            width = height = 0
        return min(width or 80, MOST_COLUMNS), min(height or 24, MOST_LINES)

    def run_input_thread(self) -> None:
        """Turn what the terminal sends into events until the app ends, or the terminal is gone."""
        if not HAS_PARSER:
            super().run_input_thread()
            return
        keys = KeyInput(self._typed_app, self._loop_of, self.process_message, self.exit_event)
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                data = b""
                if selector.select(_TICK_SECONDS):
                    data = self._read()
                    if not data:
                        return  # gone; that the app ends then is for SIGHUP and TerminalWatch to see to
                keys.feed(data)

    def process_message(self, message: Message) -> None:
        """Hand an event to the app, unless it is a size that nobody asked for."""
        if not isinstance(message, Resize) or self._in_band_window_resize:
            super().process_message(message)

    def _read(self) -> bytes:
        """What the terminal has sent; nothing once it is gone."""
        try:
            return os.read(self.fileno, _CHUNK)
        except OSError:
            return b""


class PrintableFilter(LineFilter):
    """The last line of defence: leaves no character that a terminal would take for a command."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Make a line's segments harmless; control codes of Textual's own pass."""
        return [_changed(segment, printable) for segment in segments]


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII by one that looks like it, and what a terminal would take for a command."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate a line's segments."""
        return [_changed(segment, to_ascii) for segment in segments]


def _changed(segment: Segment, change: Callable[[str], str]) -> Segment:
    if segment.control:
        return segment
    text = change(segment.text)
    return segment if text == segment.text else Segment(text, segment.style, segment.control)


class TerminalWatch(threading.Thread):
    """Looks once a second whether the terminal that the app began on still answers."""

    def __init__(self, finish: Callable[[], None]):
        """Watch the terminal on standard input; when it is gone call `finish`, then end the process."""
        super().__init__(name="terminal-watch", daemon=True)
        self._finish = finish
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until the app has ended by itself."""
        while not self._ended.wait(_WATCH_SECONDS):
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
