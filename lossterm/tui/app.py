"""The app itself, thin: it opens the main screen, restores the terminal whatever ends it, and asks before leaving."""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.segment import Segment
from textual.app import SystemCommand
from textual.binding import Binding
from textual.color import Color
from textual.filter import LineFilter
from textual.screen import Screen

from ..crash import keep_trace
from ..plain import locale_is_plain
from ..store import Store
from .actions import ACTIONS
from .driver import TypedApp
from .feed import Feed
from .main_screen import MainScreen
from .screens.dialogs import Leave, QuitScreen
from .terminal_watch import TerminalWatch

_LOOKALIKES = {
    "-": "─━–−▔▁▂·",
    "|": "│┃",
    "+": "┌┐└┘├┤┬┴┼╭╮╰╯±",
    "#": "█▇▆▅▄▃▀▊▉▋▌",
    ".": "▍▎▏…",
    "*": "●★",
    ">": "▸→",
    "<": "←",
    "^": "▴▲↑",
    "v": "▾▼↓",
    "x": "×✗",
    "2": "²",
    '"': "“”",
    "'": "‘’",
    "8": "∞",
}
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
_ASCII = str.maketrans({character: plain for plain, alike in _LOOKALIKES.items() for character in alike})


class LosstermApp(TypedApp):
    """lossterm on a terminal."""

    TITLE = "lossterm"
    CSS_PATH = Path(__file__).with_name("lossterm.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]

    def __init__(self, store: Path, device: str = "auto", ascii_only: bool = False, trainers: int | None = None):
        """Follow the store at `store`; new runs ask for `device`; `ascii_only` shows nothing but ASCII.

        trainers: how many runs train at once at most; None for as many as help.
        """
        super().__init__()
        self._early = 0
        self._ascii = ascii_only
        self._ascii_filter = AsciiFilter()
        self._feed = Feed(store, device, self._post, trainers)
        self._main = MainScreen(self._feed, device, ascii_only)

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return self._main

    def _post(self, message: object) -> None:
        if self._main.is_attached:
            self._main.post_message(message)  # type: ignore[arg-type]

    def on_mount(self) -> None:
        """Paint all of it again when the shell gives the terminal back: what the shell wrote is on it."""
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def on_ready(self) -> None:
        """The first screen stands: signals are heeded from here on, and garbage is collected.

        What was loaded until now is left out of every collection to come.
        """
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        if self._early:
            self._signalled(self._early)
        self.standing.set()
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    def heed_signals(self) -> None:
        """Note a signal that comes before the first screen stands: it must not end the process with half a terminal."""
        for number in _SIGNALS:
            signal.signal(number, self._signalled_early)

    def _signalled_early(self, number: int, _frame: FrameType | None) -> None:
        self._early = number

    def _signalled(self, number: int) -> None:
        """Leave in order when the terminal goes away or the process is asked to end: training goes on."""
        self.exit(return_code=128 + number)

    def on_unmount(self) -> None:
        """Finish what was asked of the store."""
        self.close_feed()

    def close_feed(self) -> None:
        """End the thread that follows the store, after what was asked of it before."""
        if self._feed.is_alive():
            self._feed.close()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that leaves nothing but ASCII."""
        filters = list(super().get_line_filters())
        return [*filters, self._ascii_filter] if self._ascii else filters

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, and every action of the table."""
        yield from (c for c in super().get_system_commands(screen) if c.title not in ("Quit", "Keys", "Screenshot"))
        for action in ACTIONS:
            yield SystemCommand(
                f"{action.label.capitalize()} ({action.shown})", action.help, self._command(action.name)
            )

    def _command(self, name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self._main.run_action(name)

        return run

    async def action_quit(self) -> None:
        """Leave; while something trains, ask what becomes of it."""
        if isinstance(self.screen, QuitScreen):
            return
        busy = self._main.board.busy
        if not busy:
            self.exit(0)
            return
        queued = sum(run.status == "queued" for run in busy)
        self.push_screen(QuitScreen(len(busy) - queued, queued), self._leave)

    def _leave(self, choice: Leave | None) -> None:
        if choice == "stop":
            self._feed.ask(lambda store: store.stop_all())
        if choice is not None:
            self.exit(0)


class AsciiFilter(LineFilter):
    """Replaces every character beyond ASCII by one that looks like it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Translate a line's segments."""
        return [
            segment if segment.text.isascii() else Segment(_plain(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def _plain(text: str) -> str:
    return "".join(c if c < "\x7f" else "?" for c in text.translate(_ASCII))


def run_app(
    store: Path,
    device: str = "auto",
    ascii: bool = False,  # noqa: A002
    trainers: int | None = None,
) -> int:
    """Open the app and return the exit code: 0, 1 after a fault, 128 + N after signal N.

    Raises StoreError, before the screen is touched, where the store cannot be used.
    """
    Store(store).close()
    app = LosstermApp(store, device, ascii or locale_is_plain(), trainers)
    trace = io.StringIO()
    app.error_console = Console(file=trace, markup=False, highlight=False, width=120)
    watch = TerminalWatch(app.close_feed)
    watch.start()
    app.heed_signals()
    app.run()
    watch.stop()
    if trace.getvalue():
        print(f"lossterm: internal error in the app{keep_trace(trace.getvalue())}", file=sys.stderr)
        return app.return_code or 1
    return app.return_code or 0
