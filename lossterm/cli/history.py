"""`lossterm runs`, `show`, `note`, `delete` and `undelete`: the runs of the store, read and edited."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from ..experiments.summary import summarize
from ..formatting import duration, number, run_name, scores_words
from ..runs.records import ENDED, Experiment, Run
from ..store import Store
from ..store.prune import is_tombstone
from ..text import one_line
from .completion import complete_deletable, complete_deleted, complete_run
from .formats import epoch_columns, epoch_row, epochs_of, run_json, run_row_json, run_table
from .options import experiment_option, global_options, json_option, read_run_id, store_option
from .output import print_json, print_json_array, print_table, say, say_code

_SHOWN_EPOCHS = 30


@click.command()
@experiment_option("Only the runs that were queued together as this experiment.")
@json_option
@store_option
@click.pass_context
def runs(context: click.Context, experiment: int | None, as_json: bool) -> None:
    """List the history, newest first."""
    with global_options(context).open_store() as store:
        store.reap()
        found = store.runs() if experiment is None else store.runs_of(experiment)[::-1]
        named = None if experiment is None else store.experiment(experiment)
    if as_json:
        print_json_array(run_row_json(run) for run in found)
        return
    if named is not None:
        _print_experiment(named, found)
    if found:
        print_table(*run_table(found))
    elif named is None:
        say("no runs yet; train one: lossterm run --loss mse")


def _print_experiment(experiment: Experiment, runs: Sequence[Run]) -> None:
    summary = summarize(runs)
    words = [f"{summary.done}/{summary.total} ended", f"best {summary.best}" if summary.best else ""]
    say(f"experiment {experiment.id}: {', '.join(filter(None, [experiment.name, *words]))}")


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
            _print_run(run, next(iter(store.experiments([run.experiment_id or 0])), None))
            _print_more_scores(store.scores(run.id))
            _print_epochs(store, run)
            _print_loss_file(store, run)


def _print_run(run: Run, experiment: Experiment | None) -> None:
    config = run.config
    say(f"run {run.id}: {run_name(run)}: {run.status}, epoch {run.epochs_done}/{config.epochs}")
    if run.message:
        say(run.message)
    if experiment is not None:
        say(f"experiment {experiment.id}: {experiment.name}".rstrip(": "))
    _print_scores(run)
    settings = [f"{row.name} {row.written(config.setting(row.name))}" for row in config.rows.values()]
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
        say(f"best {run.config.measured_set} {metric}: {number(run.best.test_metric)} at epoch {run.best.epoch}")


def _print_more_scores(scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Print a line a set: what scikit-learn's metrics give, those that mean something."""
    for name, values in scores.items():
        known = [f"{score} {number(value)}" for score, value in values.items() if isinstance(value, float)]
        in_own = values.get("own_units")
        own = [f"{score} {number(value)}" for score, value in (in_own if isinstance(in_own, dict) else {}).items()]
        if known or own:
            say(f"{name}: {', '.join(known)}" + (f"; in the target's unit {', '.join(own)}" if own else ""))


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
        print_table(epoch_columns(run.config.measured_set), rows)
    if left_out:
        say(f"{left_out} epochs between are left out; all of them: lossterm export {run.id} --format csv --to -")


def _print_loss_file(store: Store, run: Run) -> None:
    """Print the text of an own loss's file as it was when the run was queued."""
    file = run.config.loss_file
    if file is None:
        return
    kept = store.loss_file(file.sha256)
    if kept is None:
        say(f"loss: {file.path} (SHA-256 {file.sha256}); its text was not kept")
        return
    say(f"loss: {file.path} (SHA-256 {file.sha256}) as it was when the run was queued:")
    say_code(kept.text)


@click.command()
@click.argument("which", metavar="ID", shell_complete=complete_run)
@click.argument("words", metavar="TEXT", nargs=-1)
@json_option
@store_option
@click.pass_context
def note(context: click.Context, which: str, words: tuple[str, ...], as_json: bool) -> None:
    """Keep a note on a run.

    It takes the place of the one that was there; an empty one ('') removes it.
    """
    run_id = read_run_id(which)
    if not words:
        raise click.UsageError("text: give the note after the id; '' removes the one that is there")
    text = one_line(" ".join(words))
    with global_options(context).open_store() as store:
        _refuse_missing(store, [run_id])
        run = store.annotate(run_id, text)
    if as_json:
        print_json({"id": run.id, "note": run.note})
    else:
        say(f"run {run.id}: your note: {run.note}" if run.note else f"run {run.id} has no note")


