"""Plan a comparison: what was chosen is checked, and what it costs and what it can show is said before it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalog import Setting
from ..config import SETTINGS, ConfigError, RunConfig
from .comparison import (
    MOST_RUNS,
    MOST_SEEDS,
    TUNING_SEEDS,
    VALIDATION_FRACTION,
    ComparisonPlan,
    automatic_rates,
)
from .statistics import FEWEST_SPLITS, LEVEL, fewest_seeds

AUTO = "auto"
MOST_RATES = 100
USUAL_SEEDS = 10


class PlanError(ValueError):
    """A comparison cannot be planned; the message is one line that names the field."""


@dataclass(frozen=True)
class Choices:
    """What a person chose beside losses and settings.

    Attributes:
        seeds: How many final runs a loss.
        learning_rates: What is tried; None for the automatic grid, one for no tuning.
        metric: By name; None for the task's own.
        baseline: A loss; None for the best.
        rope: A difference up to this does not matter; None for the metric's own.
        same_data: Whether every seed has the same rows.
    """

    seeds: int = USUAL_SEEDS
    learning_rates: tuple[float, ...] | None = None
    metric: str | None = None
    baseline: str | None = None
    rope: float | None = None
    same_data: bool = False


def with_validation(settings: Mapping[str, object], has_file: bool) -> dict[str, object]:
    """The settings of a comparison's runs: rows are held out for tuning where the dataset has no validation rows."""
    given = {name: value for name, value in settings.items() if value is not None}
    return given if has_file else {"validation_fraction": VALIDATION_FRACTION, **given}


def plan_comparison(configs: Sequence[RunConfig], settings: Mapping[str, object], choices: Choices) -> ComparisonPlan:
    """Plan a comparison of the losses of some configs.

    Args:
        configs: One for each loss, on one dataset.
        settings: What they were made with beside loss and dataset.
        choices: What else was chosen.

    Raises:
        PlanError: It cannot be done.
    """
    names = {config.loss_option: config for config in configs}
    if len(names) < 2:
        raise PlanError(f"loss: a comparison needs two losses or more, not {len(names)}")
    first = configs[0]
    rates = choices.learning_rates or automatic_rates(first.learning_rate)
    if (runs := len(names) * (len(rates) * TUNING_SEEDS + choices.seeds)) > MOST_RUNS:
        raise PlanError(f"seeds: give at most {MOST_RUNS:,} runs in all, not {runs:,}")
    return ComparisonPlan(
        dataset=first.dataset,
        data_file=first.data_file,
        losses=tuple(names),
        loss_files={name: config.loss_file for name, config in names.items() if config.loss_file is not None},
        settings=dict(settings),
        seeds=choices.seeds,
        learning_rates=rates,
        metric=metric_named(choices.metric, first),
        baseline=None if choices.baseline is None else baseline_named(choices.baseline, first, list(names)),
        rope=choices.rope,
        same_data=choices.same_data or (first.data_file is not None and first.data_file.split != "random"),
    )


def read_rates(text: str) -> tuple[float, ...] | None:
    """The learning rates to try, as they were typed; None for the automatic grid.

    Raises:
        PlanError: One is no learning rate, or there are too many.
    """
    if text.strip().lower() == AUTO:
        return None
    row: Setting = SETTINGS["learning_rate"]
    rates = set()
    for word in text.split(","):
        try:
            rates.add(float(row.kind.read(word.strip())))
        except ValueError as error:
            raise PlanError(f"learning-rates: each {error}") from None
    if len(rates) > MOST_RATES:
        raise PlanError(f"learning-rates: at most {MOST_RATES}, not {len(rates)}")
    return tuple(sorted(rates))


def metric_named(name: str | None, config: RunConfig) -> str:
    """The name of the metric that is compared. Raises PlanError."""
    known = [metric.name for metric in config.task.metrics]
    chosen = known[0] if name is None else name.strip().lower().replace("-", "_")
    if chosen not in known:
        raise PlanError(f"metric: must be one of {', '.join(known)} on {config.dataset}, not {chosen[:40]!r}")
    return chosen


def baseline_named(name: str, config: RunConfig, labels: Sequence[str]) -> str:
    """The baseline's label. Raises PlanError."""
    try:
        label = name if name in labels else config.changed(loss=name).loss_as_typed
    except ConfigError as error:
        raise PlanError(f"baseline: {error}") from None
    if label not in labels:
        raise PlanError(f"baseline: must be one of the losses compared ({', '.join(labels)}), not {label}")
    return label


def planned_runs(plan: ComparisonPlan) -> tuple[list[RunConfig], list[RunConfig]]:
    """The runs that tune, those beyond the edge aside, and the final ones, with a rate of the grid's middle."""
    tuning = [config for loss in plan.losses for config in plan.tuning_configs(loss, plan.learning_rates) if plan.tuned]
    rate = plan.learning_rates[len(plan.learning_rates) // 2]
    return tuning, [config for loss in plan.losses for config in plan.final_configs(loss, rate)]


def run_words(plan: ComparisonPlan) -> str:
    """How many runs a comparison takes: as "147 runs to tune, 70 to compare"."""
    tuning, final = planned_runs(plan)
    return f"{len(tuning):,} runs to tune, {len(final):,} to compare" if tuning else f"{len(final):,} runs to compare"


def power_words(losses: int, seeds: int, overlapping: bool = False) -> str:
    """What some seeds can and cannot show of some losses: the smallest p there can be, against Holm's correction."""
    pairs = losses * (losses - 1) // 2
    if overlapping:
        said = f"{_seeds(seeds)}: overlapping splits of the same rows, by the corrected resampled t-test"
        return f"{said}. No difference can be shown: that takes {FEWEST_SPLITS}" if seeds < FEWEST_SPLITS else said
    fewest = fewest_seeds(losses)
    smallest = 2.0 / 2**seeds
    corrected = min(1.0, smallest * pairs)
    among = f"{pairs} pair{'' if pairs == 1 else 's'} of {losses} losses"
    said = f"{_seeds(seeds)}: p is at least {_p(smallest)}, and {_p(corrected)} after Holm's correction over {among}"
    if seeds < fewest:
        return f"{said}. No difference can be shown: that takes {fewest} seeds or more"
    return f"{said}: below {LEVEL:g}, so a clear difference can be shown"


def read_seeds(text: str) -> int:
    """A number of seeds as it was typed. Raises PlanError."""
    word = text.strip().replace(",", "")
    if not (word.isascii() and word.isdecimal() and 1 <= int(word[:9]) <= MOST_SEEDS):
        raise PlanError(f"seeds: must be a whole number from 1 to {MOST_SEEDS:,}, not {text.strip()[:20]!r}")
    return int(word)


def _seeds(count: int) -> str:
    return f"{count} seed{'' if count == 1 else 's'}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1g}"
