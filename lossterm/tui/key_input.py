"""What a terminal or a browser sends, as events: cleaned of what nobody typed, and one key after the other."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from textual.app import App
from textual.driver import Driver
from textual.events import Key
from textual.message import Message
from textual.message_pump import MessagePump

try:
    from textual._xterm_parser import XTermParser  # not a public name: without it Textual's own reading must do
except ImportError:
    XTermParser = None  # type: ignore[assignment, misc]
HAS_PARSER = XTermParser is not None

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_REPORT = re.compile(r"\x1b[\]PX^_][^\x1b\x07]*(?:\x07|\x1b\\)")
"""A string that a terminal answers a question with (its colours, its name): an OSC, DCS, SOS, PM or APC sequence."""

_TYPED = 100
"""As many keys at once may have been typed ahead; more are a paste from a terminal that does not mark it, or noise."""
_SETTLE_SECONDS = 0.5
_START_SECONDS = 10.0
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

    def __init__(self, driver_class: type[Driver]) -> None:
        super().__init__(driver_class=driver_class)
        self.standing = threading.Event()


class KeyInput:
    """Reads bytes as events and hands them to the app, a key only after what the key before it has set off."""

    def __init__(
        self,
        app: TypedApp,
        loop: asyncio.AbstractEventLoop,
        process: Callable[[Message], object],
        ended: threading.Event,
    ):
        """Read for an app, in a thread that is not its event loop's.

        Args:
            app: Whose keys they are.
            loop: The app's event loop.
            process: Takes an event: the driver's `process_message`.
            ended: Set when the app ends; nothing is waited for then.
        """
        self._app, self._loop, self._process, self._ended = app, loop, process, ended
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._guard = Guard()
        self._settling: Future[None] | None = None

    def feed(self, data: bytes) -> None:
        """Take the next bytes; none at all where nothing came for a while, so that a lone escape is noticed."""
        text = self._guard.feed(self._decode(data)) if data else ""
        # An empty text would be the end of the input for the parser.
        self._hand_on([*(self._parser.feed(text) if text else ()), *self._parser.tick()])

    def _hand_on(self, events: Sequence[Message]) -> None:
        typed = sum(isinstance(event, Key) for event in events) <= _TYPED
        for event in events:
            if isinstance(event, Key) and typed:
                self._wait_for_the_last()
            self._process(event)
            if isinstance(event, Key) and typed:
                self._settling = asyncio.run_coroutine_threadsafe(settled(self._app), self._loop)

    def _wait_for_the_last(self) -> None:
        """Wait for the first screen, and for the last key's end; but not for ever, and not when the app ends."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._app.standing.wait(0.01) and time.monotonic() < deadline and not self._ended.is_set():
            pass
        deadline = time.monotonic() + _SETTLE_SECONDS
        while self._settling and not self._settling.done() and time.monotonic() < deadline:
            if self._ended.wait(0.001):
                break
