"""Runs as CSV and JSON files, streamed from the store: a run of a million epochs is never held whole."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from ..records import Run
from ..store import Store
from .shapes import epoch_json, epochs_of, settings_of

Writer = Callable[[Store, Sequence[Run], TextIO], None]

_RUN = ("id", "loss", "dataset", "metric", "status")
_EPOCH = ("epoch", "train_loss", "train_metric", "test_loss", "test_metric", "seconds")


def write_csv(store: Store, runs: Sequence[Run], file: TextIO) -> None:
    """One row an epoch, with the run's settings in every row; nan and inf are written as such."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*_RUN, *_settings(runs[0]), *_EPOCH])
    for run in runs:
        experiment = run.experiment
        start = [run.id, experiment.loss, experiment.dataset, experiment.dataset_entry.metric, run.status]
        start += _settings(run).values()
        writer.writerows([*start, *(getattr(epoch, field) for field in _EPOCH)] for epoch in epochs_of(store, run))


def write_json(store: Store, runs: Sequence[Run], file: TextIO) -> None:
    """An array of the objects that `show --json` prints; non-finite numbers are null."""
    file.write("[")
    for number, run in enumerate(runs):
        head = {**run.as_json(), "settings": settings_of(run), "message": run.message}
        file.write(",\n" if number else "\n")
        file.write(json.dumps(head, allow_nan=False)[:-1] + ', "history": [')
        for place, epoch in enumerate(epochs_of(store, run)):
            file.write((", " if place else "") + json.dumps(epoch_json(epoch), allow_nan=False))
        file.write("]}")
    file.write("\n]\n")


WRITERS: dict[str, Writer] = {"csv": write_csv, "json": write_json}


def write_stream(store: Store, runs: Sequence[Run], form: str) -> None:
    """Write runs to stdout."""
    WRITERS[form](store, runs, sys.stdout)


def write_file(store: Store, runs: Sequence[Run], form: str, path: Path) -> None:
    """Write runs to a file, which is there whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            WRITERS[form](store, runs, file)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _settings(run: Run) -> dict[str, object]:
    """The settings under the columns' names; the run's own `epochs` is what was planned."""
    return {("planned_epochs" if field == "epochs" else field): value for field, value in settings_of(run).items()}
