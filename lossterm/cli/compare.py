"""`lossterm compare`: which loss is better, with learning rates tuned and every pair tested."""

from __future__ import annotations

import click

from ..experiments.comparison import MOST_SEEDS, ComparisonPlan
from ..experiments.planning import AUTO, USUAL_SEEDS, Choices
from ..store import Store
from ..supervisor import comparisons, launch
from .comparison_plans import comparison_plans, extended_plan, typed_rates
from .comparison_progress import stage_view
from .comparison_results import finish, print_begun, report_path
from .comparison_training import train_comparisons
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
from .output import say_error
from .plan import ALL, CATALOGUE, keep_loss_files
from .run import setting_options
from .run_monitor import RunSignals


@click.command()
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="NAME",
    help="What to compare them on; repeats, for a matrix of losses and datasets.",
    shell_complete=complete_dataset,
)
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
@click.option(
    "--extend",
    multiple=True,
    metavar="ID",
    help="Go on with a comparison that was left, or give it more --seeds; repeats.",
)
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
    datasets: tuple[str, ...],
    losses: tuple[str, ...],
    seeds: str | None,
    learning_rates: str | None,
    metric: str | None,
    baseline: str | None,
    rope: str | None,
    same_data: bool,
    extend: tuple[str, ...],
    reports: tuple[str, ...],
    detach: bool,
    as_json: bool,
    **typed: str | None,
) -> int:
    """Compare losses so that the answer holds.

    Every loss gets the same data, split, initial weights and order of rows a seed, and the same budget for its
    learning rate, which is chosen on validation rows. Then each is trained over the seeds, measured once on the
    test rows, and every pair is tested, with Holm's correction. Several datasets are compared one by one, and from
    six on tested together.
    """
    options = global_options(context)
    paths = [report_path(report) for report in reports]
    count = None if seeds is None else read_whole("seeds", seeds, 1, MOST_SEEDS)
    typed["device"] = options.device
    numbers = [read_whole("extend", number, 1, 2**63 - 1) for number in extend]
    planned: list[ComparisonPlan] = []
    if not numbers:
        width = None if rope is None else read_real("rope", rope, "the metric")
        choices = Choices(count or USUAL_SEEDS, typed_rates(learning_rates), metric, baseline, width, same_data)
        planned = comparison_plans([named_dataset(options, name) for name in datasets], losses, choices, typed)
    with options.open_store(make=True) as store:
        watching = store.watch()
        try:
            if planned:
                launch.ensure_trainers(store, options.device)  # before anything is queued, for it may fail
                planned = [comparisons.with_splits(one) for one in planned]
                begun = [(_begin(store, one), one) for one in planned]
            else:
                begun = [(number, extended_plan(store, number, count)) for number in numbers]
            if detach:
                comparisons.ensure_process(store, options.trainers, [number for number, _ in begun])
                print_begun(begun, as_json)
                return 0
            with RunSignals() as signals, stage_view(as_json) as view:
                finished = train_comparisons(store, begun, options.trainers, signals, view)
        finally:
            watching.release()
        if not finished:
            say_error(f"to go on: lossterm compare {' '.join(f'--extend {number}' for number, _ in begun)}")
            return 130 if signals.interrupts else 1
        return finish(store, begun, paths, as_json)


def _begin(store: Store, chosen: ComparisonPlan) -> int:
    """Queue a comparison's first stage, with the files of its own losses; its number."""
    keep_loss_files(store, [chosen.config(loss, chosen.learning_rates[0], 1) for loss in chosen.losses])
    return comparisons.begin(store, chosen)
