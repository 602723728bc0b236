"""The terminal, made safe both ways: what it may send, what may be sent to it, and that it may go away."""

from __future__ import annotations

import asyncio
import os
import re
import selectors
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Resize
from textual.filter import LineFilter
from textual.message import Message
from textual.message_pump import MessagePump

from ..text import printable, to_ascii

try:
    from textual._xterm_parser import XTermParser  # not a public name: without it Textual's own reading must do
except ImportError:
    XTermParser = None  # type: ignore[assignment, misc]

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_REPORT = re.compile(r"\x1b[\]PX^_][^\x1b\x07]*(?:\x07|\x1b\\)")
"""A string that a terminal answers a question with (its colours, its name): an OSC, DCS, SOS, PM or APC sequence."""

_CHUNK = 4096
_TICK_SECONDS = 0.1  # how late a lone escape may be noticed
_TYPED = 100
"""As many keys at once may have been typed ahead; more are a paste from a terminal that does not mark it, or noise."""
_SETTLE_SECONDS = 0.5
_START_SECONDS = 10.0
_WATCH_SECONDS = 1.0
_MOST_COLUMNS, _MOST_LINES = 1000, 500
_ROUNDS = 3
"""A key's action, the messages that it posts, and what follows from those."""


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
            return _entered(data), ""
        end = at + len(_BEGIN) - len(self._passed)
        self._inside, self._passed = True, ""
        return _entered(data[:end]), data[end:]

    def _in_paste(self, data: str) -> tuple[str, str]:
        """Pass on what is no escape, up to the mark that ends the paste; its beginning may stand at the very end."""
        text, mark, rest = data.partition(_END)
        if mark:
            self._inside = False
        else:
            cut = next((n for n in range(len(_END) - 1, 0, -1) if text.endswith(_END[:n])), 0)
            text, self._held = text[: len(text) - cut], text[len(text) - cut :]
        return text.replace("\x1b", "") + mark, rest


def _entered(keys: str) -> str:
    """Enter as a terminal sends it now: pressed before the app had taken the terminal, it came as a line feed."""
    return keys.replace("\r\n", "\r").replace("\n", "\r")


async def settled(app: App[int]) -> None:
    """Wait until all is done that a key set off, so that the next one meets the screen and the focus as they are then.

    Textual hands keys to the focused widget in order but runs their bindings once they have risen from there to the
    app, so that of keys that come together a letter overtakes a backspace, and what follows the key of a dialog goes
    to the screen below (Textual's issue 6605).
    """
    for _ in range(_ROUNDS):
        focus = app.focused or app.screen
        for node in (app, *focus.ancestors_with_self, app):
            await _heard(node)


async def _heard(node: MessagePump) -> None:
    heard = asyncio.Event()
    if node.call_later(heard.set):
        await heard.wait()


class TypedApp(App[int]):
    """An app that says when keys may come: `standing` is to be set once its first screen stands."""

    def __init__(self) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.standing = threading.Event()


class TerminalDriver(LinuxDriver):
    """Reads keys like Textual's own, but one after the other, and nothing that comes ends the app.

    That is bytes that are no text, pastes full of keys, and many keys in one packet of a slow connection.
    """

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert isinstance(app, TypedApp)
        self._of = app
        self._loop_of = asyncio.get_running_loop()
        self._settling: Future[None] | None = None
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
        return min(width or 80, _MOST_COLUMNS), min(height or 24, _MOST_LINES)

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
                # Nothing at all would be the end of the input.
                self._hand_on([*(parser.feed(text) if text else ()), *parser.tick()])

    def _hand_on(self, events: Sequence[Message]) -> None:
        """Give events to the app; a key only after what the key before it has set off."""
        typed = sum(isinstance(event, Key) for event in events) <= _TYPED
        for event in events:
            if isinstance(event, Resize) and not self._in_band_window_resize:
                continue  # a size that nobody asked for
            if isinstance(event, Key) and typed:
                self._wait_for_the_last()
            self.process_message(event)
            if isinstance(event, Key) and typed:
                self._settling = asyncio.run_coroutine_threadsafe(settled(self._of), self._loop_of)

    def _wait_for_the_last(self) -> None:
        """Wait for the first screen, and for the last key's end; but not for ever, and not when the app ends."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._of.standing.wait(0.01) and time.monotonic() < deadline and not self.exit_event.is_set():
            pass
        deadline = time.monotonic() + _SETTLE_SECONDS
        while self._settling and not self._settling.done() and time.monotonic() < deadline:
            if self.exit_event.wait(0.001):
                break

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
