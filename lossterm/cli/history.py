"""`lossterm runs` and `lossterm show`: what was trained, and how it went."""

from __future__ import annotations

import sys

import click

from ..formatting import duration, number, setting_value
from ..records import Epoch, Run
from ..store import Store
from .options import global_options, json_option, run_id, store_option
from .output import TableColumn, print_json, print_json_array, print_table, say
from .shapes import RUN_COLUMNS, epochs_of, full_json, name_of, run_row
from .shapes import settings_of as run_settings

_EPOCH_COLUMNS = ("epoch", "train", "test", "train m.", "test m.", "time")
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
        print_json_array(run.as_json() for run in found)
    elif found:
        print_table(RUN_COLUMNS, (run_row(run) for run in found))
    else:
        say("no runs yet; train one: lossterm run --loss mse")


@click.command()
@click.argument("number_of_run", metavar="ID")
@json_option
@store_option
@click.pass_context
def show(context: click.Context, number_of_run: str, as_json: bool) -> None:
    """Show one run with its epochs."""
    wanted = run_id(number_of_run)
    with global_options(context).open_store() as store:
        store.reap()
        run = store.run(wanted)
        if as_json:
            print_json(full_json(store, run))
        else:
            _print_run(store, run)


def _print_run(store: Store, run: Run) -> None:
    if run.unreadable:
        say(f"run {run.id} cannot be read: {run.unreadable}")
        return
    metric = run.experiment.dataset_entry.metric
    say(f"run {run.id}: {name_of(run)}: {run.status}, epoch {run.epochs_done}/{run.experiment.epochs}")
    if run.message:
        say(run.message)
    if run.scores:
        scores = run.scores
        say(f"{scores.line} ({metric} {number(scores.train_metric)}, {number(scores.test_metric)})")
        if scores.test_mae is not None:
            mae, r2 = (scores.train_mae, scores.test_mae), (scores.train_r2, scores.test_r2)
            say(f"mae {', '.join(map(number, mae))}; r2 {', '.join(map(number, r2))}")
    if run.best:
        say(f"best test {metric}: {number(run.best.test_metric)} at epoch {run.best.epoch}")
    settings = (
        (field, value) for field, value in run_settings(run).items() if run.experiment.dataset_entry.takes(field)
    )
    say("settings: " + ", ".join(f"{field} {setting_value(value)}" for field, value in settings))
    say(f"trained on {run.device} {run.device_name} in {duration(run.seconds)}".rstrip())
    for note in run.experiment.notes:
        say(f"note: {note.short}")
    if run.note:
        say(f"your note: {run.note}")
    if run.log:
        say(f"log: {run.log}")
    _print_epochs(store, run)


def _print_epochs(store: Store, run: Run) -> None:
    on_terminal = sys.stdout.isatty()
    rows, left_out = [], 0
    step = max(run.epochs_done // _SHOWN_EPOCHS, 1) if on_terminal else 1
    for epoch in epochs_of(store, run):
        if step == 1 or epoch.epoch % step == 0 or epoch.epoch in (1, run.epochs_done):
            rows.append(_epoch_row(epoch))
        else:
            left_out += 1
    if rows:
        print_table([TableColumn(title) for title in _EPOCH_COLUMNS], rows)
    if left_out:
        say(f"{left_out} epochs between are left out; all of them: lossterm export {run.id} --format csv --to -")


def _epoch_row(epoch: Epoch) -> list[str]:
    values = (epoch.train_loss, epoch.test_loss, epoch.train_metric, epoch.test_metric)
    return [str(epoch.epoch), *map(number, values), duration(epoch.seconds)]
