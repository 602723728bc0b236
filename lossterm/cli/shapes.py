"""Runs as the JSON objects and the table rows of the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..experiment import SETTINGS
from ..formatting import MISSING, duration, number, status_role
from ..records import ACTIVE, ENDED, Epoch, Run, finite
from ..store import Store
from .output import ROLE_STYLES, TableColumn

_CHUNK = 5000

_STATUS_STYLES: dict[str, str] = {status: ROLE_STYLES[status_role(status)] for status in ("queued", *ACTIVE, *ENDED)}

RUN_COLUMNS = (
    TableColumn("id"),
    TableColumn("loss", "left"),
    TableColumn("dataset", "left"),
    TableColumn("seed", keep=7),
    TableColumn("epochs"),
    TableColumn("train", keep=6),
    TableColumn("test", keep=8),
    TableColumn("metric", "left", keep=5),
    TableColumn("train m.", keep=4),
    TableColumn("test m."),
    TableColumn("best", keep=2),
    TableColumn("at", keep=1),
    TableColumn("time", keep=3),
    TableColumn("device", "left", keep=3),
    TableColumn("status", "left", styles=_STATUS_STYLES),
)


def run_row(run: Run) -> list[str]:
    """A run as a row of RUN_COLUMNS; while it trains, the scores of its latest epoch."""
    if run.unreadable:
        return [str(run.id), *["-"] * (len(RUN_COLUMNS) - 2), run.status]
    scores = run.scores or run.last
    loss = run.experiment.loss_entry.short
    return [
        str(run.id),
        loss,
        run.experiment.dataset,
        str(run.experiment.seed),
        f"{run.epochs_done}/{run.experiment.epochs}",
        number(scores.train_loss if scores else None),
        number(scores.test_loss if scores else None),
        run.experiment.dataset_entry.metric,
        number(scores.train_metric if scores else None),
        number(scores.test_metric if scores else None),
        number(run.best.test_metric if run.best else None),
        str(run.best.epoch) if run.best else MISSING,
        duration(run.seconds),
        run.device,
        run.status,
    ]


def name_of(run: Run) -> str:
    """A run as a person would call it."""
    if run.unreadable:
        return "it cannot be read"
    return f"{run.experiment.loss_entry.short} on {run.experiment.dataset}, seed {run.experiment.seed}"


def settings_of(run: Run) -> dict[str, Any]:
    """A run's settings by name, its loss and dataset aside; None for each of one that cannot be read."""
    if run.unreadable:
        return dict.fromkeys(SETTINGS)
    return {field: getattr(run.experiment, field) for field in SETTINGS}


def epochs_of(store: Store, run: Run) -> Iterator[Epoch]:
    """All epochs of a run in order, read a piece at a time."""
    after = 0
    while epochs := store.epochs(run.id, after=after, limit=_CHUNK):
        after = epochs[-1].epoch
        yield from epochs


def epoch_json(epoch: Epoch) -> dict[str, Any]:
    """An epoch as an entry of `history`; non-finite numbers are None."""
    return {
        "epoch": epoch.epoch,
        "train": {"loss": finite(epoch.train_loss), "metric": finite(epoch.train_metric)},
        "test": {"loss": finite(epoch.test_loss), "metric": finite(epoch.test_metric)},
        "seconds": finite(epoch.seconds),
    }


def full_json(store: Store, run: Run) -> dict[str, Any]:
    """A run as `show --json` prints it: its object with settings, message and history."""
    return {
        **run.as_json(),
        "settings": settings_of(run),
        "message": run.message,
        "history": [epoch_json(epoch) for epoch in epochs_of(store, run)],
    }
