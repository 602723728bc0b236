"""`lossterm run`: queue runs and follow them to their end, or leave them to a trainer with --detach."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from ..catalog import DATASETS, LOSSES, MENU_DATASETS, MENU_LOSSES, Choice, Dataset, Loss, option_of
from ..catalog.menu import ADDED_LOSSES, read_added
from ..catalog.own_loss import OWN_LOSS_SYNTAX
from ..config import SETTINGS, RunConfig, datasets_that_take, overridden
from ..experiments.presets import PRESETS, Preset
from ..experiments.summary import experiment_name
from ..formatting import run_name
from ..runs.records import ENDED, Run
from ..store import Store, StoreError
from ..supervisor import launch
from .completion import complete_dataset, complete_loss, complete_preset, complete_words
from .data_files import add_data, data_choices, data_options, named_dataset
from .formats import run_row_json
from .options import (
    GlobalOptions,
    complete_path,
    device_option,
    global_options,
    json_option,
    store_option,
    trainers_option,
)
from .output import print_json, say, say_error, say_sentence
from .plan import ALL, CATALOGUE, keep_loss_files, named_preset, plan
from .progress import JsonView, LineView, Notices, ProgressView, followed
from .run_monitor import RunMonitor, RunSignals

_Command = TypeVar("_Command", bound=Callable[..., Any])


class RunCommand(click.Command):
    """`run`, with the losses, datasets and presets at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A line a loss and a dataset, a sentence a preset."""
        with formatter.section("Losses"):
            formatter.write_dl([(loss.short, _loss_words(loss)) for loss in LOSSES])
        with formatter.section("Datasets"):
            formatter.write_dl([(d.name, f"{d.task.name}: {d.generator}, {d.split_words}") for d in DATASETS])
        with formatter.section("Presets"):
            formatter.write_dl([(preset.name, preset.watch) for preset in PRESETS])


def setting_options(*without: str) -> Callable[[_Command], _Command]:
    """Make a decorator that adds an option for each setting of a run, but for those that are named.

    The device's is one that every command shares.
    """

    def add(command: _Command) -> _Command:
        for setting in reversed(SETTINGS.values()):
            if setting.name == "device" or setting.name in without:
                continue
            takers = datasets_that_take(setting)
            for_some = "" if len(takers) == len(MENU_DATASETS) else f" For {', '.join(takers)}."
            if setting.alias is not None:
                command = click.option(option_of(setting.alias.name), metavar="N", help=setting.alias.help)(command)
            command = click.option(
                setting.flag,
                setting.name,
                metavar=setting.metavar,
                multiple=setting.name == "seed",
                help=setting.help + for_some,
                shell_complete=complete_words(*setting.kind.options) if isinstance(setting.kind, Choice) else None,
            )(command)
        return command

    return add


def _loss_words(loss: Loss) -> str:
    """The title of a loss, the tasks that it fits, and whether only CATALOGUE brings it."""
    beyond = " (not in the menu)" if loss.menu_place is None else ""
    return f"{loss.title}: {', '.join(loss.outputs)}{beyond}"


@click.command(cls=RunCommand)
@click.option(
    "--loss",
    "losses",
    multiple=True,
    metavar="NAME",
    help=f"{', '.join(loss.short for loss in MENU_LOSSES)}, or another below, or their Keras names; with parameters: "
    f"huber:delta=2 (see lossterm losses); your own: {OWN_LOSS_SYNTAX}; {ALL}: those of the menu that fit; "
    f"{CATALOGUE}: every one; repeats.",
    shell_complete=complete_loss,
)
@click.option(
    "--dataset",
    metavar="NAME",
    help=f"{', '.join(dataset.name for dataset in MENU_DATASETS)}, or another of lossterm datasets; by default "
    "each loss's own.",
    shell_complete=complete_dataset,
)
@click.option(
    "--preset",
    metavar="NAME",
    help="Losses, dataset and settings that show something; those below override it.",
    shell_complete=complete_preset,
)
@click.option(
    "--data",
    "data_file",
    metavar="FILE",
    help="Train on a file of your own, as lossterm data add reads it; needs --target.",
    shell_complete=complete_path,
)
@data_options
@setting_options()
@click.option("--detach", is_flag=True, help="Queue the runs and return at once; they train in the background.")
@json_option
@device_option
@trainers_option
@store_option
@click.pass_context
def run(
    context: click.Context,
    /,
    losses: tuple[str, ...],
    preset: str | None,
    seed: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **typed: Any,
) -> int:
    """Train without the app.

    One run for each loss and seed. On a terminal: a progress bar a run. At the end a table of scores and, for several
    runs, mean and spread over seeds, rank, and which differences are only noise. With --json: nothing but one JSON
    object a run as it ends (with --detach: as it is queued).
    """
    options = global_options(context)
    typed["device"] = options.device
    typed["dataset"] = _dataset(options, typed)
    chosen = None
    if preset is None:
        added = _added_losses(options) if ALL in losses else ()
        configs = plan(losses, seed or (None,), typed, added)
    else:
        chosen = named_preset(preset, losses, typed)
        given = {name: value for name, value in typed.items() if value is not None}
        more: dict[str, object] = {"dataset": chosen.dataset, **overridden(chosen.settings, given), **given}
        configs = plan(chosen.losses, seed or chosen.seeds, more)
        if not as_json:
            say_sentence(f"{chosen.title}: {chosen.watch}")
    with options.open_store(make=True) as store:
        watching = store.watch()
        try:
            launch.ensure_trainers(store, configs[0].device)  # before anything is queued, for it may fail
            if detach:
                _print_queued(store, _queue(store, configs), as_json)
                return 0
            with RunSignals() as signals:  # from the moment that there is something to stop
                ids = _queue(store, configs)
                monitor = RunMonitor(store, ids, options.trainers)
                return _follow(monitor, _view(as_json, len(ids)), signals, chosen)
        finally:
            watching.release()


def _dataset(options: GlobalOptions, typed: dict[str, Any]) -> Dataset | None:
    """The dataset that was named, or that a file is; None for each loss's own. Takes its options out of `typed`."""
    name, file = typed["dataset"], typed.pop("data_file")
    choices = {option: typed.pop(option) for option in ("target", "task", "ignored", "split", "group")}
    if file is None:
        needless = next((option for option, value in choices.items() if value), None)
        if needless is not None:
            option = "ignore" if needless == "ignored" else needless
            raise click.UsageError(f"{option}: --{option} is for --data FILE")
        return None if name is None else named_dataset(options, name)
    if name is not None:
        raise click.UsageError("data: give --data FILE or --dataset NAME, not both")
    chosen = data_choices(**choices)
    with options.open_store(make=True) as store:
        return add_data(store, file, None, chosen).file.entry


