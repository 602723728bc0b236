"""The columns of the runs table: what each holds, how it is written, how it sorts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..ranking import Entry, ranked, same_but_seed
from ..records import Run

Value = float | str | None


@dataclass(frozen=True)
class Column:
    """One column. name: as in the store; title: its heading; width: in cells, without the space after it.

    value: what it sorts by. text: what it shows. right: numbers stand to the right.
    brief, narrow: heading and width where the terminal is narrow; the title's and width's own if left out.
    setting: a setting in which the compared runs differ, shown to stand out.
    """

    name: str
    title: str
    width: int
    value: Callable[[Run], Value]
    text: Callable[[Run], str]
    right: bool = True
    brief: str = ""
    narrow: int = 0
    setting: bool = False

    def heading(self, brief: bool) -> str:
        """The heading in a wide or a narrow terminal."""
        return (brief and self.brief) or self.title

    def cells(self, brief: bool) -> int:
        """The width in a wide or a narrow terminal."""
        return (brief and self.narrow) or self.width


def number(value: float | None) -> str:
    """A loss or metric in at most 7 cells: three decimals as in the tutorial, powers of ten beyond."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    if value != 0 and not 0.0005 <= abs(value) < 100_000:
        return f"{value:.1e}"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.0f}"


def duration(seconds: float | None) -> str:
    """A time in at most 6 cells."""
    if seconds is None:
        return "–"
    if seconds < 100:
        return f"{seconds:.1f}" if seconds >= 0.95 else f"{seconds:.2f}"
    if seconds < 6000:
        return f"{seconds / 60:.0f}m{seconds % 60:02.0f}s" if seconds < 600 else f"{seconds / 60:.0f}m"
    return f"{seconds / 3600:.1f}h"


def _score(part: str) -> Callable[[Run], float | None]:
    """A final score, or while there is none yet the last epoch's."""

    def value(run: Run) -> float | None:
        source = run.scores or run.last
        return None if source is None else float(getattr(source, part))

    return value


def _best(run: Run) -> str:
    return f"{number(run.best.test_metric)} @{run.best.epoch}" if run.best else "–"


def status_words(run: Run) -> str:
    """The run's state in a word, with what is asked of it."""
    if run.request is not None and run.status in ("starting", "running", "paused"):
        return {"stop": "stopping", "pause": "pausing" if run.status != "paused" else "paused"}[run.request]
    return run.status


def _scored(name: str, title: str, brief: str) -> Column:
    value = _score(name)
    return Column(name, title, len(title), value, lambda run: number(value(run)), brief=brief, narrow=7)


COLUMNS: tuple[Column, ...] = (
    Column("id", "#", 4, lambda run: run.id, lambda run: str(run.id)),
    Column("loss", "loss", 5, lambda run: run.experiment.loss, lambda run: run.experiment.loss_entry.short, False),
    Column("dataset", "dataset", 10, lambda run: run.experiment.dataset, lambda run: run.experiment.dataset, False),
    Column("seed", "seed", 4, lambda run: run.experiment.seed, lambda run: str(run.experiment.seed)),
    Column("status", "status", 11, lambda run: run.status, status_words, False, narrow=8),
    Column(
        "epochs", "epochs", 7, lambda run: run.epochs_done, lambda run: f"{run.epochs_done}/{run.experiment.epochs}"
    ),
    _scored("train_loss", "train loss", "tr loss"),
    _scored("test_loss", "test loss", "te loss"),
    _scored("train_metric", "train metric", "tr metr"),
    _scored("test_metric", "test metric", "te metr"),
    Column("best", "best @epoch", 12, lambda run: run.best.test_metric if run.best else None, _best),
    Column("seconds", "s", 6, lambda run: run.seconds, lambda run: duration(run.seconds)),
    Column("device", "device", 6, lambda run: run.device, lambda run: run.device, False),
)


_BRIEF_SETTINGS = {
    "batch_size": "batch",
    "learning_rate": "lr",
    "momentum": "mom",
    "hidden_units": "hidden",
    "samples": "samples",
    "noise": "noise",
    "train_fraction": "train",
    "outlier_fraction": "outlier",
    "label_noise": "l.noise",
}


def columns_for(shown: Sequence[Run], runs: Iterable[Run]) -> tuple[Column, ...]:
    """The table's columns: before the device, the settings in which the `shown` runs differ; last, notes if any."""
    differing = [name for name in _BRIEF_SETTINGS if len({getattr(run.experiment, name) for run in shown}) > 1]
    at = next(number for number, column in enumerate(COLUMNS) if column.name == "train_loss")
    columns = (*COLUMNS[:at], *(_setting(name) for name in differing), *COLUMNS[at:])
    several = [group for group in same_but_seed(shown) if len(group) > 1]
    if several:
        columns = (*columns[:-2], _over_seeds(several), *columns[-2:])
    if any(run.note for run in runs):
        columns = (*columns, Column("note", "note", 24, lambda run: run.note, lambda run: run.note, False))
    return columns


def _over_seeds(groups: Sequence[Sequence[Run]]) -> Column:
    """Mean and standard deviation of the test metric over the seeds that a run is one of."""
    spread: dict[int, Entry] = {}
    for group in groups:
        for entry in ranked(group, {run.id: "" for run in group}):
            spread.update({run.id: entry for run in group})

    def text(run: Run) -> str:
        entry = spread.get(run.id)
        return f"{number(entry.mean)} ± {number(entry.sd)}" if entry else "–"

    return Column("over_seeds", "mean ± sd", 17, lambda run: spread[run.id].mean if run.id in spread else None, text)


def _setting(name: str) -> Column:
    def value(run: Run) -> float:
        return float(getattr(run.experiment, name))

    return Column(name, _BRIEF_SETTINGS[name], 7, value, lambda run: f"{value(run):g}", setting=True)


def sort_key(column: Column, run: Run) -> tuple[bool, float | str]:
    """What a run sorts by in a column: whether it lacks a value, and the value."""
    value = column.value(run)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return (True, 0.0)
    return (False, value)
