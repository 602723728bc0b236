"""How `lossterm run` shows runs as they train where there is no terminal: plain lines, or JSON alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Protocol

from ..experiments.presets import Preset
from ..formatting import run_name, run_outcome, run_position
from ..runs.records import Run
from ..store import StoreError
from .comparison import Curve, print_comparisons, print_finding
from .formats import RUN_COLUMNS, run_row, run_row_json
from .output import print_json, print_table, say, say_error
from .run_monitor import RunMonitor, RunSignals, Update

_LINE_SECONDS = 5.0


class ProgressView(Protocol):
    """What is shown of followed runs. A context manager: leaving it restores the terminal."""

    def __enter__(self) -> ProgressView:
        """Take the terminal."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""

    def show(self, runs: Sequence[Run], update: Update) -> None:
        """Show where the runs stand."""

    def ended(self, run: Run) -> None:
        """Show how a run ended."""

    def warn(self, text: str) -> None:
        """Show something that is not a run's end."""

    def summary(self, runs: Sequence[Run], preset: Preset | None, test_metric: Curve) -> None:
        """Show all the runs, at the very end, how they compare, and what their preset showed."""


class Notices:
    """Warnings that hold for a while, looked at again and again but shown only as they change."""

    def __init__(self, warn: Callable[[str], None]):
        """Show them with `warn`."""
        self._warn = warn
        self._last: dict[str, str] = {}

    def say(self, about: str, text: str, over: str = "") -> None:
        """Show what is to be said about something now, if that has changed.

        Args:
            about: Which warning this is.
            text: The warning; empty where there is none.
            over: What to show once it no longer holds.
        """
        if text == self._last.get(about, ""):
            return
        self._last[about] = text
        if text or over:
            self._warn(text or over)


def followed(monitor: RunMonitor, notices: Notices, signals: RunSignals) -> Iterator[Update]:
    """Follow runs until all have ended, or Ctrl-C came twice: the first one asks them to stop.

    What keeps trainers from their work is said as it changes. Where the store does not take that runs are to stop, the
    next tick tries again.

    Raises:
        StoreError, LaunchError: As `RunMonitor.updates` does.
    """
    for update in monitor.updates():
        yield update
        notices.say("trouble", update.trouble, over="store: it can be used again")
        notices.say("stuck", update.stuck)
        if signals.interrupts > 1:
            return
        if signals.interrupts and not signals.answered:
            notices.say("stop", "stopping after the present epoch; Ctrl-C again leaves at once")
            try:
                monitor.stop()
                signals.answered = True
            except StoreError as error:
                notices.say("refusal", str(error))


class LineView:
    """Plain lines, as the runs move on."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[str, float]] = {}

    def __enter__(self) -> LineView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def show(self, runs: Sequence[Run], update: Update) -> None:
        """Print a line for each change of state, and one every few seconds of training."""
        for run in update.changed:
            before, at = self._said.get(run.id, ("", 0.0))
            now = time.monotonic()
            if run.status in ("starting", "running", "paused") and (before != run.status or now - at > _LINE_SECONDS):
                self._said[run.id] = (run.status, now)
                say(f"run {run.id}: {run_name(run)}: {run_position(run)}")

    def ended(self, run: Run) -> None:
        """Print the run's final line, and what to do next."""
        say(f"run {run.id}: {run_name(run)}: {run_outcome(run)}")
        for line in next_steps(run):
            say(f"run {run.id}: {line}")

    def warn(self, text: str) -> None:
        """Print a line on standard error."""
        say_error(text)

    def summary(self, runs: Sequence[Run], preset: Preset | None, test_metric: Curve) -> None:
        """Print the table of scores and what follows from it."""
        print_summary(runs, preset, test_metric)


class JsonView(LineView):
    """One JSON object a run as it ends, and nothing else on standard output."""

    def show(self, runs: Sequence[Run], update: Update) -> None:
        """Nothing."""

    def ended(self, run: Run) -> None:
        """Print the run's object; why it ended badly goes to standard error."""
        print_json(run_row_json(run))
        if run.ended_badly:
            self.warn(f"run {run.id}: {run_outcome(run)}")
            for line in next_steps(run):
                self.warn(f"run {run.id}: {line}")

    def summary(self, runs: Sequence[Run], preset: Preset | None, test_metric: Curve) -> None:
        """Nothing."""


def print_summary(runs: Sequence[Run], preset: Preset | None, test_metric: Curve) -> None:
    """Print the table of scores; of several runs how they compare, and what their preset showed."""
    print_table(RUN_COLUMNS, (run_row(run) for run in runs))
    print_comparisons(runs, test_metric)
    if preset is not None:
        print_finding(preset, runs)


def next_steps(run: Run) -> list[str]:
    """Say what a person can do after a run that did not finish: read its log, resume it."""
    lines = []
    if run.ended_badly and run.log:
        lines.append(f"log: {run.log}")
    if run.can_resume:
        lines.append(f"to go on: lossterm resume {run.id}")
    return lines
