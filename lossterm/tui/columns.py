"""The columns of the runs table: one row of `COLUMNS` for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..catalog import LOSSES, MENU_DATASETS, PARAMETERS, Setting
from ..config import SETTINGS
from ..formatting import MISSING, duration, mean_and_sd, number, status_role, status_words
from ..runs.records import Run
from .run_data import ShownRuns

Value = float | str | None

CURVE = "curve"
"""The role of a cell in the colour of the run's curve."""


@dataclass(frozen=True)
class Listed:
    """What is known of all runs together.

    Attributes:
        noted: Whether any has a note.
        varied: Whether the loss of any has parameters other than Keras's, or comes from a file.
    """

    noted: bool = False
    varied: bool = False


@dataclass(frozen=True)
class RunColumn:
    """One column.

    Attributes:
        name: Its name, by which runs are sorted.
        title: Its heading.
        width: In cells, without the space after it.
        value: What it sorts by, given a run and the runs in the chart; None where there is no value.
        text: What it shows, given the same.
        right: Whether it stands to the right, as numbers do.
        brief: The heading where the table is narrow; the title where left out.
        narrow: The width where the table is narrow; `width` where left out.
        role: The role of its cells: a name of `lines.ROLES`, `CURVE`, or what gives it for a run.
        shows: Whether it is there at all, given the runs in the chart and what is known of all runs.
        compares: Whether its values depend on the runs in the chart.
    """

    name: str
    title: str
    width: int
    value: Callable[[Run, ShownRuns], Value]
    text: Callable[[Run, ShownRuns], str]
    right: bool = True
    brief: str = ""
    narrow: int = 0
    role: str | Callable[[Run], str] = "muted"
    shows: Callable[[ShownRuns, Listed], bool] = lambda _shown, _listed: True
    compares: bool = False

    def heading(self, narrow: bool) -> str:
        """The heading in a wide or a narrow table."""
        return (narrow and self.brief) or self.title

    def cells(self, narrow: bool) -> int:
        """The width in a wide or a narrow table."""
        return (narrow and self.narrow) or self.width

    def role_of(self, run: Run) -> str:
        """The role of a run's cell."""
        return self.role if isinstance(self.role, str) else self.role(run)

    def sort_key(self, run: Run, shown: ShownRuns) -> tuple[bool, float | str]:
        """What a run sorts by: whether it lacks a value, and the value."""
        value = self.value(run, shown)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return (True, 0.0)
        return (False, value)


def _plain(name: str, title: str, width: int, value: Callable[[Run], Value], **more: object) -> RunColumn:
    """A column that shows its value as it is, to the left."""
    return RunColumn(name, title, width, lambda run, _: value(run), lambda run, _: str(value(run)), right=False, **more)  # type: ignore[arg-type]


def _score(name: str, title: str, brief: str, role: str = "muted") -> RunColumn:
    """A final score, or while there is none yet the last epoch's."""

    def value(run: Run, _: ShownRuns) -> float | None:
        source = run.scores or run.last
        return None if source is None else float(getattr(source, name))

    text = lambda run, shown: number(value(run, shown))  # noqa: E731
    return RunColumn(name, title, len(title), value, text, brief=brief, narrow=7, role=role)


def _setting(setting: Setting) -> RunColumn:
    """A setting or a parameter of losses, there where the runs in the chart differ in it."""
    return RunColumn(
        setting.name,
        setting.heading,
        7,
        lambda run, _: _sortable(run.config.setting(setting.name)),
        lambda run, _: _written(setting, run.config.setting(setting.name)),
        role="changed",
        shows=lambda shown, _listed: shown.differ_in(setting.name),
    )


def _written(setting: Setting, value: object) -> str:
    """A value as a cell shows it; a parameter that the run's loss does not have is missing."""
    return MISSING if value is None else setting.written(value)


def _sortable(value: object) -> Value:
    if value is None:
        return None
    if isinstance(value, tuple):  # the widths of layers: by their number of units
        return float(sum(value))
    return float(value) if isinstance(value, (int, float)) else str(value)


def _best(run: Run, _: ShownRuns) -> str:
    return f"{number(run.best.test_metric)} @{run.best.epoch}" if run.best else MISSING


def _mean(run: Run, shown: ShownRuns) -> float | None:
    return shown.spread[run.id].mean if run.id in shown.spread else None


