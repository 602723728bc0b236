"""What the app knows, free of widgets: the runs and what was read of them, what is chosen, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..catalog import Dataset, Loss
from ..config import RunConfig
from ..experiments.progress import ComparisonProgress
from ..runs.records import ACTIVE, Epoch, OwnDataset, Run, Snapshot, Trainer
from ..supervisor.hangs import HANG_SECONDS, HangDetector
from .columns import RunColumn, columns_for
from .draft import Draft
from .run_data import RunCurve, ShownRuns, SnapshotHistory, loss_slot
from .run_list import RunList, RunOrder
from .selection import Group, Row, Selection
from .showing import Showing
from .widgets.verdict_view import VerdictContent

KEPT_EPOCHS = 200_000
"""How many epochs of runs that are not shown are kept in memory; those of others are read again when they are."""

KEPT_HISTORIES = 64
"""Of how many runs the snapshots are kept in memory."""

_PREVIEWED = 200
"""The runs of a group under the cursor are shown, unless there are more of them."""


class AppState:
    """The one state of the app.

    Attributes:
        runs: All runs.
        curves: The epochs that were read, by run id.
        histories: The snapshots that were read, by run id.
        trainers: The trainers that live.
        selection: The marked runs, and the row under the cursor.
        order: The order and the filter of the table.
        draft: What would be trained next.
        own_datasets: The person's own datasets, and what was found in their files.
        draft_sample: The settings of a draft and a packed sample of the rows that it would train on; None until known.
        comparison: The ids of the runs that were compared last.
        progress: Where comparisons stand, by the experiment's number, as far as that was read.
        remark: Why something else changed with the last choice; empty where nothing did.
        run_chosen_last: Whether the last thing that was chosen is a run, not what to train next.
        following: Whether the cursor moves to a run that begins; not once a person has moved it.
        hang: Which run has not moved for long, and what helps; empty where none.
        showing: The runs in the chart.
        trouble: Why the store or a trainer cannot be had; empty where all is well.
        hangs: When each run moved last.
    """

    def __init__(self, draft: Draft) -> None:
        self.runs = RunList()
        self.curves: dict[int, RunCurve] = {}
        self.histories: dict[int, SnapshotHistory] = {}
        self.trainers: Sequence[Trainer] = ()
        self.selection = Selection()
        self.order = RunOrder()
        self.draft = draft
        self.own_datasets: Sequence[OwnDataset] = ()
        self.draft_sample: tuple[RunConfig, bytes] | None = None
        self.comparison: Sequence[int] = ()
        self.progress: dict[int, ComparisonProgress] = {}
        self.remark = ""
        self.run_chosen_last = False
        self.following = True
        self.trouble = self.hang = ""
        self.hangs = HangDetector()
        self._curves_version = 0
        self.showing = Showing()

    # -- what is read ---------------------------------------------------------------------------------------

    def add_snapshots(
        self, run_id: int, sample: bytes | None, snapshots: Iterable[Snapshot], curves: Mapping[str, object]
    ) -> None:
        """Take new snapshots of a run in; with a sample, all that there are, and the curves of its own loss.

        Raises:
            ValueError: The sample is damaged.
        """
        run = self.runs.get(run_id)
        if run is None:
            return
        if sample is not None or run_id not in self.histories:
            self.histories[run_id] = SnapshotHistory(run.config)
        self.histories[run_id].extend(sample, snapshots, curves)

    def take_runs(self, runs: Iterable[Run], now: float) -> bool:
        """Take changed runs in; deleted ones go.

        Args:
            runs: The runs as they are now.
            now: The time in seconds, of any clock that never goes back.

        Returns:
            Whether any of them is new or stands in another state than before.
        """
        changed = list(runs)
        gone = frozenset(run.id for run in changed if run.deleted)
        if self._is_gone(self.selection.row, gone):
            self.selection = self.selection.highlight(self._nearest(gone))
        self.selection = self.selection.without(gone)
        turned = bool(gone)
        for run in changed:
            self.hangs.moved(run.id, now)
            if run.deleted:
                self.runs.remove(run.id)
                self.histories.pop(run.id, None)
                continue
            before = self.runs.get(run.id)
            turned = turned or before is None or before.status != run.status
            self.runs.put(run)
        return turned

    def _is_gone(self, row: Row | None, gone: frozenset[int]) -> bool:
        """Whether nothing is left of a row without these runs."""
        if isinstance(row, Group):
            return all(run.id in gone for run in self.runs.experiments.runs(row))
        return row in gone

    def _nearest(self, gone: frozenset[int]) -> Row | None:
        """The row below the highlighted one in the table that stays, or above it."""
        rows = list(self.rows)
        row = self.selection.row
        at = rows.index(row) if row in rows else 0
        return next((row for row in (*rows[at:], *reversed(rows[:at])) if not self._is_gone(row, gone)), None)

    def take_datasets(self, datasets: Sequence[OwnDataset]) -> None:
        """Take the person's own datasets in; a chosen one that is gone gives way to another."""
        self.own_datasets = datasets
        self.draft, remark = self.draft.with_own_datasets(tuple(one.file.entry for one in datasets))
        self.remark = remark or self.remark

    def add_epochs(self, epochs: Mapping[int, Sequence[Epoch]]) -> None:
        """Take new epochs in; those of a run that are sent from the first on stand for all that were there."""
        self._curves_version += len(epochs)
        for run_id, new in epochs.items():
            if new[0].epoch == 1:
                self.curves[run_id] = RunCurve()
            self.curves.setdefault(run_id, RunCurve()).extend(new)

    def evict_curves(self) -> tuple[int, ...]:
        """Evict curves that are not shown, the oldest first, until KEPT_EPOCHS are left; return their run ids."""
        shown = self.shown.ids
        others = [run_id for run_id in self.curves if run_id not in shown]
        count = sum(len(self.curves[run_id].epochs) for run_id in others)
        evicted = []
        for run_id in others:
            if count <= KEPT_EPOCHS:
                break
            count -= len(self.curves.pop(run_id).epochs)
            evicted.append(run_id)
        return tuple(evicted)

    def select(self, selection: Selection) -> tuple[int, ...]:
        """Take another choice of runs.

        Returns:
            The ids of the runs whose epochs are wanted now, and were not before.
        """
        known = set(self.wanted)
        self.selection = selection
        if len(selection.marked) > 1:
            self.comparison = selection.marked
        return tuple(run_id for run_id in self.wanted if run_id not in known)

    def start_over(self) -> None:
        """Forget every run, for the store that held them was replaced; what would be trained next stays chosen."""
        self.runs.clear()
        self.curves.clear()
        self._curves_version += 1
        self.histories.clear()
        self.trainers = ()
        self.selection = Selection()
        self.hangs = HangDetector()
        self.progress.clear()

    def snapshots_known(self, run_ids: Sequence[int]) -> dict[int, int]:
        """What is known of the snapshots of runs that are needed; those of runs not needed for long are evicted.

        Args:
            run_ids: The runs that are needed.

        Returns:
            For each the epoch of its last snapshot, or -1 where all are to be read: where none is known, or where the
            run went on since.
        """
        others = [run_id for run_id in self.histories if run_id not in run_ids]
        for run_id in others[: max(len(self.histories) - KEPT_HISTORIES, 0)]:
            del self.histories[run_id]
        whole = {i: last for i, one in self.histories.items() if (last := one.last) == self.runs[i].epochs_done}
        return {run_id: whole.get(run_id, -1) for run_id in run_ids}

    # -- what is shown --------------------------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The highlighted run."""
        highlighted = self.selection.highlighted
        return None if highlighted is None else self.runs.get(highlighted)

    @property
    def current_shown(self) -> Run | None:
        """The highlighted run, if it can be read: the one that the chart and the model view turn on."""
        return None if self.current is None or self.current.unreadable else self.current

    @property
    def shown(self) -> ShownRuns:
        """The runs in the chart: the marked ones; beside fewer than two what is highlighted. None unreadable."""
        compared = self.selection.marked if len(self.selection.marked) > 1 else self.wanted
        return self.showing.shown((self.selection, self.runs.version), lambda: self._readable(compared))

    def _readable(self, run_ids: Iterable[int]) -> tuple[Run, ...]:
        found = (self.runs[run_id] for run_id in run_ids if run_id in self.runs)
        return tuple(run for run in found if not run.unreadable)

    @property
    def wanted(self) -> Sequence[int]:
        """The ids of the runs whose epochs are wanted: the marked ones, and the highlighted one or its group's."""
        selection = self.selection
        if selection.group is not None and len(selection.marked) < 2:
            runs = self.group_runs
            others = [run.id for run in runs] if len(runs) <= _PREVIEWED and self.verdict_number is None else []
            return tuple(dict.fromkeys((*selection.marked, *others)))
        if selection.highlighted is None or selection.highlighted in selection.marked_set:
            return selection.marked
        return (*selection.marked, selection.highlighted)

    @property
    def verdict_number(self) -> int | None:
        """The number of the comparison under the cursor, whose verdict is shown in place of curves; None for none."""
        group = self.selection.group
        if group is None or group.settings is not None or len(self.selection.marked) > 1:
            return None
        return group.experiment if self.runs.experiments.is_comparison(group.experiment) else None

    def verdict_content(self, number: int) -> VerdictContent:
        """What is shown of a comparison."""
        progress = self.progress.get(number)
        title = self.runs.experiments.named(number).title
        if progress is None:
            return VerdictContent(title, None)
        plan = progress.verdict.plan
        configs = [plan.config(loss, plan.learning_rates[0], 1) for loss in plan.losses]
        return VerdictContent(title, progress, {one.loss_as_typed: loss_slot(one.loss_entry) for one in configs})

    @property
    def group_runs(self) -> Sequence[Run]:
        """The runs of the highlighted group; none where a run is highlighted."""
        group = self.selection.group
        return () if group is None else self.runs.experiments.runs(group)

    @property
    def plot_version(self) -> int:
        """Another number where the curves of shown runs may have changed."""
        return self._curves_version

    def slot(self, run: Run) -> int:
        """The colour and glyph of a run: those of its loss."""
        return loss_slot(run.config.loss_entry)

    @property
    def columns(self) -> tuple[RunColumn, ...]:
        """The columns of the table."""
        return columns_for(self.shown, self.runs.listed)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of the table, from the top."""
        return self.runs.arranged(self.order, self.columns, self.shown)

    @property
    def listed(self) -> Sequence[int]:
        """The ids of the runs that the table has, those in closed experiments among them, in its order."""
        return self.runs.rows(self.order, self.columns, self.shown)

    @property
    def about(self) -> tuple[Loss, Dataset]:
        """The chosen loss and dataset; those of the highlighted run, if that was chosen last."""
        run = self.current_shown if self.run_chosen_last else None
        return (
            (self.draft.loss, self.draft.dataset) if run is None else (run.config.loss_entry, run.config.dataset_entry)
        )

    def look_for_hangs(self, now: float) -> bool:
        """A step that never returns leaves a run that does not move: whether there is something else to say of it."""
        run = self.hangs.hanging(self.runs.busy, now, HANG_SECONDS)
        words = f"run {run.id} has not moved for {HANG_SECONDS:.0f} s: K kills its trainer" if run else ""
        changed, self.hang = words != self.hang, words
        return changed

    def row_of(self, run_id: int) -> Row:
        """The row in which a run stands: its own, or that of the experiment in which it is hidden."""
        run = self.runs.get(run_id)
        return run_id if run is None or self.order.filter else self.runs.experiments.row_of(run)

    def row_to_settle_on(self) -> Row | None:
        """The row that the cursor should move to because its own is not in the table; None where it stays."""
        row = self.selection.row
        if row is not None and self.order.filter and row not in self.rows:
            return next(iter(self.rows), None)
        if row is None or isinstance(row, Group) or row not in self.runs:
            return None
        visible = self.row_of(row)
        return None if visible == row else visible

    def row_to_follow(self) -> Row | None:
        """The row that the cursor should move to, now that a run has begun; None where it stays."""
        busy = self.runs.busy
        if not busy or any(run.status == "queued" or run.status in ACTIVE for run in self.group_runs):
            return None
        current = self.current
        active = [run for run in busy if run.status != "queued"]
        if current is None or current.id not in {run.id for run in busy}:
            return self.row_of((active or busy)[0].id)
        return self.row_of(active[0].id) if current.status == "queued" and active else None
