"""How `lossterm compare` shows where it is: a bar on a terminal, plain lines elsewhere, nothing with --json."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from ..formatting import duration
from ..text import one_line
from .output import console, say, say_error

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_SECONDS = 5.0
_PAINT_SECONDS = 0.1
_FEWEST_FOR_TIME = 3
"""Runs that must have ended before the time left is said."""


class StageView(Protocol):
    """What is shown of a comparison. A context manager: leaving it restores the terminal."""

    def __enter__(self) -> StageView:
        """Take the terminal."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""

    def stage(self, words: str, total: int, done: int) -> None:
        """Begin a stage: what it does, in words, how many runs it has, and how many have ended already."""

    def move(self, done: int, words: str = "") -> None:
        """Show how many runs of the stage have ended, and what they wait for."""

    def warn(self, text: str) -> None:
        """Show something that is not progress."""


def stage_view(as_json: bool) -> StageView:
    """The view that fits what was asked for and where the output goes."""
    if as_json:
        return SilentView()
    if not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return StageLines()
    return StageBar()


class _Pace:
    """The time left of a stage, from the runs that ended since it began."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = self._total = 0

    def begin(self, total: int, done: int) -> None:
        self._began, self._total, self._before = time.monotonic(), total, done

    def left(self, done: int) -> str:
        """As "12 s left"; empty while it cannot be told."""
        ended = done - self._before
        if ended < _FEWEST_FOR_TIME or done >= self._total:
            return ""
        return f"{duration((time.monotonic() - self._began) / ended * (self._total - done))} left"


class SilentView:
    """Nothing but warnings, on standard error."""

    def __enter__(self) -> SilentView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def stage(self, words: str, total: int, done: int) -> None:
        """Nothing."""

    def move(self, done: int, words: str = "") -> None:
        """Nothing."""

    def warn(self, text: str) -> None:
        """Print a line on standard error."""
        say_error(text)


class StageLines(SilentView):
    """A line as a stage begins, and one every few seconds."""

    def __init__(self) -> None:
        self._pace = _Pace()
        self._words, self._total, self._said = "", 0, 0.0

    def stage(self, words: str, total: int, done: int) -> None:
        """Print what is done next."""
        self._pace.begin(total, done)
        self._words, self._total, self._said = words, total, time.monotonic()
        say(f"{words}: {total - done:,} run{'' if total - done == 1 else 's'}")

    def move(self, done: int, words: str = "") -> None:
        """Print where the stage is."""
        if time.monotonic() - self._said > _LINE_SECONDS:
            self._said = time.monotonic()
            say(", ".join(filter(None, (f"{self._words}: {done:,}/{self._total:,}", self._pace.left(done), words))))


class StageBar:
    """A bar for the present stage; those before it leave a line."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = console()
        self._pace = _Pace()
        self._painted = 0.0
        self._progress: Progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[words]}", markup=False),
            console=self._console,
            auto_refresh=False,
            expand=True,
            transient=True,
        )
        self._task: TaskID | None = None
        self._total = 0

    def __enter__(self) -> StageBar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def stage(self, words: str, total: int, done: int) -> None:
        """Begin a bar; the one before it leaves a line."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self.warn(f"{words}: {total:,} run{'' if total == 1 else 's'}")
        self._pace.begin(total, done)
        self._total = total
        self._task = self._progress.add_task(one_line(words), total=total, completed=done, words="")

    def move(self, done: int, words: str = "") -> None:
        """Move the bar, ten times a second at most."""
        now = time.monotonic()
        if self._task is None or now - self._painted < _PAINT_SECONDS:
            return
        self._painted = now
        said = " · ".join(filter(None, (f"{done:,}/{self._total:,}", self._pace.left(done), words)))
        self._progress.update(self._task, completed=done, words=one_line(said))
        self._progress.refresh()

    def warn(self, text: str) -> None:
        """Leave a line above the bar."""
        self._console.print(one_line(text), soft_wrap=True)
