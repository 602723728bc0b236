"""Train a comparison stage by stage, and show where it is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence

from ..experiments.comparison import ComparisonPlan, Stage
from ..experiments.progress import STAGES
from ..runs.records import ENDED
from ..store import Store, StoreError
from ..supervisor import launch
from ..supervisor.comparisons import queue_stage, resume_lost
from .comparison_progress import StageView
from .progress import Notices, followed
from .run_monitor import RunMonitor, RunSignals


def train_comparisons(
    store: Store,
    begun: Sequence[tuple[int, ComparisonPlan]],
    trainers: int | None,
    signals: RunSignals,
    view: StageView,
) -> bool:
    """Train comparisons one after the other; False where that was left before its end, and nothing more waits then."""
    for at, (number, plan) in enumerate(begun):
        if not train_comparison(store, number, plan, trainers, signals, view):
            with contextlib.suppress(StoreError):
                for left, _ in begun[at + 1 :]:
                    for run in store.runs_of(left):
                        if run.status not in ENDED:
                            store.stop(run.id)
            return False
    return True


def train_comparison(
    store: Store,
    experiment_id: int,
    plan: ComparisonPlan,
    trainers: int | None,
    signals: RunSignals,
    view: StageView,
) -> bool:
    """Train stage by stage until nothing is left to train; False where it was left before that.

    What was stopped or lost before is resumed. A final run that somebody stops meanwhile is left out of the verdict.
    """
    notices = Notices(view.warn)
    resumed: Counter[int] = Counter()
    begun: set[Stage] = set()
    try:
        with signals.interruptible():
            while True:
                stage, runs = queue_stage(store, experiment_id, plan)
                if stage == "done":
                    return True
                if stage in begun and not resume_lost(store, runs, resumed):
                    return stage == "final"
                if stage not in begun:
                    begun.add(stage)
                    for run in runs:
                        if run.can_resume:
                            store.resume(run.id)
                launch.ensure_trainers(store, plan.config(plan.losses[0], plan.learning_rates[0], 1).device)
                monitor = RunMonitor(store, [run.id for run in runs], trainers)
                done = sum(run.status in ENDED for run in monitor.runs)
                view.stage(STAGES[stage], len(runs), done)
                if not _follow(monitor, notices, signals, view):
                    return False
    except (StoreError, launch.LaunchError) as error:
        view.warn(str(error))
        return False


def _follow(monitor: RunMonitor, notices: Notices, signals: RunSignals, view: StageView) -> bool:
    """Show the stage until its runs have ended; False after Ctrl-C."""
    for update in followed(monitor, notices, signals):
        loading = any(trainer.state == "loading" for trainer in update.trainers)
        view.move(sum(run.status in ENDED for run in monitor.runs), "loading TensorFlow" if loading else "")
    return not signals.interrupts
