"""`lossterm compare`: which loss is better, with learning rates tuned and every pair tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from ..catalog import Dataset
from ..config import SETTINGS, ConfigError, RunConfig
from ..experiments.comparison import (
    MOST_SEEDS,
    VALIDATION_FRACTION,
    ComparisonPlan,
    ComparisonRuns,
    automatic_rates,
)
from ..experiments.report import FORMATS, report_of, write_report
from ..experiments.verdict import verdict_of
from ..store import Store
from ..supervisor import launch
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
from .plan import ALL, CATALOGUE, plan
from .run import setting_options
from .run_monitor import RunSignals
from .verdict import print_verdict

AUTO = "auto"
_MOST_RATES = 100


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
        chosen = _plan(entry, losses, count or 10, learning_rates, metric, baseline, rope, same_data, typed)
    with options.open_store(make=True) as store:
        watching = store.watch()
        try:
            launch.ensure_trainers(store, options.device)
            if extend is None:
                experiment_id = store.begin_comparison(chosen.name, chosen.model_dump_json())
            else:
                experiment_id = read_whole("extend", extend, 1, 2**63 - 1)
                chosen = _extended(store, experiment_id, count)
            with RunSignals() as signals, stage_view(as_json) as view:
                finished = train_comparison(store, experiment_id, chosen, options.trainers, signals, view)
        finally:
            watching.release()
        if not finished:
            say_error(f"to go on: lossterm compare --extend {experiment_id}")
            return 130 if signals.interrupts else 1
        return _finish(store, experiment_id, chosen, paths, as_json)


def _plan(
    dataset: Dataset | None,
    losses: Sequence[str],
    seeds: int,
    learning_rates: str | None,
    metric: str | None,
    baseline: str | None,
    rope: str | None,
    same_data: bool,
    typed: Mapping[str, object],
) -> ComparisonPlan:
    """Check everything that was typed, and plan the comparison. Raises click.UsageError, ConfigError."""
    if dataset is None:
        raise click.UsageError("dataset: name what the losses are compared on")
    settings = {name: value for name, value in typed.items() if value is not None}
    if dataset.file is None:
        settings.setdefault("validation_fraction", VALIDATION_FRACTION)
    configs = plan(losses or (ALL,), (None,), {**settings, "dataset": dataset})
    names = {config.loss if config.loss_file else config.loss_as_typed: config for config in configs}
    if len(names) < 2:
        raise click.UsageError(f"loss: a comparison needs two losses or more, not {len(names)}")
    return ComparisonPlan(
        dataset=dataset.name,
        data_file=dataset.file,
        losses=tuple(names),
        loss_files={name: config.loss_file for name, config in names.items() if config.loss_file is not None},
        settings=settings,
        seeds=seeds,
        learning_rates=_rates(learning_rates, configs[0]),
        metric=_metric(metric, configs[0]),
        baseline=None if baseline is None else _baseline(baseline, configs[0], list(names)),
        rope=None if rope is None else read_real("rope", rope, "the metric"),
        same_data=same_data or dataset.file is not None,
    )


def _rates(text: str | None, config: RunConfig) -> tuple[float, ...]:
    """The learning rates to try. Raises click.UsageError."""
    if text is None or text.strip().lower() == AUTO:
        return automatic_rates(config.learning_rate)
    row = SETTINGS["learning_rate"]
    rates = set()
    for word in text.split(","):
        try:
            rates.add(float(row.kind.read(word.strip())))
        except ValueError as error:
            raise click.UsageError(f"learning-rates: each {error}") from None
    if len(rates) > _MOST_RATES:
        raise click.UsageError(f"learning-rates: at most {_MOST_RATES}, not {len(rates)}")
    return tuple(sorted(rates))


def _metric(name: str | None, config: RunConfig) -> str:
    """The metric's name. Raises click.UsageError."""
    known = [metric.name for metric in config.task.metrics]
    chosen = known[0] if name is None else name.strip().lower().replace("-", "_")
    if chosen not in known:
        raise click.UsageError(f"metric: must be one of {', '.join(known)} on {config.dataset}, not {chosen[:40]!r}")
    return chosen


def _baseline(name: str, config: RunConfig, labels: Sequence[str]) -> str:
    """The baseline's label. Raises click.UsageError."""
    try:
        label = name if name in labels else config.changed(loss=name).loss_as_typed
    except ConfigError as error:
        raise click.UsageError(f"baseline: {error}") from None
    if label not in labels:
        raise click.UsageError(f"baseline: must be one of the losses compared ({', '.join(labels)}), not {label}")
    return label


def _extended(store: Store, experiment_id: int, seeds: int | None) -> ComparisonPlan:
    """The plan of a comparison, with more seeds where they are asked for. Raises click.UsageError, StoreError."""
    text = store.experiment(experiment_id).plan
    try:
        kept = ComparisonPlan.model_validate_json(text)
        ComparisonRuns(kept, ()).wanted()
    except (ValidationError, ValueError):
        raise click.UsageError(f"extend: experiment {experiment_id} is no comparison") from None
    if seeds is None or seeds == kept.seeds:
        return kept
    if seeds < kept.seeds:
        raise click.UsageError(f"seeds: must be {kept.seeds} or more, for so many were asked for before, not {seeds}")
    stage, _ = ComparisonRuns(kept, store.runs_of(experiment_id), store.scores).wanted()
    looked = (*kept.extended_from, kept.seeds) if stage == "done" else kept.extended_from
    kept = kept.model_copy(update={"seeds": seeds, "extended_from": looked})
    store.change_plan(experiment_id, kept.model_dump_json())
    return kept


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
