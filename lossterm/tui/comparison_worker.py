"""The part of the store's worker that is for comparisons: it begins them, keeps them going, and has verdicts read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from textual.message import Message

from ..experiments.comparison import read_plan
from ..experiments.progress import ComparisonProgress
from ..runs.records import Run
from ..store import Store
from ..supervisor import comparisons
from ..supervisor.tools import ToolError
from .messages import ComparisonRead, ExtendComparison, FollowComparison, Notification, RunsQueued, StartComparison
from .verdict_thread import VerdictThread

ComparisonRequest = StartComparison | ExtendComparison | FollowComparison


class ComparisonWorker:
    """Carries out what is asked about comparisons. For use in the worker's thread."""

    def __init__(self, path: Path, post: Callable[[Message], object], trainers: int | None) -> None:
        """Work for one screen on the store at `path`; `trainers`: how many at most, None for as many as help."""
        self._path, self._post, self._trainers = path, post, trainers
        self._followed: int | None = None
        self._verdicts: VerdictThread | None = None

    def carry_out(self, store: Store, request: ComparisonRequest) -> None:
        """Do what is asked. Raises StoreError, LaunchError."""
        try:
            self._carry_out(store, request)
        except ToolError as error:
            self._post(Notification(str(error), "error"))

    def _carry_out(self, store: Store, request: ComparisonRequest) -> None:
        match request:
            case StartComparison(plan):
                number = comparisons.begin(store, comparisons.with_splits(plan))
                self._post(RunsQueued([run.id for run in store.runs_of(number)], mark=False))
                self._keep_going(store, [number])
            case ExtendComparison(number, seeds):
                self._extend(store, number, seeds)
            case FollowComparison(number):
                self._followed = number
                self._ask()

    def take(self, store: Store, runs: Sequence[Run], first: bool) -> None:
        """Take changed runs in; of a history that was read just now go on with the comparisons that were left."""
        if first:
            known = {run.experiment_id for run in runs if run.experiment_id is not None}
            left = comparisons.unfinished(store.experiments(known), runs) if known else []
            self._keep_going(store, left)
        if any(run.experiment_id == self._followed for run in runs if run.experiment_id is not None):
            self._ask()

    def look_after(self, store: Store) -> None:
        """See that a process goes on with what is open. Raises LaunchError."""
        self._keep_going(store)

    def close(self) -> None:
        """Ask for no verdict any more."""
        if self._verdicts is not None:
            self._verdicts.close()

    def _extend(self, store: Store, number: int, seeds: int) -> None:
        """Give a comparison more seeds, and resume what was stopped of it."""
        experiment = store.experiment(number)
        plan = read_plan(experiment)
        try:
            if plan is None:
                raise ValueError(f"experiment {number} is no comparison")
            plan = comparisons.extended(store, experiment, plan, seeds)
        except ValueError as error:
            self._post(Notification(str(error), "error"))
            return
        for run in store.runs_of(number):
            if run.can_resume:
                store.resume(run.id)
        comparisons.queue_stage(store, number, plan)
        self._keep_going(store, [number])

    def _keep_going(self, store: Store, numbers: Sequence[int] = ()) -> None:
        if numbers or store.open_comparisons():
            comparisons.ensure_process(store, self._trainers, numbers)

    def _ask(self) -> None:
        if self._followed is None:
            return
        if self._verdicts is None:
            self._verdicts = VerdictThread(self._path, self._answered)
            self._verdicts.start()
        self._verdicts.ask(self._followed)

    def _answered(self, answer: str) -> None:
        """Hand a verdict on; called in the thread that asked for it."""
        with contextlib.suppress(ValueError):
            self._post(ComparisonRead(ComparisonProgress.from_json(answer)))
