"""`lossterm compare`: which loss is better, with learning rates tuned and every pair tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ..catalog import Dataset
from ..experiments.comparison import MOST_SEEDS, ComparisonPlan, ComparisonRuns
from ..experiments.planning import (
    AUTO,
    USUAL_SEEDS,
    Choices,
    PlanError,
    plan_comparison,
    read_rates,
    run_words,
    with_validation,
)
from ..experiments.report import FORMATS, report_of, write_report
from ..experiments.verdict import verdict_of
from ..store import Store
from ..supervisor import comparisons, launch
from .comparison_progress import stage_view
from .comparison_training import train_comparison
from .completion import complete_dataset, complete_loss
from .data_files import named_dataset
from .options import (
    complete_path,
    device_option,
    global_options,
    json_option,
    read_real,
    read_whole,
    store_option,
    trainers_option,
)
from .output import print_json, say, say_error
from .plan import ALL, CATALOGUE, keep_loss_files, plan
from .run import setting_options
from .run_monitor import RunSignals
from .verdict import print_verdict


@click.command()
@click.option("--dataset", metavar="NAME", help="What to compare them on.", shell_complete=complete_dataset)
@click.option(
    "--loss",
    "losses",
    multiple=True,
    metavar="NAME",
    help=f"{ALL} (the default): those of the menu that fit; {CATALOGUE}: every one that fits; repeats.",
    shell_complete=complete_loss,
)
@click.option("--seeds", metavar="N", help="Final runs a loss; 10 by default. 7 losses need 10 to show anything.")
@click.option(
    "--learning-rates",
    metavar="X,Y,...",
    help=f"What is tried for each loss on validation rows; {AUTO}, the default: 7 around the optimizer's own; "
    "one: no tuning.",
)
@click.option("--metric", metavar="NAME", help="What is compared; by default the task's own.")
@click.option("--baseline", metavar="LOSS", help="The loss that the others are measured against; the best by default.")
@click.option("--rope", metavar="X", help="A difference up to this does not matter; 0.005, or 1 % of an error.")
@click.option("--same-data", is_flag=True, help="The same rows for every seed, not rows drawn anew.")
@click.option("--extend", metavar="ID", help="Go on with a comparison that was left, or give it more --seeds.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    help="Write a report: .html, .md, .tex, or .csv with every seed's value; repeats.",
    shell_complete=complete_path,
)
@setting_options("seed", "learning_rate", "data_seed")
@click.option(
    "--detach", is_flag=True, help="Queue it and return at once; a process in the background goes on with it."
)
@json_option
@device_option
@trainers_option
@store_option
@click.pass_context
def compare(
    context: click.Context,
    /,
    dataset: str | None,
    losses: tuple[str, ...],
    seeds: str | None,
    learning_rates: str | None,
    metric: str | None,
    baseline: str | None,
    rope: str | None,
    same_data: bool,
    extend: str | None,
    reports: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **typed: str | None,
) -> int:
    """Compare losses so that the answer holds.

    Every loss gets the same data, split, initial weights and order of rows a seed, and the same budget for its
    learning rate, which is chosen on validation rows. Then each is trained over the seeds, measured once on the
    test rows, and every pair is tested, with Holm's correction.
    """
    options = global_options(context)
    paths = [_report_path(report) for report in reports]
    count = None if seeds is None else read_whole("seeds", seeds, 1, MOST_SEEDS)
    typed["device"] = options.device
    if extend is None:
        entry = None if dataset is None else named_dataset(options, dataset)
        width = None if rope is None else read_real("rope", rope, "the metric")
        choices = Choices(count or USUAL_SEEDS, _rates(learning_rates), metric, baseline, width, same_data)
        chosen = _plan(entry, losses, choices, typed)
    with options.open_store(make=True) as store:
        watching = store.watch()
        try:
            if extend is None:
                launch.ensure_trainers(store, options.device)  # before anything is queued, for it may fail
                keep_loss_files(store, [chosen.config(loss, chosen.learning_rates[0], 1) for loss in chosen.losses])
                experiment_id = comparisons.begin(store, chosen)
            else:
                experiment_id = read_whole("extend", extend, 1, 2**63 - 1)
                chosen = _extended(store, experiment_id, count)
            if detach:
                comparisons.ensure_process(store, options.trainers, [experiment_id])
                _print_begun(experiment_id, chosen, as_json)
                return 0
            with RunSignals() as signals, stage_view(as_json) as view:
                finished = train_comparison(store, experiment_id, chosen, options.trainers, signals, view)
        finally:
            watching.release()
        if not finished:
            say_error(f"to go on: lossterm compare --extend {experiment_id}")
            return 130 if signals.interrupts else 1
        return _finish(store, experiment_id, chosen, paths, as_json)


def _plan(
    dataset: Dataset | None, losses: Sequence[str], choices: Choices, typed: Mapping[str, object]
) -> ComparisonPlan:
    """Check everything that was typed, and plan the comparison. Raises click.UsageError, ConfigError."""
    if dataset is None:
        raise click.UsageError("dataset: name what the losses are compared on")
    settings = with_validation(typed, dataset.file is not None)
    configs = plan(losses or (ALL,), (None,), {**settings, "dataset": dataset})
    try:
        return plan_comparison(configs, settings, choices)
    except PlanError as error:
        raise click.UsageError(str(error)) from None


def _rates(text: str | None) -> tuple[float, ...] | None:
    """The learning rates to try; None for the automatic grid. Raises click.UsageError."""
    try:
        return None if text is None else read_rates(text)
    except PlanError as error:
        raise click.UsageError(str(error)) from None


def _extended(store: Store, experiment_id: int, seeds: int | None) -> ComparisonPlan:
    """The plan of a comparison, with more seeds where they are asked for. Raises click.UsageError, StoreError."""
    experiment = store.experiment(experiment_id)
    kept = comparisons.read_plan(experiment)
    if kept is None:
        raise click.UsageError(f"extend: experiment {experiment_id} is no comparison")
    try:
        return comparisons.extended(store, experiment, kept, kept.seeds if seeds is None else seeds)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _print_begun(experiment_id: int, plan: ComparisonPlan, as_json: bool) -> None:
    """Say what was queued, and how its verdict is read."""
    if as_json:
        print_json({"id": experiment_id, "dataset": plan.dataset, "metric": plan.metric, "seeds": plan.seeds})
    else:
        say(f"comparison {experiment_id}: {run_words(plan)}; its verdict: lossterm compare --extend {experiment_id}")


def _report_path(text: str) -> Path:
    """Where a report is to be written. Raises click.UsageError."""
    path = Path(text)
    if path.suffix.lower() not in FORMATS:
        raise click.UsageError(f"report: the file's name must end in {', '.join(FORMATS)}, not {text[:60]!r}")
    if not path.absolute().parent.is_dir():
        raise click.UsageError(f"report: there is no folder {path.parent}")
    return path


def _finish(store: Store, experiment_id: int, plan: ComparisonPlan, reports: Sequence[Path], as_json: bool) -> int:
    """Print the verdict and write the reports; the exit code."""
    runs = ComparisonRuns(plan, store.runs_of(experiment_id), store.scores)
    verdict = verdict_of(runs)
    if as_json:
        print_json(verdict.as_json(experiment_id))
    else:
        print_verdict(experiment_id, verdict)
    for path in reports:
        try:
            write_report(report_of(runs, verdict), path)
        except OSError as error:
            say_error(f"report: {path} cannot be written: {error.strerror or error}")
            return 1
        if not as_json:
            say(f"report: {path}")
    return 0 if len(verdict.seeds) == plan.seeds else 1
