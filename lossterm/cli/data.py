"""`lossterm datasets` and `lossterm data`: what there is to train on, and a person's own data."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TypeVar

import click

from ..catalog import DATASETS, Dataset
from ..formatting import MISSING, number
from ..runs.records import OwnDataset
from ..store.commands import RemoveDataset
from .completion import complete_own_dataset
from .data_files import add_data, data_choices, data_options, own_dataset
from .options import complete_path, global_options, json_option, store_option
from .output import TableColumn, print_json, print_table, say

_COLUMNS = (
    TableColumn("name", "left"),
    TableColumn("task", "left"),
    TableColumn("rows"),
    TableColumn("features"),
    TableColumn("classes"),
    TableColumn("from", "left", keep=1),
)
_FILE_COLUMNS = (
    TableColumn("column", "left"),
    TableColumn("role", "left"),
    TableColumn("type", "left", keep=4),
    TableColumn("missing", keep=5),
    TableColumn("values", keep=3),
    TableColumn("range", "left", keep=2),
    TableColumn("remark", "left", keep=6),
)
_SHOWN = 40
"""Columns and classes of a file that are listed on a terminal."""
_Entry = TypeVar("_Entry")


@click.command()
@json_option
@store_option
@click.pass_context
def datasets(context: click.Context, as_json: bool) -> None:
    """List what there is to train on: generated data, real data that scikit-learn brings along, and your own."""
    with global_options(context).open_store() as store:
        own = [dataset.file.entry for dataset in store.own_datasets()]
    _list([*DATASETS, *own], as_json)


def _list(found: Sequence[Dataset], as_json: bool) -> None:
    if as_json:
        print_json([_as_json(dataset) for dataset in found])
    else:
        print_table(_COLUMNS, [_row(dataset) for dataset in found])
        for words in dict.fromkeys(dataset.validation_words for dataset in found):
            say(f"{_whose(words, found)}: validation {words}")


def _whose(words: str, found: Sequence[Dataset]) -> str:
    """The datasets of which something is said."""
    theirs = [dataset for dataset in found if dataset.validation_words == words]
    return "your own" if theirs[0].file is not None else "built in"


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


@click.group()
@store_option
def data() -> None:
    """Add a data file of your own, list, show and remove what was added."""


@data.command()
@click.argument("file", metavar="FILE", shell_complete=complete_path)
@click.option("--name", metavar="NAME", help="What the dataset is called; by default after the file.")
@data_options
@json_option
@store_option
@click.pass_context
def add(context: click.Context, /, file: str, name: str | None, as_json: bool, **choices: Any) -> None:
    """Read a CSV, Parquet or .npz file, say what is in it, and keep it as a dataset.

    The store keeps the file's path, size and hash, and what its columns are for; the rows stay in the file. A file that
    changes afterwards is refused until it is added anew.
    """
    with global_options(context).open_store(make=True) as store:
        added = add_data(store, file, name, data_choices(**choices))
    if as_json:
        print_json(_whole_json(added))
        return
    say(f"added {added.name}")
    _print(added)
    short = {"regression": "mse", "binary": "bce", "multiclass": "cce"}[added.file.task]
    say(f"train it: lossterm run --loss {short} --dataset {added.name}")


@data.command(name="list")
@json_option
@store_option
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """List the datasets of your own."""
    with global_options(context).open_store() as store:
        found = [dataset.file.entry for dataset in store.own_datasets()]
    if not found and not as_json:
        say("no data of your own yet: lossterm data add FILE --target COLUMN")
        return
    _list(found, as_json)


@data.command()
@click.argument("name", metavar="NAME", shell_complete=complete_own_dataset)
@json_option
@store_option
@click.pass_context
def show(context: click.Context, name: str, as_json: bool) -> None:
    """Say what was found in a file when it was added: columns, ranges, classes, the split."""
    with global_options(context).open_store() as store:
        found = own_dataset(store, name)
    if as_json:
        print_json(_whole_json(found))
    else:
        _print(found)


@data.command()
@click.argument("name", metavar="NAME", shell_complete=complete_own_dataset)
@store_option
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Forget a dataset of your own. The file and the runs that were trained on it stay."""
    with global_options(context).open_store(make=True) as store:
        found = own_dataset(store, name)
        store.do(RemoveDataset(found.name))
    say(f"removed {found.name}; {found.file.path} is as it was")


def _whole_json(found: OwnDataset) -> dict[str, object]:
    file = found.file
    return {
        **_as_json(file.entry),
        "target": file.target,
        "ignored": list(file.ignored),
        "group": file.group or None,
        "split_by": file.split_column or file.split,
        "path": file.path,
        "size": file.size,
        "sha256": file.sha256,
        "added": found.created,
        **{key: found.report.get(key) for key in ("without_target", "columns", "split")},
        "class_rows": found.report.get("classes"),
    }


def _print(found: OwnDataset) -> None:
    """Print what was found in a file."""
    file, report = found.file, found.report
    say(f"{file.name}: {file.task}, {file.rows} rows of {file.path}")
    without = report.get("without_target") or 0
    if without:
        say(f"{without} rows without a target are left out")
    classes = [f"{entry.get('name')} {entry.get('rows')}" for entry in _objects(report, "classes")]
    say(f"target: {file.target}" + (f": {', '.join(_some(classes))}" if classes else _range_words(report, file.target)))
    columns = _objects(report, "columns")
    print_table(_FILE_COLUMNS, [_column_row(column) for column in _some(columns)])
    if len(_some(columns)) < len(columns):
        say(f"{len(columns) - _SHOWN} more columns: lossterm data show {file.name} --json")
    kept = f", a {file.group} never in two sets" if file.group else ""
    how = {"random": "shuffled", "ordered": "in the file's order"}.get(file.split, f"as {file.split_column} says")
    say(f"split: {file.entry.split_words}; {how}{kept}")
    say(f"features: {file.features} once numbers are standardised and categories one-hot, by the training rows alone")


def _objects(report: dict[str, object], key: str) -> list[dict[str, object]]:
    """A list of a report as it should be; a store from elsewhere may hold anything."""
    found = report.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _some(entries: Sequence[_Entry]) -> Sequence[_Entry]:
    """All entries in a pipe, the first on a terminal."""
    return entries[:_SHOWN] if sys.stdout.isatty() else entries


def _range_words(report: dict[str, object], name: str) -> str:
    column = next((entry for entry in _objects(report, "columns") if entry.get("name") == name), {})
    return f" from {_range(column)}" if _range(column) else ""


def _range(column: dict[str, object]) -> str:
    low, high = column.get("low"), column.get("high")
    both = isinstance(low, (int, float)) and isinstance(high, (int, float))
    return f"{number(low)} to {number(high)}" if both else ""  # type: ignore[arg-type]


def _column_row(column: dict[str, object]) -> list[str]:
    words = [str(column.get(key, "")) for key in ("name", "role", "type", "missing", "distinct")]
    return [words[0][:_SHOWN], *words[1:], _range(column), str(column.get("reason", ""))]
