"""What the app knows, free of widgets: the runs and what was read of them, what is chosen, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..config import RunConfig
from ..runs.records import Epoch, Run, Trainer
from ..supervisor.hangs import HangDetector
from .columns import RunColumn, columns_for
from .draft import Draft
from .run_data import RunCurve, ShownRuns, SnapshotHistory, loss_slot
from .run_list import RunList, RunOrder

KEPT_EPOCHS = 200_000
"""How many epochs of runs that are not shown are kept in memory; those of others are read again when they are."""

KEPT_HISTORIES = 64
"""Of how many runs the snapshots are kept in memory."""


@dataclass(frozen=True)
class Selection:
    """The runs that a person chose.

    Attributes:
        marked: The ids of the runs that are compared, in the order in which they were marked.
        highlighted: The id of the run under the cursor, if any.
    """

    marked: tuple[int, ...] = ()
    highlighted: int | None = None

    @cached_property
    def marked_set(self) -> frozenset[int]:
        """The ids of the marked runs."""
        return frozenset(self.marked)

    def highlight(self, run_id: int | None) -> Selection:
        """Put the cursor on a run."""
        return replace(self, highlighted=run_id)

    def mark(self, run_ids: Iterable[int]) -> Selection:
        """Mark these runs and no others."""
        return replace(self, marked=tuple(run_ids))

    def toggle(self, run_id: int) -> Selection:
        """Mark a run, or unmark it."""
        if run_id in self.marked_set:
            return self.mark(other for other in self.marked if other != run_id)
        return self.mark((*self.marked, run_id))

    def without(self, run_ids: frozenset[int]) -> Selection:
        """Let go of runs that are gone."""
        highlighted = None if self.highlighted in run_ids else self.highlighted
        if run_ids.isdisjoint(self.marked_set):
            return self if highlighted == self.highlighted else self.highlight(highlighted)
        return Selection(tuple(i for i in self.marked if i not in run_ids), highlighted)


class AppState:
    """The one state of the app.

    Attributes:
        runs: All runs.
        curves: The epochs that were read, by run id.
        histories: The snapshots that were read, by run id.
        trainers: The trainers that live.
        selection: The marked and the highlighted runs.
        order: The order and the filter of the table.
        draft: What would be trained next.
        draft_sample: The settings of a draft and a packed sample of the rows that it would train on; None until known.
        remark: Why something else changed with the last choice; empty where nothing did.
        run_chosen_last: Whether the last thing that was chosen is a run, not what to train next.
        following: Whether the cursor moves to a run that begins; not once a person has moved it.
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
        self.draft_sample: tuple[RunConfig, bytes] | None = None
        self.remark = ""
        self.run_chosen_last = False
        self.following = True
        self.trouble = ""
        self.hangs = HangDetector()
        self._curves_version = 0
        self._shown = ShownRuns()
        self._shown_of: tuple[Selection, int] = (self.selection, -1)

    # -- what is read ---------------------------------------------------------------------------------------

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
        if self.selection.highlighted in gone:
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

    def _nearest(self, gone: frozenset[int]) -> int | None:
        """The run below the highlighted one in the table that stays, or above it."""
        rows = list(self.rows)
        highlighted = self.selection.highlighted
        at = rows.index(highlighted) if highlighted in rows else 0
        return next((run_id for run_id in (*rows[at:], *reversed(rows[:at])) if run_id not in gone), None)

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

    def start_over(self) -> None:
        """Forget every run, for the store that held them was replaced; what would be trained next stays chosen."""
        self.runs.clear()
        self.curves.clear()
        self._curves_version += 1
        self.histories.clear()
        self.trainers = ()
        self.selection = Selection()
        self.hangs = HangDetector()

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
        """The runs in the chart: the marked ones; beside fewer than two the highlighted one. None unreadable."""
        asked = (self.selection, self.runs.version)
        if asked != self._shown_of:
            self._shown_of = asked
            highlighted = self.selection.highlighted
            ids = list(self.selection.marked)
            if len(ids) < 2 and highlighted is not None and highlighted not in ids:
                ids.append(highlighted)
            found = (self.runs[run_id] for run_id in ids if run_id in self.runs)
            runs = tuple(run for run in found if not run.unreadable)
            if runs != self._shown.runs:
                self._shown = ShownRuns(runs)
        return self._shown

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
        return columns_for(self.shown, self.runs.noted)

    @property
    def rows(self) -> Sequence[int]:
        """The ids of the runs in the table, in its order."""
        return self.runs.rows(self.order, self.columns, self.shown)

    def run_to_follow(self) -> Run | None:
        """The run that the cursor should move to, now that one has begun; None where it stays."""
        busy = self.runs.busy
        if not busy:
            return None
        current = self.current
        active = [run for run in busy if run.status != "queued"]
        if current is None or current.id not in {run.id for run in busy}:
            return (active or busy)[0]
        return active[0] if current.status == "queued" and active else None
