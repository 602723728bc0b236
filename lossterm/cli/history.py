"""`lossterm runs` and `lossterm show`: what was trained, and how it went."""

from __future__ import annotations

import sys

import click

from ..config import applying_settings
from ..formatting import duration, number, run_name, scores_words
from ..runs.records import Run
from ..store import Store
from .completion import complete_run
from .formats import EPOCH_COLUMNS, RUN_COLUMNS, epoch_row, epochs_of, run_json, run_row, run_row_json
from .options import global_options, json_option, read_run_id, store_option
from .output import print_json, print_json_array, print_table, say

_SHOWN_EPOCHS = 30


@click.command()
@json_option
@store_option
@click.pass_context
def runs(context: click.Context, as_json: bool) -> None:
    """List the history, newest first."""
    with global_options(context).open_store() as store:
        store.reap()
        found = store.runs()
    if as_json:
        print_json_array(run_row_json(run) for run in found)
    elif found:
        print_table(RUN_COLUMNS, (run_row(run) for run in found))
    else:
        say("no runs yet; train one: lossterm run --loss mse")


@click.command()
@click.argument("number_of_run", metavar="ID", shell_complete=complete_run)
@json_option
@store_option
@click.pass_context
def show(context: click.Context, number_of_run: str, as_json: bool) -> None:
    """Show one run with its epochs."""
    run_id = read_run_id(number_of_run)
    with global_options(context).open_store() as store:
        store.reap()
        run = store.run(run_id)
        if as_json:
            print_json(run_json(store, run))
        elif run.unreadable:
            say(f"run {run.id} cannot be read: {run.unreadable}")
        else:
            _print_run(run)
            _print_epochs(store, run)


def _print_run(run: Run) -> None:
    config = run.config
    say(f"run {run.id}: {run_name(run)}: {run.status}, epoch {run.epochs_done}/{config.epochs}")
    if run.message:
        say(run.message)
    _print_scores(run)
    settings = [
        f"{row.name} {row.written(config.setting(row.name))}"
        for row in applying_settings(config.dataset_entry).values()
    ]
    say(f"settings: {', '.join(settings)}")
    say(f"trained on {run.device} {run.device_name} in {duration(run.seconds)}".rstrip())
    for note in config.notes:
        say(f"note: {note.short}")
    if run.note:
        say(f"your note: {run.note}")
    if run.log:
        say(f"log: {run.log}")


def _print_scores(run: Run) -> None:
    metric = run.config.metric.name
    if run.scores:
        scores = run.scores
        say(scores_words(scores, metric))
        if scores.test_mae is not None:
            mae, r2 = (scores.train_mae, scores.test_mae), (scores.train_r2, scores.test_r2)
            say(f"mae {', '.join(map(number, mae))}; r2 {', '.join(map(number, r2))}")
    if run.best:
        say(f"best test {metric}: {number(run.best.test_metric)} at epoch {run.best.epoch}")


def _print_epochs(store: Store, run: Run) -> None:
    """Print the epochs: all of them in a pipe, some spread evenly on a terminal."""
    rows, left_out = [], 0
    step = max(run.epochs_done // _SHOWN_EPOCHS, 1) if sys.stdout.isatty() else 1
    for epoch in epochs_of(store, run):
        if step == 1 or epoch.epoch % step == 0 or epoch.epoch in (1, run.epochs_done):
            rows.append(epoch_row(epoch))
        else:
            left_out += 1
    if rows:
        print_table(EPOCH_COLUMNS, rows)
    if left_out:
        say(f"{left_out} epochs between are left out; all of them: lossterm export {run.id} --format csv --to -")