def _added_losses(options: GlobalOptions) -> tuple[Loss, ...]:
    """The losses that the person added to the menu in the app; none where the store cannot be read."""
    with contextlib.suppress(StoreError), options.open_store() as store:
        return read_added(store.preferences().get(ADDED_LOSSES))
    return ()


def _view(as_json: bool, count: int) -> ProgressView:
    """The view of `count` runs that fits what was asked for and where the output goes."""
    if as_json:
        return JsonView()
    if not sys.stdout.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        return LineView()
    from .progress_bars import BarView

    return BarView(count)


def _queue(store: Store, configs: Sequence[RunConfig]) -> list[int]:
    keep_loss_files(store, configs)
    ids = store.queue(configs, experiment_name(configs))
    launch.ensure_trainers(store, configs[0].device)  # the trainer may just have been leaving
    return ids


def _print_queued(store: Store, ids: Iterable[int], as_json: bool) -> None:
    for run_id in ids:
        queued = store.run(run_id)
        if as_json:
            print_json(run_row_json(queued))
        else:
            say(f"run {run_id}: {run_name(queued)}: queued")


def _follow(monitor: RunMonitor, view: ProgressView, signals: RunSignals, preset: Preset | None) -> int:
    """Show the runs as they train, and at the end how they compare; the exit code."""
    with view:
        try:
            with signals.interruptible():
                _show(monitor, view, signals)
        except (StoreError, launch.LaunchError) as error:
            view.warn(str(error))
            view.warn(_left_words(monitor.open, signals))
            return 1
    if signals.interrupts:
        if monitor.open:
            say_error(_left_words(monitor.open, signals))
        return 130
    view.summary(monitor.runs, preset, monitor.test_metric)
    return 0 if all(run.status == "finished" for run in monitor.runs) else 1


def _show(monitor: RunMonitor, view: ProgressView, signals: RunSignals) -> None:
    """Show every change until all runs have ended, or Ctrl-C came twice."""
    told: set[int] = set()
    for update in followed(monitor, Notices(view.warn), signals):
        view.show(monitor.runs, update)
        for ended in (run for run in update.changed if run.status in ENDED and run.id not in told):
            told.add(ended.id)
            view.ended(ended)


def _left_words(left: Sequence[Run], signals: RunSignals) -> str:
    """What becomes of runs that are no longer followed."""
    if not left:
        return "no longer following"
    words = ", ".join(f"run {run.id} is {run.status}" for run in left)
    if signals.interrupts and not signals.answered:
        words += " and could not be asked to stop" if len(left) == 1 else "; they could not be asked to stop"
    return f"no longer following: {words}; see lossterm runs"
