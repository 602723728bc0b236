"""SQL rows to records: the one place that knows the columns' order and how NaN and absence are stored."""

from __future__ import annotations

import math
import sqlite3
from typing import Any

from ..experiment import Experiment
from ..records import Best, Epoch, Run, Scores, Trainer

EXPERIMENT = tuple("hidden_units" if field == "hidden_layers" else field for field in Experiment.model_fields)  # compat
SCORES = (
    "train_loss",
    "train_metric",
    "test_loss",
    "test_metric",
    "train_mae",
    "test_mae",
    "train_r2",
    "test_r2",
)
EPOCH = ("epoch", "train_loss", "train_metric", "test_loss", "test_metric", "seconds")

SELECT_RUNS = (
    "SELECT runs.*, "
    + ", ".join(f"last.{column} AS last_{column}" for column in EPOCH)
    + " FROM runs LEFT JOIN epochs AS last ON last.run = runs.id AND last.epoch = runs.epochs_done"
)


def run_of(row: sqlite3.Row) -> Run:
    """Build a Run. The experiment was checked when it was queued, so it is not checked again."""
    scores = None
    if any(row[column] is not None for column in SCORES):
        scores = Scores(*(_number(row[column]) for column in SCORES[:4]), *(row[column] for column in SCORES[4:]))
    best = None
    if row["best_epoch"] is not None:
        best = Best(row["best_epoch"], _number(row["best_test_metric"]))
    last = None
    if row["last_epoch"] is not None:
        last = epoch_of([row[f"last_{column}"] for column in EPOCH])
    return Run(
        id=row["id"],
        experiment=_experiment_of(row),
        status=row["status"],
        request=row["request"],
        epochs_done=row["epochs_done"],
        device=row["resolved"] or row["device"],
        device_name=row["device_name"],
        created=row["created"],
        started=row["started"],
        ended=row["ended"],
        seconds=row["seconds"],
        message=row["message"],
        phase=row["phase"],
        progress=row["progress"],
        scores=scores,
        best=best,
        last=last,
        trainer=row["trainer"],
        log=row["log"],
        note=row["note"],
        pinned=bool(row["pinned"]),
        deleted=row["deleted"] is not None,
        revision=row["revision"],
    )


def _experiment_of(row: sqlite3.Row) -> Experiment:  # compat
    fields = {field: row[field] for field in EXPERIMENT if field != "hidden_units"}
    return Experiment.model_construct(**fields, hidden_layers=(row["hidden_units"],))


def epoch_of(values: Any) -> Epoch:
    """Build an Epoch from its columns in the order of EPOCH."""
    return Epoch(int(values[0]), *(_number(value) for value in values[1:]))


def trainer_of(row: sqlite3.Row) -> Trainer:
    """Build a Trainer from a row whose columns bear the record's names."""
    return Trainer(**dict(row))


def stored(value: float | None) -> float | None:
    """A float as SQLite keeps it: NaN as NULL."""
    return None if value is None or math.isnan(value) else float(value)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