@click.command()
@click.argument("numbers", metavar="ID...", nargs=-1, shell_complete=complete_deletable)
@experiment_option("The runs of an experiment.")
@json_option
@store_option
@click.pass_context
def delete(context: click.Context, numbers: tuple[str, ...], experiment: int | None, as_json: bool) -> None:
    """Take runs that have ended out of the history.

    All of them or, where one cannot be deleted, none. They can be brought back (lossterm undelete) until
    lossterm prune deletes them for good.
    """
    ids = _ids(numbers) if numbers or experiment is None else []
    with global_options(context).open_store() as store:
        store.reap()
        if experiment is not None:
            ids = list(dict.fromkeys([*ids, *_of_experiment(store, experiment)]))
        _refuse_missing(store, ids)
        for run in map(store.run, ids):
            if run.status not in ENDED:
                raise click.UsageError(f"id: run {run.id} is {run.status}; end it first with lossterm stop {run.id}")
        deleted = store.delete(ids)
    if as_json:
        print_json({"deleted": deleted})
    elif deleted:
        numbers_words = " ".join(map(str, deleted))
        say(f"deleted: {_named(deleted)}; to bring back: lossterm undelete {numbers_words}")


@click.command()
@click.argument("numbers", metavar="[ID...]", nargs=-1, shell_complete=complete_deleted)
@experiment_option("The deleted runs of an experiment.")
@json_option
@store_option
@click.pass_context
def undelete(context: click.Context, numbers: tuple[str, ...], experiment: int | None, as_json: bool) -> None:
    """Bring deleted runs back; without an ID the one that was deleted last."""
    ids = _ids(numbers) if numbers else []
    with global_options(context).open_store() as store:
        hidden = _deleted(store)
        if experiment is not None:
            of_it = [run.id for run in store.runs_of(experiment, deleted=True) if run.id in hidden]
            if not of_it:
                raise click.UsageError(f"experiment: no run of experiment {experiment} is deleted")
            ids = list(dict.fromkeys([*ids, *of_it]))
        if not ids:
            if not hidden:
                raise click.UsageError("id: no run is deleted")
            ids = [max(hidden.values(), key=lambda run: run.revision).id]
        for run_id in ids:
            if run_id not in hidden:
                raise click.UsageError(f"id: run {store.run(run_id).id} is not deleted")
        store.restore(ids)
    if as_json:
        print_json({"undeleted": ids})
    else:
        say(f"back again: {_named(ids)}")


def _of_experiment(store: Store, experiment: int) -> list[int]:
    """The numbers of an experiment's runs; refused where all of them are deleted."""
    ids = [run.id for run in store.runs_of(experiment)]
    if not ids:
        raise click.UsageError(
            f"experiment: the runs of experiment {experiment} are deleted; "
            f"to bring them back: lossterm undelete --experiment {experiment}"
        )
    return ids


def _ids(numbers: tuple[str, ...]) -> list[int]:
    """The numbers as they were typed, each once."""
    if not numbers:
        raise click.UsageError("id: give at least one run (see lossterm runs)")
    return list(dict.fromkeys(map(read_run_id, numbers)))


def _deleted(store: Store) -> dict[int, Run]:
    """The runs that can be brought back, by number."""
    return {run.id: run for run in store.runs(since=0) if run.deleted and not is_tombstone(run)}


def _refuse_missing(store: Store, ids: list[int]) -> None:
    """Refuse numbers of runs that are not in the history, and say which of them are deleted."""
    present = {run.id for run in store.runs()}
    for run_id in ids:
        if run_id not in present and run_id in _deleted(store):
            raise click.UsageError(f"id: run {run_id} is deleted; to bring it back: lossterm undelete {run_id}")
        store.run(run_id)


def _named(ids: list[int]) -> str:
    return f"run{'' if len(ids) == 1 else 's'} {', '.join(map(str, ids))}"
