"""The experiments among the runs: which runs belong to each, what they come to, and which are opened in the table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..experiments.comparison import read_plan
from ..experiments.summary import Summary, summarize
from ..runs.records import Experiment, Run
from .selection import Group, Row


class Experiments:
    """The experiments that have runs.

    Attributes:
        version: Grows where the rows of the table may be others than before.
    """

    def __init__(self) -> None:
        self._known: dict[int, Experiment] = {}
        self._runs: dict[int, dict[int, Run]] = {}
        self._experiment_of: dict[int, int] = {}
        self._summaries: dict[int, Summary] = {}
        self._opened: set[Group] = set()
        self._readable_plans: dict[int, bool] = {}
        self.version = 0

    def take(self, experiments: Iterable[Experiment]) -> None:
        """Take in experiments that are new or have another name."""
        self._known.update((one.id, one) for one in experiments)

    def put(self, run: Run) -> None:
        """Take in a new run, or what has become of one."""
        if run.experiment_id is None:
            return
        runs = self._runs.setdefault(run.experiment_id, {})
        before = runs.get(run.id)
        if before is None or before.status != run.status:  # the order of the losses may turn on how it ended
            self._experiment_of[run.id] = run.experiment_id
            self.version += 1
        runs[run.id] = run
        self._summaries.pop(run.experiment_id, None)

    def remove(self, run_id: int) -> None:
        """Forget a run."""
        experiment_id = self._experiment_of.pop(run_id, None)
        if experiment_id is None:
            return
        runs = self._runs[experiment_id]
        del runs[run_id]
        if not runs:
            del self._runs[experiment_id]
        self._summaries.pop(experiment_id, None)
        self.version += 1

    def clear(self) -> None:
        """Forget all of them."""
        for kept in (self._known, self._runs, self._experiment_of, self._summaries, self._opened, self._readable_plans):
            kept.clear()
        self.version += 1

    def named(self, experiment_id: int) -> Experiment:
        """An experiment; one without a name where it is not known."""
        return self._known.get(experiment_id) or Experiment(experiment_id, "", 0.0)

    def is_comparison(self, experiment_id: int) -> bool:
        """Whether an experiment is a comparison, with a plan that can be read."""
        one = self.named(experiment_id)
        if not one.plan:
            return False
        if experiment_id not in self._readable_plans:
            self._readable_plans[experiment_id] = read_plan(one) is not None
        return self._readable_plans[experiment_id]

    def summary(self, experiment_id: int) -> Summary:
        """What an experiment comes to."""
        summary = self._summaries.get(experiment_id)
        if summary is None:
            summary = summarize(self._runs.get(experiment_id, {}).values())
            self._summaries[experiment_id] = summary
        return summary

    def runs(self, group: Group) -> Sequence[Run]:
        """The runs of a group, in the order in which they were queued."""
        summary = self.summary(group.experiment)
        if group.settings is None:
            return summary.runs
        return next((runs for runs in summary.groups if runs[0].config.but_seed == group.settings), ())

    def title(self, group: Group) -> str:
        """What a group is called: the experiment's name, or the loss's label in it."""
        if group.settings is None:
            return self.named(group.experiment).title
        runs = self.runs(group)
        return self.summary(group.experiment).labels[runs[0].id] if runs else ""

    # -- rows -----------------------------------------------------------------------------------------------

    def is_open(self, group: Group) -> bool:
        """Whether the rows of a group are shown below its own."""
        return group in self._opened

    def set_open(self, group: Group, opened: bool) -> None:
        """Show the rows of a group below its own, or hide them."""
        if opened:
            self._opened.add(group)
        else:
            self._opened.discard(group)
        self.version += 1

    def arranged(self, run_ids: Iterable[int]) -> list[Row]:
        """The rows of the table: an experiment where the first of its runs would stand.

        Args:
            run_ids: The runs that are shown, in the table's order.

        Returns:
            Runs without an experiment, experiments, and below the opened ones a row a loss, best first, and below
            the opened ones of these their runs; of a comparison its runs alone.
        """
        rows: list[Row] = []
        places: dict[int, int] = {}
        opened: dict[int, list[int]] = {}
        for run_id in run_ids:
            experiment_id = self._experiment_of.get(run_id)
            if experiment_id is None:
                rows.append(run_id)
                continue
            if experiment_id not in places:
                places[experiment_id] = len(rows)
                rows.append(Group(experiment_id))
            if Group(experiment_id) in self._opened:
                opened.setdefault(experiment_id, []).append(run_id)
        for experiment_id in sorted(opened, key=places.__getitem__, reverse=True):
            at = places[experiment_id] + 1
            rows[at:at] = self._below(experiment_id, opened[experiment_id])
        return rows

    def _below(self, experiment_id: int, run_ids: Sequence[int]) -> list[Row]:
        runs = self._runs[experiment_id]
        if self.is_comparison(experiment_id):
            return list(run_ids)
        rows: list[Row] = [run_id for run_id in run_ids if runs[run_id].unreadable]
        by_loss: dict[tuple[object, ...], list[int]] = {}
        for run_id in run_ids:
            if not runs[run_id].unreadable:
                by_loss.setdefault(runs[run_id].config.but_seed, []).append(run_id)
        ranks = {entry.runs[0].config.but_seed: at for at, entry in enumerate(self.summary(experiment_id).entries)}
        for settings in sorted(by_loss, key=lambda settings: (ranks.get(settings, len(ranks)), min(by_loss[settings]))):
            group = Group(experiment_id, settings)
            rows.append(group)
            rows += by_loss[settings] if group in self._opened else []
        return rows

    def row_of(self, run: Run) -> Row:
        """The row in which a run stands: its own, or that of the group in which it is hidden."""
        if run.experiment_id is None:
            return run.id
        whole = Group(run.experiment_id)
        loss = Group(run.experiment_id, run.config.but_seed)
        if whole not in self._opened:
            return whole
        on_its_own = run.unreadable or self.is_comparison(run.experiment_id)
        return run.id if on_its_own or loss in self._opened else loss
