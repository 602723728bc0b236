"""Train a comparison stage by stage, and show where it is."""

from __future__ import annotations

from collections import Counter

from ..experiments.comparison import ComparisonPlan, ComparisonRuns, Stage
from ..runs.records import ENDED
from ..store import Store, StoreError
from ..supervisor import launch
from .comparison_progress import StageView
from .plan import keep_loss_files
from .progress import Notices, followed
from .run_monitor import RunMonitor, RunSignals

_MOST_RESUMES = 2
"""How often a run that its trainer lost is resumed unasked."""

_STAGES: dict[Stage, str] = {
    "tuning": "learning rates on validation rows",
    "edges": "learning rates beyond the edge",
    "final": "final runs",
    "done": "",
}


def train_comparison(
    store: Store,
    experiment_id: int,
    plan: ComparisonPlan,
    trainers: int | None,
    signals: RunSignals,
    view: StageView,
) -> bool:
    """Train stage by stage until nothing is left to train; False where it was left before that."""
    notices = Notices(view.warn)
    resumed: Counter[int] = Counter()
    try:
        with signals.interruptible():
            while True:
                stage, configs = ComparisonRuns(plan, store.runs_of(experiment_id), store.scores).wanted()
                if stage == "done":
                    return True
                ids = _queue(store, experiment_id, plan)
                monitor = RunMonitor(store, ids, trainers)
                done = sum(run.status in ENDED for run in monitor.runs)
                view.stage(_STAGES[stage], len(configs), done)
                if not _follow(monitor, notices, signals, view):
                    return False
                for run in monitor.runs:
                    if run.status == "interrupted" and resumed[run.id] < _MOST_RESUMES:
                        resumed[run.id] += 1
                        store.resume(run.id)
    except (StoreError, launch.LaunchError) as error:
        view.warn(str(error))
        return False


def _queue(store: Store, experiment_id: int, plan: ComparisonPlan) -> list[int]:
    """Queue what the present stage lacks, and again what was left; the runs of the stage."""
    runs = ComparisonRuns(plan, store.runs_of(experiment_id), store.scores)
    missing = runs.missing()
    if missing:
        keep_loss_files(store, missing)
        store.queue(missing, experiment_id=experiment_id)
        runs = ComparisonRuns(plan, store.runs_of(experiment_id), store.scores)
    found = [run for config in runs.wanted()[1] if (run := runs.run_of(config)) is not None]
    for run in found:
        if run.can_resume:
            store.resume(run.id)
    launch.ensure_trainers(store, plan.config(plan.losses[0], plan.learning_rates[0], 1).device)
    return [run.id for run in found]


def _follow(monitor: RunMonitor, notices: Notices, signals: RunSignals, view: StageView) -> bool:
    """Show the stage until its runs have ended; False after Ctrl-C."""
    for update in followed(monitor, notices, signals):
        loading = any(trainer.state == "loading" for trainer in update.trainers)
        view.move(sum(run.status in ENDED for run in monitor.runs), "loading TensorFlow" if loading else "")
    return not signals.interrupts
