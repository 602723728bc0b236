"""`lossterm datasets`: what there is to train on."""

from __future__ import annotations

import click

from ..catalog import DATASETS, Dataset
from ..formatting import MISSING
from .options import json_option, store_option
from .output import TableColumn, print_json, print_table

_COLUMNS = (
    TableColumn("name", "left"),
    TableColumn("task", "left"),
    TableColumn("rows"),
    TableColumn("features"),
    TableColumn("classes"),
    TableColumn("from", "left", keep=1),
)


@click.command()
@json_option
@store_option
def datasets(as_json: bool) -> None:
    """List what there is to train on: generated data, and real data that scikit-learn brings along."""
    if as_json:
        print_json([_as_json(dataset) for dataset in DATASETS])
        return
    print_table(_COLUMNS, [_row(dataset) for dataset in DATASETS])


def _as_json(dataset: Dataset) -> dict[str, object]:
    return {
        "name": dataset.name,
        "task": dataset.task.name,
        "rows": dataset.rows,
        "features": dataset.features,
        "classes": dataset.classes,
        "source": dataset.source,
    }


def _row(dataset: Dataset) -> list[str]:
    classes = str(dataset.classes) if dataset.classes else MISSING
    return [dataset.name, dataset.task.name, str(dataset.rows), str(dataset.features), classes, dataset.source]
