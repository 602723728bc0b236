"""Progress bars on a terminal: one for each run that trains, and one for all of them together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn

from ..experiments.presets import Preset
from ..formatting import duration, number, run_name, run_outcome
from ..runs.records import ENDED, Run
from ..text import one_line
from .comparison import Curve
from .output import console
from .progress import next_steps, print_summary
from .run_monitor import Update

_PAINT_SECONDS = 0.1
_WIDE = 100


class BarView:
    """A bar for each active run and one for all of them; a run that has ended leaves its final line above them."""

    def __init__(self, count: int):
        """Show `count` runs."""
        self._console = console()
        self._count = count
        self._painted = 0.0
        columns: list[ProgressColumn] = [
            _text_column("description"),
            BarColumn(bar_width=None),
            _text_column("fields[epochs]"),
        ]
        if self._console.width >= _WIDE:
            columns.append(_text_column("fields[pace]"))
        columns.append(_text_column("fields[words]"))
        self._progress = Progress(*columns, console=self._console, auto_refresh=False, expand=True, transient=True)
        self._tasks: dict[int, TaskID] = {}
        self._all = self._progress.add_task("", total=count, epochs="", pace="", words="")

    def __enter__(self) -> BarView:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, runs: Sequence[Run], update: Update) -> None:
        """Move the bars, ten times a second at most."""
        for run in update.changed:
            if run.status not in ENDED and run.status != "queued":
                self._move(run)
        queued = sum(run.status == "queued" for run in runs)
        done = sum(run.status in ENDED for run in runs)
        self._progress.update(
            self._all,
            visible=self._count > 1 or queued > 0,
            completed=done,
            description="all runs" if self._count > 1 else run_name(runs[0]),
            epochs=f"{done}/{self._count}" if self._count > 1 else "",
            words=_waiting_words(queued, update),
        )
        now = time.monotonic()
        if now - self._painted >= _PAINT_SECONDS:
            self._painted = now
            self._progress.refresh()

    def ended(self, run: Run) -> None:
        """Leave the run's final line above the bars, and what to do next."""
        task = self._tasks.pop(run.id, None)
        if task is not None:
            self._progress.remove_task(task)
        self.warn(f"run {run.id}: {run_name(run)}: {run_outcome(run)}")
        for line in next_steps(run):
            self.warn(f"run {run.id}: {line}")

    def warn(self, text: str) -> None:
        """Leave a line above the bars."""
        self._console.print(one_line(text), soft_wrap=True)

    def summary(self, runs: Sequence[Run], preset: Preset | None, test_metric: Curve) -> None:
        """Print the table of scores and what follows from it, where there is more than one."""
        if len(runs) > 1:
            self._console.print()
            print_summary(runs, preset, test_metric)

    def _move(self, run: Run) -> None:
        task = self._tasks.get(run.id)
        if task is None:
            task = self._progress.add_task(run_name(run), total=run.config.epochs, epochs="", pace="", words="")
            self._tasks[run.id] = task
        self._progress.update(
            task,
            completed=run.epochs_done + run.progress,
            epochs=f"{run.epochs_done}/{run.config.epochs}",
            pace=_pace(run),
            words=one_line(_activity(run)),
        )


def _text_column(field: str) -> TextColumn:
    return TextColumn(f"{{task.{field}}}", markup=False)


def _waiting_words(queued: int, update: Update) -> str:
    """What the queued runs wait for."""
    states = {trainer.state for trainer in update.trainers}
    if queued and (not states or states == {"loading"}):
        return "loading TensorFlow"
    return f"{queued} queued" if queued else ""


def _pace(run: Run) -> str:
    """The time of an epoch and the time that is left."""
    if run.last is None or not run.epochs_done or run.seconds is None:
        return ""
    left = (run.config.epochs - run.epochs_done) * run.seconds / run.epochs_done
    return f"{duration(run.last.seconds)}/epoch, {duration(left)} left"


def _activity(run: Run) -> str:
    """What the run is doing, or its latest losses."""
    if run.status == "starting":
        return run.phase or "starting"
    if run.request == "stop":
        return "stopping"
    if run.status == "paused":
        return "paused"
    if run.request == "pause":
        return "pausing"
    if run.last is None:
        return "training"
    return f"loss {number(run.last.train_loss)}, {run.config.measured_set} {number(run.last.test_loss)}"
