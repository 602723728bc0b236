"""Take comparisons from stage to stage: queue what comes next once what was queued has ended.

Front ends do it for the comparison that they show; a process of its own does it for all of a store, so that closing a
front end costs nothing.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from ..experiments.comparison import FIRST_TUNING_SEED, ComparisonPlan, ComparisonRuns, Stage, read_plan
from ..runs.records import ENDED, Experiment, Run
from ..store import Store, StoreError
from . import launch
from .data_tool import DataTool
from .supervisor import Supervisor
from .tools import child_environment

MOST_RESUMES = 2
"""How often a run that its trainer lost is resumed unasked."""
_STAGE_SECONDS = 10.0
_POLL_SECONDS = 0.05
_CHECK_SECONDS = 1.0


def with_splits(plan: ComparisonPlan) -> ComparisonPlan:
    """Draw the splits of a person's own dataset that a plan lacks. Raises ToolError where its file cannot be read."""
    seeds = plan.splits_to_draw
    if plan.data_file is None or not seeds:
        return plan
    return plan.with_splits(DataTool().redraw(plan.data_file, seeds))


def begin(store: Store, plan: ComparisonPlan) -> int:
    """Queue the first stage of a comparison as an experiment that keeps its plan; the experiment's number.

    The splits of a person's own dataset must have been drawn: see `with_splits`.
    """
    ids = store.queue(ComparisonRuns(plan, ()).missing(), plan.name, plan=plan.model_dump_json())
    experiment_id = store.run(ids[0]).experiment_id
    assert experiment_id is not None
    return experiment_id


def runs_of(store: Store, experiment_id: int, plan: ComparisonPlan) -> ComparisonRuns:
    """The runs of a comparison as the store has them."""
    return ComparisonRuns(plan, store.runs_of(experiment_id), store.scores)


def queue_stage(store: Store, experiment_id: int, plan: ComparisonPlan) -> tuple[Stage, list[Run]]:
    """Queue what the present stage lacks, if it lacks something; the stage, and its runs.

    Only one process at a time does so, so that nothing is queued twice.

    Raises:
        StoreError: The store cannot be written.
    """
    try:
        with store.locks.alone("stage", _STAGE_SECONDS):
            runs = runs_of(store, experiment_id, plan)
            missing = runs.missing()
            if missing:
                store.queue(missing, experiment_id=experiment_id)
                runs = runs_of(store, experiment_id, plan)
    except OSError as error:
        raise StoreError(f"store: no lock can be held in {store.locks.path}: {error}") from error
    stage, configs = runs.wanted()
    return stage, [run for config in configs if (run := runs.run_of(config)) is not None]


def resume_lost(store: Store, runs: Iterable[Run], resumed: Counter[int]) -> bool:
    """Resume the runs of a stage that their trainer lost, each a few times at most.

    Args:
        store: Where they are.
        runs: Those of the stage.
        resumed: How often each was resumed so; counted on.

    Returns:
        Whether there was one to resume.
    """
    lost = [run for run in runs if run.status == "interrupted" and resumed[run.id] < MOST_RESUMES]
    for run in lost:
        resumed[run.id] += 1
        store.resume(run.id)
    return bool(lost)


def extended(store: Store, experiment: Experiment, plan: ComparisonPlan, seeds: int) -> ComparisonPlan:
    """Give a comparison more seeds; that they were asked for after a look is kept with it.

    Raises:
        ValueError: They are fewer than it has.
        ToolError: The file of a person's own dataset cannot be read.
    """
    if seeds < plan.seeds:
        raise ValueError(f"seeds: must be {plan.seeds} or more, for so many were asked for before, not {seeds}")
    if seeds == plan.seeds:
        return plan
    stage, _ = runs_of(store, experiment.id, plan).wanted()
    looked = (*plan.extended_from, plan.seeds) if stage == "done" else plan.extended_from
    longer = with_splits(plan.model_copy(update={"seeds": seeds, "extended_from": looked}))
    store.change_plan(experiment.id, longer.model_dump_json())
    if experiment.name == plan.name:
        store.rename_experiment(experiment.id, longer.name)
    return longer


