"""Runs in the forms that the commands write: table rows, JSON objects, CSV and JSON files.

Epochs are streamed from the store: a run of a million of them is never held whole.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from ..catalog import NO_LAYERS
from ..config import SETTINGS
from ..formatting import MISSING, duration, number, status_role
from ..runs.records import ACTIVE, ENDED, Epoch, Run, finite
from ..store import Store
from .output import ROLE_STYLES, TableColumn

Writer = Callable[[Store, Sequence[Run], TextIO], None]

_CHUNK = 5000
_RUN_FIELDS = ("id", "loss", "dataset", "metric", "status")
_EPOCH_FIELDS = ("epoch", "train_loss", "train_metric", "test_loss", "test_metric", "seconds")
_STATUS_STYLES: dict[str, str] = {status: ROLE_STYLES[status_role(status)] for status in ("queued", *ACTIVE, *ENDED)}

RUN_COLUMNS = (
    TableColumn("id", keep=13),
    TableColumn("loss", "left", keep=12, narrow=12),
    TableColumn("dataset", "left", keep=8, narrow=12),
    TableColumn("seed", keep=7),
    TableColumn("epochs", keep=9),
    TableColumn("train", keep=4),
    TableColumn("test", keep=5),
    TableColumn("metric", "left", keep=6),
    TableColumn("train m.", keep=3),
    TableColumn("test m.", keep=11),
    TableColumn("best", keep=2),
    TableColumn("at", keep=1),
    TableColumn("time", keep=2),
    TableColumn("device", "left", keep=2),
    TableColumn("status", "left", keep=10, styles=_STATUS_STYLES),
)
"""The columns of the table of runs."""
_EXPERIMENT = TableColumn("exp", keep=3)
_EXPERIMENT_PLACE = [column.title for column in RUN_COLUMNS].index("device")


def run_row(run: Run) -> list[str]:
    """Write a run as a row of RUN_COLUMNS; while it trains, with the scores of its latest epoch."""
    if run.unreadable:
        return [str(run.id), *[MISSING] * (len(RUN_COLUMNS) - 2), run.status]
    config, scores = run.config, run.scores or run.last
    return [
        str(run.id),
        config.loss_as_typed,
        config.dataset,
        str(config.seed),
        f"{run.epochs_done}/{config.epochs}",
        number(scores.train_loss if scores else None),
        number(scores.test_loss if scores else None),
        config.metric.name,
        number(scores.train_metric if scores else None),
        number(scores.test_metric if scores else None),
        number(run.best.test_metric if run.best else None),
        str(run.best.epoch) if run.best else MISSING,
        duration(run.seconds),
        run.device,
        run.status,
    ]


def run_table(runs: Sequence[Run]) -> tuple[list[TableColumn], list[list[str]]]:
    """Write the table of the history: RUN_COLUMNS, and the experiment's number where a run belongs to one."""
    columns, rows = list(RUN_COLUMNS), [run_row(run) for run in runs]
    if any(run.experiment_id is not None for run in runs):
        columns.insert(_EXPERIMENT_PLACE, _EXPERIMENT)
        for run, row in zip(runs, rows, strict=True):
            row.insert(_EXPERIMENT_PLACE, MISSING if run.experiment_id is None else str(run.experiment_id))
    return columns, rows


def epoch_columns(measured: str) -> list[TableColumn]:
    """The columns of the table of a run's epochs; `measured` is the set that was measured after each, "test" say."""
    return list(map(TableColumn, ("epoch", "train", measured, "train m.", f"{measured} m.", "time")))


def epoch_row(epoch: Epoch) -> list[str]:
    """Write an epoch as a row of the table with `epoch_columns`."""
    values = (epoch.train_loss, epoch.test_loss, epoch.train_metric, epoch.test_metric)
    return [str(epoch.epoch), *map(number, values), duration(epoch.seconds)]


def epochs_of(store: Store, run: Run) -> Iterator[Epoch]:
    """All epochs of a run in order, read a piece at a time."""
    after = 0
    while epochs := store.epochs(run.id, after=after, limit=_CHUNK):
        after = epochs[-1].epoch
        yield from epochs


