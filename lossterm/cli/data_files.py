"""A person's data files on the command line: the options that describe one, adding it, and finding it by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..catalog import TASKS, Dataset, UnknownNameError, dataset_named
from ..catalog.data_file import DataChoices
from ..catalog.data_names import LONGEST_NAME, name_after, name_problem
from ..runs.data_files import DataFileChangedError, check_in_place
from ..runs.records import OwnDataset
from ..store import Store
from ..store.commands import AddDataset
from ..supervisor.data_tool import DataTool
from ..supervisor.tools import ToolError
from ..text import one_line
from .completion import complete_words
from .options import GlobalOptions
from .output import say_error

_Command = TypeVar("_Command", bound=Callable[..., Any])
_TASKS = ("auto", *(task.name for task in TASKS))


def data_choices(
    target: str | None = None,
    task: str | None = None,
    ignored: tuple[str, ...] = (),
    split: str | None = None,
    group: str | None = None,
) -> DataChoices:
    """Check what was typed. Raises click.UsageError."""
    if not target:
        raise click.UsageError("target: name the column to predict with --target")
    chosen = (task or "auto").strip().lower()
    if chosen not in _TASKS:
        raise click.UsageError(f"task: must be one of {', '.join(_TASKS)}, not {chosen[:40]!r}")
    how = split or "random"
    column = "" if how in ("random", "ordered") else how
    return DataChoices(target, chosen, tuple(ignored), "column" if column else how, column, group or "")


def data_options(command: _Command) -> _Command:
    """Add the options that say what the columns of a file are for."""
    options = (
        click.option("--target", metavar="COLUMN", help="The column to predict."),
        click.option(
            "--task",
            metavar="|".join(_TASKS),
            help="What kind of target it is; by default what its values look like.",
            shell_complete=complete_words(*_TASKS),
        ),
        click.option("--ignore", "ignored", metavar="COLUMN", multiple=True, help="A column to leave out; repeats."),
        click.option(
            "--split",
            metavar="random|ordered|COLUMN",
            help="Which rows train (60 %), validate (20 %) and test (20 %): at random, in the file's order, or as a "
            "column says with the words train, validation and test.",
        ),
        click.option("--group", metavar="COLUMN", help="Rows that are alike in this column stay in one set."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def add_data(store: Store, file: str, name: str | None, choices: DataChoices) -> OwnDataset:
    """Read a file in a process of its own and keep it as a dataset.

    Raises:
        click.UsageError: The file, a column or the name cannot be used.
    """
    path = _absolute(file)
    chosen = _free_name(store, path, name)
    if sys.stderr.isatty():
        say_error(f"reading {path}")
    tool = DataTool()
    try:
        found, report = tool.describe(chosen, path, choices, lambda _progress: None)
    except ToolError as error:
        raise click.UsageError(str(error)) from None
    store.do(AddDataset(found, report))
    return own_dataset(store, chosen)


def _absolute(file: str) -> Path:
    try:
        file.encode()
        return Path(file).expanduser().absolute()
    except (RuntimeError, OSError, UnicodeEncodeError):
        raise click.UsageError(f"data: {one_line(file)[:100]!r} names no file") from None


def _free_name(store: Store, path: Path, typed: str | None) -> str:
    """The name that was typed or that follows from the file, if no other dataset has it."""
    name = typed if typed is not None else name_after(path)
    problem = name_problem(name, path, {dataset.name: dataset.file.path for dataset in store.own_datasets()})
    if problem.startswith("must"):
        raise click.UsageError(f"name: {problem}, not {one_line(name)[:LONGEST_NAME]!r}")
    if problem:
        raise click.UsageError(f"name: {problem}; give another with --name")
    return name


def own_dataset(store: Store, name: str) -> OwnDataset:
    """The dataset of a person's own that has this name. Raises click.UsageError."""
    own = store.own_datasets()
    for dataset in own:
        if dataset.name == name:
            return dataset
    known = ", ".join(dataset.name for dataset in own)
    hint = f"choose one of {known}" if known else "there is none yet: lossterm data add FILE --target COLUMN"
    raise click.UsageError(f"name: {name[:LONGEST_NAME]!r} is no dataset of your own; {hint}")


def named_dataset(options: GlobalOptions, name: str) -> Dataset:
    """The dataset that was named on the command line: one that is built in, or a person's own with its file in place.

    Raises:
        click.UsageError: There is none of that name, or its file is gone or another one.
        StoreError: The store cannot be read.
    """
    try:
        return dataset_named(name)
    except UnknownNameError as error:
        words = str(error)
    with options.open_store() as store:
        own = {dataset.name: dataset for dataset in store.own_datasets()}
    if name not in own:
        raise click.UsageError(", ".join([words, *own]))
    try:
        check_in_place(own[name].file)
    except DataFileChangedError as error:
        raise click.UsageError(str(error)) from None
    return own[name].file.entry
