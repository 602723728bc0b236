"""`lossterm export`: runs as tables, scripts, models, event files and figures."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..runs.records import Run
from ..store import Store
from ..supervisor import tools
from .completion import complete_run, complete_words
from .formats import WRITERS, write_file
from .options import complete_path, experiment_option, global_options, read_run_id, store_option
from .output import say

FORMATS = ("csv", "json", "tensorboard", "keras", "python", "png", "svg", "pdf")
SUFFIXES = {"python": "py"}
"""Of the files of a format, where it is not the format's name."""

_ONE_A_RUN = {"keras": "models", "python": "scripts"}
"""Formats of which a file holds one run, and what such files are called."""


@click.command()
@click.argument("numbers", metavar="ID...", nargs=-1, shell_complete=complete_run)
@experiment_option("The runs of an experiment.")
@click.option(
    "--format", "form", metavar="|".join(FORMATS), help="What to write.", shell_complete=complete_words(*FORMATS)
)
@click.option(
    "--to",
    "target",
    metavar="PATH",
    help="A file or a folder; - is stdout (csv and json).",
    shell_complete=complete_path,
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@store_option
@click.pass_context
def export(
    context: click.Context,
    numbers: tuple[str, ...],
    experiment: int | None,
    form: str | None,
    target: str | None,
    force: bool,
) -> None:
    """Write runs to files.

    csv: one row an epoch. json: an array of what `show --json` prints. tensorboard: a folder a run with the
    curves train and test. keras: the model with its latest weights, for keras.models.load_model. python: a script
    in plain Keras that needs no lossterm and gives the run's scores. png, svg, pdf: a figure of the curves, several
    runs in one. A folder as PATH (one that exists, or ends with /) gets one file a run.
    """
    form = _format(form)
    if not numbers and experiment is None:
        raise click.UsageError("id: give at least one run (see lossterm runs)")
    if not target:
        raise click.UsageError("to: give a file or a folder with --to")
    ids = [read_run_id(number) for number in numbers]
    with global_options(context).open_store() as store:
        store.reap()
        found = _runs(store, ids, experiment)
        if target == "-" and form in WRITERS:
            WRITERS[form](store, found, sys.stdout)
            return
        try:
            targets = _targets(found, form, target)
            _refuse_to_replace(targets, force)
            if form == "keras":
                _refuse_without_weights(store, found)
            remarks = _write(store, found, form, targets)
        except OSError as error:
            raise click.UsageError(f"to: {target} cannot be written: {error.strerror or error}") from None
    for path in dict.fromkeys(targets):
        say(f"wrote {path}")
    for remark in remarks:
        say(remark)
    for run in found if form == "keras" else ():
        if run.config.loss_file is not None:
            say(f"run {run.id}: its loss is your own, so the model was compiled without one; it predicts as it is")


def _runs(store: Store, ids: Sequence[int], experiment: int | None) -> list[Run]:
    """The runs with these numbers and those of an experiment, each once; refused where one cannot be read."""
    more = [] if experiment is None else [run.id for run in store.runs_of(experiment)]
    found = [store.run(run_id) for run_id in dict.fromkeys([*ids, *more])]
    if not found:
        raise click.UsageError(f"experiment: the runs of experiment {experiment} are deleted")
    for run in found:
        if run.unreadable:
            raise click.UsageError(f"run {run.id} cannot be read ({run.unreadable})")
    return found


def _format(word: str | None) -> str:
    form = (word or "").strip().lower()
    if form not in FORMATS:
        given = f", not {word[:40]!r}" if word else ""
        raise click.UsageError(f"format: must be one of {', '.join(FORMATS)}{given}")
    return form


def _targets(runs: Sequence[Run], form: str, target: str) -> list[Path]:
    """Where each run goes; the same file for all of them where one file takes them all."""
    path = Path(target).expanduser().absolute()
    folder = path.is_dir() or target.endswith(os.sep)
    if form == "tensorboard":
        if path.exists() and not folder:
            raise click.UsageError(f"to: {path} is a file; TensorBoard reads a folder")
        return [path / folder_name(run) for run in runs]
    suffix = f".{SUFFIXES.get(form, form)}"
    if form in _ONE_A_RUN and not folder:
        if path.suffix == suffix and len(runs) > 1:
            raise click.UsageError(f"to: {path} is one file; several {_ONE_A_RUN[form]} need a folder")
        folder = path.suffix != suffix and (form == "keras" or len(runs) > 1)
    if folder:
        return [path / f"run-{run.id}{suffix}" for run in runs]
    return [path] * len(runs)


def folder_name(run: Run) -> str:
    """The name that TensorBoard shows for a run."""
    loss = run.config.loss_as_typed.replace(":", "-").replace(",", "-")
    return f"run-{run.id}-{loss}-{run.config.dataset}-seed-{run.config.seed}"


def _refuse_to_replace(targets: Sequence[Path], force: bool) -> None:
    for path in targets:
        if path.exists() and not force:
            raise click.UsageError(f"to: {path} is there already; --force replaces it")


def _refuse_without_weights(store: Store, runs: Sequence[Run]) -> None:
    for run in runs:
        if store.checkpoint(run.id) is None:
            raise click.UsageError(f"run {run.id} has no weights yet ({run.status}, {run.epochs_done} epochs)")


def _write(store: Store, runs: Sequence[Run], form: str, targets: Sequence[Path]) -> list[str]:
    """Write runs; what is to be said of what was written, a line each."""
    if form not in WRITERS:
        return tools.export(store.path, [run.id for run in runs], form, targets)
    for path in dict.fromkeys(targets):
        write_file(store, [run for run, its in zip(runs, targets, strict=True) if its == path], form, path)
    return []
