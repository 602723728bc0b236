"""Which comparisons a command line of `lossterm compare` asks for, one a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from ..catalog import Dataset
from ..experiments.comparison import ComparisonPlan, read_plan
from ..experiments.planning import Choices, PlanError, plan_comparison, read_rates, with_validation
from ..store import Store
from ..supervisor import comparisons
from .plan import ALL, plan


def comparison_plans(
    datasets: Sequence[Dataset], losses: Sequence[str], choices: Choices, typed: Mapping[str, object]
) -> list[ComparisonPlan]:
    """Check everything that was typed, and plan a comparison of the same losses on each dataset.

    Args:
        datasets: What they are compared on.
        losses: As they are typed; none for those of the menu that fit. Of several datasets they must fit each.
        choices: What else was chosen.
        typed: The settings, by name.

    Raises:
        ConfigError, click.UsageError: Something cannot be done. Nothing has been written then.
    """
    if not datasets:
        raise click.UsageError("dataset: name what the losses are compared on")
    if len({dataset.name for dataset in datasets}) < len(datasets):
        raise click.UsageError("dataset: name each once")
    settings = [with_validation(typed, dataset.file is not None) for dataset in datasets]
    found = [
        plan(losses or (ALL,), (None,), {**its, "dataset": dataset})
        for dataset, its in zip(datasets, settings, strict=True)
    ]
    shared = set.intersection(*({config.loss_option for config in configs} for configs in found))
    if len(shared) < 2 and len(datasets) > 1:
        raise click.UsageError("loss: fewer than two losses fit every dataset")
    try:
        return [
            plan_comparison([config for config in configs if config.loss_option in shared], its, choices)
            for configs, its in zip(found, settings, strict=True)
        ]
    except PlanError as error:
        raise click.UsageError(str(error)) from None


def typed_rates(text: str | None) -> tuple[float, ...] | None:
    """The learning rates to try; None for the automatic grid. Raises click.UsageError."""
    try:
        return None if text is None else read_rates(text)
    except PlanError as error:
        raise click.UsageError(str(error)) from None


def extended_plan(store: Store, experiment_id: int, seeds: int | None) -> ComparisonPlan:
    """The plan of a comparison, with more seeds where they are asked for. Raises click.UsageError, StoreError."""
    experiment = store.experiment(experiment_id)
    kept = read_plan(experiment)
    if kept is None:
        raise click.UsageError(f"extend: experiment {experiment_id} is no comparison")
    try:
        return comparisons.extended(store, experiment, kept, kept.seeds if seeds is None else seeds)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
