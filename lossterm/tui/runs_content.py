"""What the panes of the runs and of the highlighted one show, made from the app's state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..chart import marker
from ..experiments.planning import planned_runs
from ..experiments.progress import ComparisonProgress
from ..runs.records import ENDED, Run
from .experiments import Experiments
from .panes.run_pane import RunContent
from .run_list import RunOrder
from .selection import Group, Selection
from .state import AppState
from .widgets.group_line import GroupLine
from .widgets.runs_table import TableContent

_NO_RUNS = "no runs yet: pick a loss, press enter"


@dataclass(frozen=True, eq=False)
class RunsContent:
    """What the pane shows and acts on.

    Attributes:
        table: What the table shows.
        selection: The marked runs, and the row under the cursor.
        order: The order and the filter of the table.
        listed: The ids of the runs that the table has, those in closed experiments among them.
        busy: The runs that are queued or active.
        experiments: The experiments.
        comparison: The ids of the runs that were compared last.
    """

    table: TableContent = field(default_factory=TableContent)
    selection: Selection = field(default_factory=Selection)
    order: RunOrder = field(default_factory=RunOrder)
    listed: Sequence[int] = ()
    busy: Sequence[Run] = ()
    experiments: Experiments = field(default_factory=Experiments)
    comparison: Sequence[int] = ()

    @classmethod
    def of(cls, state: AppState, ascii_only: bool) -> RunsContent:
        """The content for a state of the app."""
        several = len(state.shown) > 1
        table = TableContent(
            rows=state.rows,
            runs=state.runs,
            columns=state.columns,
            shown=state.shown,
            marked=state.selection.marked_set,
            cursor=state.selection.row,
            sort=(state.order.column, state.order.descending),
            slot=state.slot,
            glyph=lambda slot: marker(slot, ascii_only) if several else "",
            group_line=lambda group: group_line(state, group),
            empty=f"no run matches “{state.order.filter}”" if state.order.filter else _NO_RUNS,
        )
        return cls(
            table,
            state.selection,
            state.order,
            state.listed,
            state.runs.busy,
            state.runs.experiments,
            state.comparison,
        )

    @property
    def current(self) -> Run | None:
        """The highlighted run."""
        highlighted = self.selection.highlighted
        return None if highlighted is None else self.table.runs.get(highlighted)

    @property
    def group_ids(self) -> tuple[int, ...]:
        """The ids of the runs of the highlighted group; none where a run is highlighted."""
        group = self.selection.group
        return () if group is None else tuple(run.id for run in self.experiments.runs(group))

    @property
    def chosen(self) -> tuple[int, ...]:
        """The ids of the runs that are meant: of the highlighted group, the marked ones, or the highlighted one."""
        run = self.current
        return self.group_ids or self.selection.marked or ((run.id,) if run is not None else ())

    def readable(self, run_ids: Iterable[int]) -> list[int]:
        """Those of some runs that are there and can be read."""
        runs = self.table.runs
        return [run_id for run_id in run_ids if run_id in runs and not runs[run_id].unreadable]

    @property
    def closes(self) -> bool:
        """Whether Enter closes the highlighted group: it is open, and an experiment's runs are the marked ones."""
        group = self.selection.group
        if group is None or not self.experiments.is_open(group):
            return False
        return group.settings is not None or self.selection.marked_set == set(self.readable(self.group_ids))

    def enter_words(self, short: bool) -> str:
        """What Enter does in the table; empty where there is no row."""
        group = self.selection.group
        if group is None:
            return "" if self.current is None else f"open run {self.current.id}"
        name = f"{'exp' if short else 'experiment'} {group.experiment}"
        if group.settings is not None:
            name = self.experiments.title(group)
        return f"{'close' if self.closes else 'open'} {name}"


def run_content(state: AppState) -> RunContent:
    """What the pane of the highlighted run, or group of runs, shows."""
    curve = state.curves.get(state.selection.highlighted or 0)
    group = state.selection.group
    return RunContent(
        run=state.current,
        group=None if group is None else group_line(state, group),
        group_runs=state.group_runs,
        epoch_seconds=curve.last_seconds if curve is not None else 0.0,
        remark=state.remark,
        busy=state.runs.busy,
        trainers=state.trainers,
    )


def _planned(progress: ComparisonProgress) -> int:
    """How many runs a comparison will have at least."""
    tuning, final = planned_runs(progress.verdict.plan)
    return len(tuning) + len(final)


def group_line(state: AppState, group: Group) -> GroupLine:
    """What the row of an experiment says, or of a loss in it."""
    experiments = state.runs.experiments
    runs, summary = experiments.runs(group), experiments.summary(group.experiment)
    inner = group.settings is not None
    done = sum(run.status in ENDED for run in runs)
    entry = summary.entry_of(runs[0]) if inner and runs else None
    planned = sum(run.config.epochs for run in runs)
    trained = sum(run.config.epochs if run.status in ENDED else run.epochs_done + run.progress for run in runs)
    comparison = not inner and experiments.is_comparison(group.experiment)
    progress = state.progress.get(group.experiment) if comparison else None
    figures = (entry.figures if entry else "") if inner else "" if comparison else summary.best
    return GroupLine(
        title=experiments.title(group),
        opened=experiments.is_open(group),
        inner=inner,
        marked=state.selection.marked_set.issuperset(run.id for run in runs if not run.unreadable),
        run=runs[0] if inner and runs else None,
        total=max(len(runs), _planned(progress)) if progress is not None else len(runs),
        done=done,
        bad=sum(run.ended_badly for run in runs),
        progress=trained / planned if planned else 0.0,
        left=state.runs.seconds_left(runs) if done < len(runs) else None,
        figures=figures,
        note=(progress.words or progress.sentence) if progress is not None else "",
        number=group.experiment,
    )
