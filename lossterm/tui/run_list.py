"""The runs that there are, and the order in which the table shows them, worked out again only where it may differ."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..config import RunConfig
from ..experiments.timing import seconds_left, time_words
from ..runs.records import ACTIVE, Experiment, Run
from .columns import COLUMNS, Listed, RunColumn
from .experiments import Experiments
from .run_data import ShownRuns
from .run_filter import RunFilter, text_of
from .selection import Row

_MEASURED = 1000
"""So many of the newest runs say how long others will take."""


@dataclass(frozen=True)
class RunOrder:
    """How the table is ordered, and which runs it leaves out.

    Attributes:
        column: The name of the column that it is sorted by.
        descending: Whether the greatest value comes first.
        filter: Words that a run must have, as `RunFilter` reads them.
    """

    column: str = "id"
    descending: bool = True
    filter: str = ""

    def by(self, column: str) -> RunOrder:
        """Sort by a column, or turn the order round where it is that column already."""
        if column == self.column:
            return self.reversed()
        return replace(self, column=column, descending=column == "id")

    def by_next(self, columns: Sequence[RunColumn]) -> RunOrder:
        """Sort by the next of the columns that are there."""
        names = [column.name for column in columns]
        at = names.index(self.column) if self.column in names else 0  # it may have gone with what was compared
        return self.by(names[(at + 1) % len(names)])

    def reversed(self) -> RunOrder:
        """Turn the order round."""
        return replace(self, descending=not self.descending)

    def filtered(self, words: str) -> RunOrder:
        """Show the runs that have these words."""
        return replace(self, filter=words)


class RunList(Mapping[int, Run]):
    """All runs by id.

    Attributes:
        experiments: The experiments among them.
        version: Grows whenever a run comes, changes or goes.
    """

    def __init__(self) -> None:
        self._runs: dict[int, Run] = {}
        self._busy: dict[int, Run] = {}
        self._noted: set[int] = set()
        self._varied: set[int] = set()
        self._pinned: set[int] = set()
        self._texts: dict[int, str] = {}
        self._rows: list[int] | None = None
        self._arranged: list[Row] = []
        self._arranged_of: tuple[list[int], int] = ([], -1)
        self._rows_of: tuple[RunOrder, RunColumn, ShownRuns] = (RunOrder(), COLUMNS[0], ShownRuns())
        self.experiments = Experiments()
        self.version = 0

    def __getitem__(self, run_id: int) -> Run:
        return self._runs[run_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, run_id: object) -> bool:
        return run_id in self._runs

    def put(self, run: Run) -> None:
        """Take in a new run, or what has become of one."""
        old = self._runs.get(run.id)
        self._runs[run.id] = run
        self._texts.pop(run.id, None)
        self.experiments.put(run)
        _keep(self._noted, run.id, bool(run.note))
        _keep(self._varied, run.id, run.config.loss_is_varied)
        _keep(self._pinned, run.id, run.pinned)
        if run.status == "queued" or run.status in ACTIVE:
            self._busy[run.id] = run
        else:
            self._busy.pop(run.id, None)
        if self._rows is not None and (old is None or self._moves(old, run)):
            self._rows = None
        self.version += 1

    def remove(self, run_id: int) -> None:
        """Forget a run."""
        self._runs.pop(run_id, None)
        self._busy.pop(run_id, None)
        self._texts.pop(run_id, None)
        self._noted.discard(run_id)
        self._varied.discard(run_id)
        self._pinned.discard(run_id)
        self.experiments.remove(run_id)
        self._rows = None
        self.version += 1

    def clear(self) -> None:
        """Forget every run."""
        for kept in (self._runs, self._busy, self._noted, self._varied, self._pinned, self._texts):
            kept.clear()
        self.experiments.clear()
        self._rows = None
        self.version += 1

    def take_experiments(self, experiments: Iterable[Experiment]) -> None:
        """Take in experiments that are new or have another name."""
        found = list(experiments)
        self.experiments.take(found)
        if found:
            self._texts.clear()
            self._rows = None if self._rows_of[0].filter else self._rows

    @property
    def busy(self) -> list[Run]:
        """The runs that are queued or active, oldest first."""
        return [self._busy[run_id] for run_id in sorted(self._busy)]

    @property
    def listed(self) -> Listed:
        """What is known of all runs together."""
        return Listed(bool(self._noted), bool(self._varied))

    def newest(self, count: int) -> list[Run]:
        """The newest runs, newest first."""
        return [self._runs[run_id] for run_id in heapq.nlargest(count, self._runs)]

    def time_words(self, configs: Sequence[RunConfig]) -> str:
        """Say how long runs would take, by these where any is like them."""
        return time_words(configs, self.newest(_MEASURED))

    def seconds_left(self, runs: Sequence[Run]) -> float | None:
        """Estimate how long it takes until all of some runs have ended; None where it is not known yet."""
        return seconds_left(runs, time.time(), lambda: self.newest(_MEASURED))

    def arranged(self, order: RunOrder, columns: Sequence[RunColumn], shown: ShownRuns) -> Sequence[Row]:
        """The rows of the table: those of `rows`, the runs of an experiment together; each on its own where filtered.

        The same list as before where nothing changed.
        """
        rows = self.rows(order, columns, shown)
        asked = (self._rows or [], -1 if order.filter else self.experiments.version)
        if asked[0] is not self._arranged_of[0] or asked[1] != self._arranged_of[1]:
            self._arranged_of = asked
            self._arranged = list(rows) if order.filter else self.experiments.arranged(rows)
        return self._arranged

    def rows(self, order: RunOrder, columns: Sequence[RunColumn], shown: ShownRuns) -> Sequence[int]:
        """The ids of the runs that the table has, in its order.

        Args:
            order: The order and the filter.
            columns: The columns that are there; where the order's is not among them, it is the first.
            shown: The runs in the chart, on which some columns depend.

        Returns:
            Pinned runs first, runs without a value last, and the newest first among equals. The same list as before
            where nothing changed.
        """
        column = next((column for column in columns if column.name == order.column), columns[0])
        asked = (order, column, shown if column.compares else self._rows_of[2])
        if self._rows is None or asked != self._rows_of:
            self._rows_of = asked
            self._rows = self._sorted(*asked)
        return self._rows

    def _sorted(self, order: RunOrder, column: RunColumn, shown: ShownRuns) -> list[int]:
        wanted = RunFilter(order.filter)
        rows = [i for i, run in self._runs.items() if wanted.matches(run, self._text(i))] if wanted else [*self._runs]
        if column.name == "id":
            rows.sort(reverse=order.descending)
            lacking: set[int] = set()
        else:
            keys = {run_id: _sort_key(column, self._runs[run_id], shown) for run_id in rows}
            rows.sort(reverse=True)
            rows.sort(key=keys.__getitem__, reverse=order.descending)
            lacking = {run_id for run_id, (lacks, _) in keys.items() if lacks}
        if lacking or self._pinned:
            rows.sort(key=lambda run_id: (run_id not in self._pinned, run_id in lacking))
        return rows

    def _moves(self, old: Run, new: Run) -> bool:
        """Whether a change may move a run in the table, or take it in or out."""
        order, column, shown = self._rows_of
        if column.compares or old.pinned != new.pinned:
            return True
        if _sort_key(column, old, shown) != _sort_key(column, new, shown):
            return True
        return bool(order.filter) and _filtered_by(old) != _filtered_by(new)

    def _text(self, run_id: int) -> str:
        text = self._texts.get(run_id)
        if text is None:
            run = self._runs[run_id]
            name = "" if run.experiment_id is None else self.experiments.named(run.experiment_id).name
            text = self._texts[run_id] = text_of(run, name)
        return text


def _keep(kept: set[int], run_id: int, wanted: bool) -> None:
    if wanted:
        kept.add(run_id)
    else:
        kept.discard(run_id)


def _sort_key(column: RunColumn, run: Run, shown: ShownRuns) -> tuple[bool, float | str]:
    if run.unreadable and column.name != "id":
        return (True, 0.0)
    return column.sort_key(run, shown)


def _filtered_by(run: Run) -> tuple[object, ...]:
    """What may change of a run that the filter looks at."""
    return (run.status, run.device, run.note, run.unreadable)