def _mean_words(run: Run, shown: ShownRuns) -> str:
    entry = shown.spread.get(run.id)
    return mean_and_sd(entry.mean, entry.sd) if entry else MISSING


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("id", "#", 5, lambda run, _: run.id, lambda run, _: str(run.id), narrow=4),
    RunColumn(
        "loss",
        "loss",
        max(len(loss.short) for loss in LOSSES),
        lambda run, _: run.config.loss,
        lambda run, _: run.config.loss_entry.short,
        right=False,
        role=CURVE,
    ),
    _plain(
        "full_loss",
        "loss in full",
        19,
        lambda run: run.config.loss_as_typed,
        narrow=16,
        role="changed",
        shows=lambda _shown, listed: listed.varied,
    ),
    _plain(
        "dataset",
        "dataset",
        max(len(dataset.name) for dataset in MENU_DATASETS),
        lambda run: run.config.dataset,
        role="text",
    ),
    RunColumn("seed", "seed", 4, lambda run, _: run.config.seed, lambda run, _: str(run.config.seed)),
    RunColumn(
        "status",
        "status",
        11,
        lambda run, _: run.status,
        lambda run, _: status_words(run),
        right=False,
        narrow=8,
        role=lambda run: status_role(run.status),
    ),
    RunColumn(
        "epochs",
        "epochs",
        7,
        lambda run, _: run.epochs_done,
        lambda run, _: f"{run.epochs_done}/{run.config.epochs}",
    ),
    *(_setting(setting) for setting in SETTINGS.values() if setting.compared and setting.name != "epochs"),
    *(_setting(parameter.setting) for parameter in PARAMETERS.values()),
    _score("train_loss", "train loss", "tr loss"),
    _score("test_loss", "test loss", "te loss"),
    _score("train_metric", "train metric", "tr metr"),
    _score("test_metric", "test metric", "te metr", role="text"),
    RunColumn(
        "best",
        "best @epoch",
        12,
        lambda run, _: run.best.test_metric if run.best else None,
        _best,
        role="text",
    ),
    RunColumn(
        "over_seeds",
        "mean ± sd",
        17,
        _mean,
        _mean_words,
        shows=lambda shown, _listed: bool(shown.spread),
        compares=True,
    ),
    RunColumn("seconds", "time", 7, lambda run, _: run.seconds, lambda run, _: duration(run.seconds)),
    _plain("device", "device", 6, lambda run: run.device),
    _plain("note", "note", 24, lambda run: run.note, narrow=16, shows=lambda _shown, listed: listed.noted),
)


def columns_for(shown: ShownRuns, listed: Listed) -> tuple[RunColumn, ...]:
    """The columns that are there.

    Args:
        shown: The runs in the chart.
        listed: What is known of all runs together.

    Returns:
        Those of `COLUMNS` that say something.
    """
    return tuple(column for column in COLUMNS if column.shows(shown, listed))


_YIELDING = ("train_loss", "train_metric", "test_loss", "epochs")
"""The columns that make way, in this order, where the test metric would be out of view."""


def in_view(columns: Sequence[RunColumn], width: int) -> Sequence[RunColumn]:
    """Put the test metric and the notes where they are in view: before other scores, and the columns that do not fit.

    Args:
        columns: The columns that are there.
        width: The cells for them.

    Returns:
        The same columns; those that are out of view can be scrolled to.
    """
    if _cells(columns) <= width:
        return columns
    notes = [column for column in columns if column.name == "note"]
    room = width - _cells(notes)
    others = _with_test_metric([column for column in columns if column.name != "note"], room)
    place = next((at for at in range(len(others)) if _cells(others[: at + 1]) > room), len(others))
    return [*others[:place], *notes, *others[place:]]


def _with_test_metric(columns: list[RunColumn], room: int) -> list[RunColumn]:
    """The columns with as many scores behind the others as it takes for the test metric to fit; as they are if none."""
    arranged = list(columns)
    for name in ("", *_YIELDING):
        arranged.sort(key=lambda column: column.name == name)
        names = [column.name for column in arranged]
        if "test_metric" not in names or _cells(arranged[: names.index("test_metric") + 1]) <= room:
            return arranged
    return columns


def _cells(columns: Sequence[RunColumn]) -> int:
    """The width of columns in a narrow table, with a space after each."""
    return sum(column.cells(True) + 1 for column in columns)
