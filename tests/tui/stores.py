"""Stores of finished runs with made-up figures, written as a trainer writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

from lossterm.config import RunConfig
from lossterm.experiments.comparison import ComparisonPlan
from lossterm.runs.records import Best, Epoch, Scores
from lossterm.store import Store, TrainerSession
from lossterm.supervisor import comparisons

LOSSES = ("mse", "msle", "mae", "bce", "hinge", "cce", "kld")


def add_finished(path: Path, configs: Iterable[RunConfig], experiment: str | None = None) -> list[int]:
    """Add finished runs: the later ones learn more slowly, and end with a lower accuracy."""
    wanted = list(configs)
    with Store(path) as store:
        run_ids = store.queue(wanted, experiment)
    with TrainerSession(path, "auto", "") as session:
        for number, (run_id, config) in enumerate(zip(run_ids, wanted, strict=True), start=1):
            session.claim(["auto"], "cpu", "a CPU")
            epochs = [_epoch(n, number) for n in range(1, config.epochs + 1)]
            last = epochs[-1]
            session.record(run_id, epochs, 1.0, 0.0, Best(config.epochs, last.test_metric))
            scores = Scores(last.train_loss, last.train_metric, last.test_loss, last.test_metric)
            session.finish(run_id, "finished", "", 0.1 * number, scores)
    return run_ids


def _epoch(epoch: int, slowness: int) -> Epoch:
    left = math.exp(-epoch / (5 * slowness))
    return Epoch(epoch, 0.3 + left, 0.85 - left / 3, 0.35 + left, 0.84 - left / 3, 0.002)


def add_comparison(path: Path, plan: ComparisonPlan, metric: Callable[[RunConfig], float], stages: int = 3) -> int:
    """Add a comparison and train some of its stages, each run with the metric that is given for it; its number."""
    with Store(path) as store:
        number = comparisons.begin(store, plan)
    for _ in range(stages):
        train_queued(path, metric)
        with Store(path) as store:
            comparisons.queue_stage(store, number, plan)
    return number


def train_queued(path: Path, metric: Callable[[RunConfig], float]) -> None:
    """Finish every queued run, as a trainer does; one whose metric is not a number diverges."""
    with TrainerSession(path, "auto", "") as session:
        while (run := session.claim(["auto"], "cpu", "a CPU")) is not None:
            value = metric(run.config)
            if math.isnan(value):
                session.finish(run.id, "diverged", "", 0.1, None)
                continue
            epochs = [Epoch(n, 0.1, value, 0.1, value, 0.002) for n in range(1, run.config.epochs + 1)]
            session.record(run.id, epochs, 1.0, 0.0, Best(1, value))
            session.finish(run.id, "finished", "", 0.1, Scores(0.1, value, 0.1, value))
