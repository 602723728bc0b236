"""The app itself, thin: it opens the main screen, restores the terminal whatever ends it, and asks before leaving."""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType

from rich.console import Console
from textual import on
from textual.app import SystemCommand
from textual.binding import Binding
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen

from ..paths import keep_trace
from ..store import Store
from ..text import in_browser, locale_is_ascii, printable
from .contrast import ContrastFilter
from .key_input import TypedApp
from .keymap import KEYS, Key
from .messages import LogRead, Notification, Severity, StopAllRuns
from .screens.dialogs import Leave, QuitScreen, TextScreen
from .screens.main_screen import MainScreen
from .screens.reference import help_text
from .store_worker import StoreWorker
from .terminal import AsciiFilter, PrintableFilter, TerminalDriver, TerminalWatch

_CONTRAST = ContrastFilter()
_SAME_NOTICE_SECONDS = 3.0
_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class LosstermApp(TypedApp):
    """lossterm on a terminal."""

    TITLE = "lossterm"
    CSS_PATH = Path(__file__).with_name("lossterm.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [Binding("ctrl+q,ctrl+c", "quit", "Quit", show=False, priority=True)]  # in fields and dialogs too

    def __init__(self, store: Path, device: str = "auto", ascii_only: bool = False, trainers: int | None = None):
        """Follow the store at `store`; new runs ask for `device`; `ascii_only` shows nothing but ASCII.

        trainers: how many runs train at once at most; None for as many as help.
        """
        super().__init__(_driver())
        self._early = 0
        self._last_notice = ("", 0.0)
        self._text_filter = AsciiFilter() if ascii_only else PrintableFilter()
        self._worker = StoreWorker(store, device, self._post, trainers)
        self._main = MainScreen(self._worker.send, self._worker.start, device, ascii_only)

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
        self.close_worker()

    def close_worker(self) -> None:
        """End the thread that follows the store, after what was asked of it before."""
        if self._worker.is_alive():
            self._worker.close()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and ours: text that can be read, and nothing that a terminal would take for a command."""
        return [*super().get_line_filters(), _CONTRAST, self._text_filter]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Textual's own commands, and every action of the table."""
        yield from (c for c in super().get_system_commands(screen) if c.title not in ("Quit", "Keys", "Screenshot"))
        for key in KEYS:
            yield SystemCommand(f"{key.label.capitalize()} ({key.shown})", key.help, self._command(key))

    def _command(self, key: Key) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            if key.owner == "app":
                await self.run_action(key.action)
            else:
                await self._main.action_perform(key.owner, key.action)

        return run

    @on(Notification)
    def _notified(self, event: Notification) -> None:
        self.notify(event.text, severity=event.severity)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice, whoever wrote its text: as plain text, and harmless to the terminal.

        One that was shown a moment ago is not shown again beside itself, as for a key that is held down.
        """
        text = "\n".join(printable(line) for line in message.splitlines())
        now, (last, since) = time.monotonic(), self._last_notice
        if text == last and now - since < _SAME_NOTICE_SECONDS:
            return
        self._last_notice = text, now
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=markup)

    @on(LogRead)
    def _log_read(self, event: LogRead) -> None:
        self.push_screen(TextScreen(event.name, event.text, end=True))

    def action_help(self) -> None:
        """Show the help."""
        self.push_screen(TextScreen("lossterm · help", help_text(), markup=True))

    def action_save_picture(self) -> None:
        """Save the screen as an SVG picture in the present folder; a browser gets it as a file of its own."""
        if self.is_web:
            self.deliver_screenshot()
            return
        try:
            path = self.save_screenshot(path=str(Path.cwd()))
        except OSError as error:
            reason = error.strerror or str(error)
            self.notify(f"the picture cannot be written: {reason}", severity="error", markup=False)
        else:
            self.notify(f"saved {path}", markup=False)

    async def action_quit(self) -> None:
        """Leave; while something trains, ask what becomes of it."""
        if isinstance(self.screen, QuitScreen):
            return
        busy = self._main.state.runs.busy
        if not busy:
            self.exit(0)
            return
        queued = sum(run.status == "queued" for run in busy)
        self.push_screen(QuitScreen(len(busy) - queued, queued), self._leave)

    def _leave(self, choice: Leave | None) -> None:
        if choice == "stop":
            self._worker.send(StopAllRuns())
        if choice is not None:
            self.exit(0)


def _driver() -> type[Driver]:
    """What reads keys and writes the screen: of a browser where textual-serve started the app, else of a terminal."""
    if not in_browser():
        return TerminalDriver
    from .browser import BrowserDriver

    return BrowserDriver


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
    browser = in_browser()
    app = LosstermApp(store, device, ascii or (locale_is_ascii() and not browser), trainers)
    trace = io.StringIO()
    app.error_console = Console(file=trace, markup=False, highlight=False, width=120)
    watch = TerminalWatch(app.close_worker)
    if not browser:
        watch.start()
    app.heed_signals()
    app.run()
    watch.stop()
    if trace.getvalue():
        print(f"lossterm: internal error in the app{keep_trace(trace.getvalue())}", file=sys.stderr)
        return app.return_code or 1
    return app.return_code or 0