def run_row_json(run: Run) -> dict[str, Any]:
    """Write a run as `runs --json` lists it: its object with settings; nulls for one that cannot be read."""
    return {**run.as_json(), "settings": _settings(run)}


def _setting_names() -> list[str]:
    """The keys of `_settings`."""
    return [name for row in SETTINGS.values() for name in (row.name, *([row.alias.name] if row.alias else []))]


def _settings(run: Run) -> dict[str, Any]:
    """Every setting by its name, and by its alias where it has one; None where an alias has no word for the value."""
    settings: dict[str, Any] = {}
    for name, row in SETTINGS.items():
        value = None if run.unreadable else run.config.setting(name)
        settings[name] = value
        if row.alias is not None:
            settings[row.alias.name] = None if value is None else row.alias.value_of(value)
    return settings


def run_json(store: Store, run: Run) -> dict[str, Any]:
    """Write a run as `show --json` prints it: its object with settings, message and history, an own loss's text too."""
    written = run_row_json(run)
    if written["loss_file"] is not None:
        kept = store.loss_file(written["loss_file"]["sha256"])
        written["loss_file"] = {**written["loss_file"], "source": None if kept is None else kept.text}
    return {
        **written,
        "message": run.message,
        "scores": {} if run.unreadable else store.scores(run.id),
        "history": [_epoch_json(epoch) for epoch in epochs_of(store, run)],
    }


def write_csv(store: Store, runs: Sequence[Run], file: TextIO) -> None:
    """Write one row an epoch, with the run's settings in every row; nan and inf are written as such."""
    writer = csv.writer(file, lineterminator="\n")
    own = ("loss_parameters", "loss_sha256")
    writer.writerow([*_RUN_FIELDS, *map(_csv_name, _setting_names()), *own, *_EPOCH_FIELDS])
    for run in runs:
        config = run.config
        start = [run.id, config.loss, config.dataset, config.metric.name, run.status]
        start += map(_csv_value, _settings(run).values())
        start.append(" ".join(f"{name}={value:.12g}" for name, value in config.loss_parameters))
        start.append(config.loss_file.sha256 if config.loss_file is not None else "")
        writer.writerows([*start, *(getattr(epoch, name) for name in _EPOCH_FIELDS)] for epoch in epochs_of(store, run))


def write_json(store: Store, runs: Sequence[Run], file: TextIO) -> None:
    """Write an array of the objects that `show --json` prints; non-finite numbers are null."""
    file.write("[")
    for place, run in enumerate(runs):
        file.write(",\n" if place else "\n")
        start = {**run_row_json(run), "message": run.message, "scores": store.scores(run.id)}
        file.write(json.dumps(start, allow_nan=False)[:-1] + ', "history": [')
        for number_of_epoch, epoch in enumerate(epochs_of(store, run)):
            file.write((", " if number_of_epoch else "") + json.dumps(_epoch_json(epoch), allow_nan=False))
        file.write("]}")
    file.write("\n]\n")


WRITERS: dict[str, Writer] = {"csv": write_csv, "json": write_json}
"""The formats that are written here, by name; the others need TensorFlow, and so another process."""


def write_file(store: Store, runs: Sequence[Run], form: str, path: Path) -> None:
    """Write runs to a file in one of WRITERS' formats; it is there whole or not at all.

    Raises:
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            WRITERS[form](store, runs, file)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _epoch_json(epoch: Epoch) -> dict[str, Any]:
    """An epoch as an entry of `history`; non-finite numbers are None."""
    return {
        "epoch": epoch.epoch,
        "train": {"loss": finite(epoch.train_loss), "metric": finite(epoch.train_metric)},
        "test": {"loss": finite(epoch.test_loss), "metric": finite(epoch.test_metric)},
        "seconds": finite(epoch.seconds),
    }


def _csv_value(value: object) -> object:
    """A setting's value as it is, several widths in one cell."""
    return (" ".join(map(str, value)) or NO_LAYERS) if isinstance(value, tuple) else value


def _csv_name(setting: str) -> str:
    """The heading of a setting's column; `epoch` is another column, so `epochs` says what it is."""
    return "planned_epochs" if setting == "epochs" else setting