def unfinished(experiments: Sequence[Experiment], runs: Iterable[Run]) -> list[int]:
    """The comparisons that stand between two stages, for nothing went on with them.

    Args:
        experiments: Those of a store.
        runs: Its runs.

    Returns:
        Their numbers. One of which a run is queued, active or stopped is not among them.
    """
    by_number: dict[int, list[Run]] = {one.id: [] for one in experiments if one.plan}
    for run in runs:
        if run.experiment_id in by_number:
            by_number[run.experiment_id].append(run)
    found = []
    for one in experiments:
        its = by_number.get(one.id)
        if not its or any(run.can_resume or run.status not in ENDED for run in its):
            continue
        plan = read_plan(one)
        final = sum(run.config.seed < FIRST_TUNING_SEED for run in its)
        if plan is not None and final < plan.seeds * len(plan.losses):
            found.append(one.id)
    return found


class Comparisons:
    """Takes the comparisons of one store from stage to stage."""

    def __init__(self, store: Store, first: Iterable[int] = (), trainers: int | None = None):
        """Follow what is open.

        Args:
            store: Where they are.
            first: The numbers of comparisons to look at even if nothing of them is queued.
            trainers: How many runs train at once at most; None for as many as help.
        """
        self._store = store
        self._supervisor = Supervisor(trainers)
        self._followed: dict[int, ComparisonPlan | None] = dict.fromkeys(first)
        self._resumed: Counter[int] = Counter()

    def step(self) -> bool:
        """Queue what comes next; False where no comparison goes on."""
        opened = {experiment.id for experiment in self._store.open_comparisons()}
        self._followed |= {number: None for number in opened if number not in self._followed}
        for number in list(self._followed):
            if number not in opened and not self._goes_on(number):
                del self._followed[number]
        return bool(self._followed)

    def keep_trainers(self) -> None:
        """See that trainers live for the runs that wait. Raises LaunchError."""
        self._store.reap()
        self._supervisor.check(self._store, self._store.queued_devices())

    def _goes_on(self, number: int) -> bool:
        """Queue the next stage of a comparison of which nothing is queued, or again what its trainer lost."""
        plan = read_plan(self._store.experiment(number))
        if plan is None:
            return False
        stage, runs = queue_stage(self._store, number, plan)
        if resume_lost(self._store, runs, self._resumed):
            return True
        return stage != "done" and any(run.status not in ENDED for run in runs)


def ensure_process(store: Store, trainers: int | None = None, first: Iterable[int] = ()) -> None:
    """See that a process takes the comparisons of a store from stage to stage; it outlives whoever started it.

    Raises:
        LaunchError: It cannot be started.
    """
    try:
        if store.locks.taken("comparisons"):
            return
        command = [sys.executable, "-m", "lossterm.supervisor.comparison_process", "--store", str(store.path)]
        command += ["--trainers", str(trainers)] if trainers else []
        process = subprocess.Popen(
            [*command, *map(str, first)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=store.path.parent,
            env=child_environment(),
        )
    except OSError as error:
        raise launch.LaunchError(
            f"comparison: the process that goes on with it could not be started: {error}"
        ) from error
    launch.children.append(process)


def follow(store: Store, first: Iterable[int], trainers: int | None) -> None:
    """Take every comparison of a store from stage to stage until none goes on, or until its file is gone.

    Raises:
        StoreError: The store cannot be used.
        LaunchError: No trainer can be started.
    """
    comparisons = Comparisons(store, first, trainers)
    checked = 0.0
    while store.in_place() and comparisons.step():
        if time.monotonic() - checked > _CHECK_SECONDS:
            comparisons.keep_trainers()
            checked = time.monotonic()
        time.sleep(_POLL_SECONDS)
        while not store.changed() and time.monotonic() - checked < _CHECK_SECONDS:
            time.sleep(_POLL_SECONDS)
