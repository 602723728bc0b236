"""How `lossterm run` shows runs as they train: JSON alone, plain lines in a pipe, or progress bars on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol

from ..records import Run
from .follow import Tick
from .output import print_json, print_table, say, say_error
from .shapes import RUN_COLUMNS, name_of, run_row
from .words import after_words, end_words, where

_LINE_SECONDS = 5.0


class View(Protocol):
    """What is shown of followed runs. A context manager: leaving it restores the terminal."""

    def __enter__(self) -> View:
        """Take the terminal."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""

    def show(self, runs: Sequence[Run], tick: Tick) -> None:
        """Show where the runs stand."""

    def ended(self, run: Run) -> None:
        """Tell of a run that has ended."""

    def warn(self, text: str) -> None:
        """Tell of something that is not a run's end."""

    def summary(self, runs: Sequence[Run]) -> None:
        """Tell of all the runs, at the very end."""


class Notices:
    """Warnings that hold for a while, looked at again and again but told only as they change."""

    def __init__(self, warn: Callable[[str], None]):
        """Tell them with `warn`."""
        self._warn = warn
        self._last: dict[str, str] = {}

    def say(self, about: str, text: str, over: str = "") -> None:
        """What is to be said about something now, empty for nothing; `over` is told when that is all again."""
        if text == self._last.get(about, ""):
            return
        self._last[about] = text
        if text or over:
            self._warn(text or over)


def view_for(as_json: bool, ids: Sequence[int]) -> View:
    """The view that fits what was asked for and where the output goes."""
    dumb = os.environ.get("TERM") in ("dumb", "unknown")
    if as_json:
        return JsonView()
    if not sys.stdout.isatty() or dumb:
        return PlainView()
    from .bars import BarView

    return BarView(len(ids))


class PlainView:
    """Plain lines, as the runs move on."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[str, float]] = {}

    def __enter__(self) -> PlainView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, runs: Sequence[Run], tick: Tick) -> None:
        """A line for each change of state, and one every few seconds of training."""
        for run in tick.changed:
            before, at = self._said.get(run.id, ("", 0.0))
            now = time.monotonic()
            if run.status in ("starting", "running", "paused") and (before != run.status or now - at > _LINE_SECONDS):
                self._said[run.id] = (run.status, now)
                say(f"run {run.id}: {name_of(run)}: {where(run)}")

    def ended(self, run: Run) -> None:
        """The run's final line."""
        say(f"run {run.id}: {name_of(run)}: {end_words(run)}")
        for line in after_words(run):
            say(f"run {run.id}: {line}")

    def warn(self, text: str) -> None:
        """A line on stderr."""
        say_error(text)

    def summary(self, runs: Sequence[Run]) -> None:
        """The table of scores."""
        print_table(RUN_COLUMNS, (run_row(run) for run in runs))


class JsonView(PlainView):
    """One JSON object a run as it ends, and nothing else on stdout."""

    def show(self, runs: Sequence[Run], tick: Tick) -> None:
        """Nothing."""

    def ended(self, run: Run) -> None:
        """The run's object; why it ended badly goes to stderr."""
        print_json(run.as_json())
        if run.ended_badly:
            self.warn(f"run {run.id}: {end_words(run)}")
            for line in after_words(run):
                self.warn(f"run {run.id}: {line}")

    def summary(self, runs: Sequence[Run]) -> None:
        """Nothing."""
