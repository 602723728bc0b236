"""A comparison of losses: its plan, the runs that it asks for, and what it makes of them.

Everything follows from the plan and from the runs that carry its experiment's number, so that a comparison goes on
where it was, whoever was killed. Two stages: learning rates are tuned on validation rows, over seeds that are not used
again; then each loss is trained with its best one over the seeds that are compared.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..catalog import DataFile, Metric
from ..catalog.own_loss import LossFile
from ..config import RunConfig
from ..runs.records import ENDED, Experiment, Run

AUTO_RATES = tuple(10 ** (step / 2) for step in range(-3, 4))
"""The learning rates that are tried by default, as multiples of the optimizer's own default."""
EDGE_RATES = tuple(10 ** (step / 2) for step in (1, 2))
"""Where the best one is at an edge, those beyond it that are tried once, as multiples of it or of its inverse."""
FIRST_TUNING_SEED = 1_000_001
TUNING_SEEDS = 3
MOST_SEEDS = 1000
MOST_LOSSES = 200
MOST_RUNS = 100_000
"""Of a comparison, its tuning included."""
VALIDATION_FRACTION = 0.2
"""Share of the training rows that is held out for tuning, where the dataset has no validation rows of its own."""

Stage = Literal["tuning", "edges", "final", "done"]
ScoresOf = Callable[[int], Mapping[str, Mapping[str, Any]]]


class DataSplit(BaseModel):
    """A random split of a person's own dataset: what differs with it of the `DataFile`.

    Attributes: those of `DataFile`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    split_seed: int
    features: int
    train_rows: int
    validation_rows: int
    test_rows: int
    target_mean: float
    target_scale: float


class ComparisonPlan(BaseModel):
    """How losses are compared; kept with the experiment.

    Attributes:
        dataset, losses, settings: What is trained; losses as on the command line.
        data_file: Of a person's own dataset, what is known of its file.
        splits: Of a person's own dataset, its split for each seed; none where every seed has the same rows.
        loss_files: The files of the own losses, by the loss.
        seeds: How many seeds each loss is trained with at the end.
        learning_rates: What is tried; one is taken as it is, untuned.
        tuning_seeds: Runs for each loss and learning rate.
        metric: What is compared, by name.
        baseline: The loss that the others are measured against; the best where there is none.
        rope: A difference up to this size does not matter; None for the metric's own.
        same_data: Whether every seed has the same rows.
        extended_from: The numbers of seeds that had been looked at before more were asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    dataset: str
    data_file: DataFile | None = None
    splits: tuple[DataSplit, ...] = ()
    losses: tuple[str, ...] = Field(min_length=2, max_length=MOST_LOSSES)
    loss_files: dict[str, LossFile] = Field(default_factory=dict)
    settings: dict[str, Any] = Field(default_factory=dict)
    seeds: int = Field(ge=1, le=MOST_SEEDS)
    learning_rates: tuple[float, ...] = Field(min_length=1)
    tuning_seeds: int = Field(default=TUNING_SEEDS, ge=1, le=100)
    metric: str
    baseline: str | None = None
    rope: float | None = None
    same_data: bool = False
    extended_from: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _not_endless(self) -> ComparisonPlan:
        runs = len(self.losses) * (len(self.learning_rates) * self.tuning_seeds + self.seeds)
        if runs > MOST_RUNS:
            raise ValueError(f"seeds: give at most {MOST_RUNS:,} runs in all, not {runs:,}")
        return self

    def config(self, loss: str, learning_rate: float, seed: int) -> RunConfig:
        """The settings of one run.

        Raises:
            ConfigError: They cannot be trained.
        """
        file = self._file_of(seed)
        given: dict[str, object] = {"dataset": file.entry if file else self.dataset}
        given |= {} if self.same_data or file else {"data_seed": seed}
        given |= {**self.settings, "learning_rate": learning_rate, "seed": seed}
        return RunConfig.of(loss, **given, loss_file=self.loss_files.get(loss))

    def _file_of(self, seed: int) -> DataFile | None:
        """The data file with the split of a seed; that of the dataset as it was added where none was drawn."""
        if self.data_file is None or self.same_data:
            return self.data_file
        split = next((split for split in self.splits if split.split_seed == seed), None)
        return self.data_file if split is None else self.data_file.model_copy(update=split.model_dump())

    @property
    def splits_to_draw(self) -> list[int]:
        """The seeds for which a split of the person's own dataset is still to be drawn."""
        if self.data_file is None or self.same_data:
            return []
        tuning = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + (self.tuning_seeds if self.tuned else 0))
        drawn = {split.split_seed for split in self.splits}
        return [seed for seed in (*range(1, self.seeds + 1), *tuning) if seed not in drawn]

    def with_splits(self, files: Iterable[DataFile]) -> ComparisonPlan:
        """The same plan with these splits of its dataset beside those that it has."""
        drawn = (
            DataSplit.model_validate({name: getattr(file, name) for name in DataSplit.model_fields}) for file in files
        )
        return self.model_copy(update={"splits": (*self.splits, *drawn)})

    @property
    def name(self) -> str:
        """What the experiment is called."""
        return f"{self.dataset}: {len(self.losses)} losses compared, {self.seeds} seeds"

    @property
    def metric_entry(self) -> Metric:
        """The metric that is compared."""
        metrics = self.config(self.losses[0], self.learning_rates[0], 1).task.metrics
        return next(metric for metric in metrics if metric.name == self.metric)

    @property
    def tuned(self) -> bool:
        """Whether learning rates are tuned."""
        return len(self.learning_rates) > 1

    @property
    def test_share(self) -> float | None:
        """Test rows over training rows where the seeds draw overlapping splits of the same rows, else None.

        Rows that are generated anew for each seed do not overlap; nor is there more than one split with `same_data`.
        """
        config = self.config(self.losses[0], self.learning_rates[0], 1)
        if self.same_data or "samples" in config.dataset_entry.defaults:
            return None
        return config.test_rows / config.train_rows

    def tuning_configs(self, loss: str, rates: Sequence[float]) -> list[RunConfig]:
        """The runs that tune a loss over some learning rates."""
        seeds = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + self.tuning_seeds)
        return [self.config(loss, rate, seed) for seed in seeds for rate in rates]

    def final_configs(self, loss: str, rate: float) -> list[RunConfig]:
        """The runs of a loss that are compared."""
        return [self.config(loss, rate, seed) for seed in range(1, self.seeds + 1)]


@dataclass(frozen=True)
class Tuning:
    """How a loss did over the learning rates.

    Attributes:
        rates: Each learning rate that was tried, in order, with the mean validation metric over the tuning seeds, and
            how many of them diverged; the mean is None where all did.
        best: The learning rate with the fewest divergences, and among those the best mean.
        at_edge: Whether `best` is the smallest or the largest of them.
    """

    rates: tuple[tuple[float, float | None, int], ...]
    best: float
    at_edge: bool


def _no_scores(_run_id: int) -> Mapping[str, Mapping[str, Any]]:
    return {}


def read_plan(experiment: Experiment) -> ComparisonPlan | None:
    """The plan of a comparison; None where an experiment is none, or where its plan cannot be used."""
    try:
        plan = ComparisonPlan.model_validate_json(experiment.plan)
        _ = [plan.config(loss, plan.learning_rates[0], 1) for loss in plan.losses], plan.metric_entry
    except (ValidationError, ValueError, StopIteration):
        return None
    return plan


class ComparisonRuns:
    """The runs of a comparison, found by what they train."""

    def __init__(self, plan: ComparisonPlan, runs: Iterable[Run], scores: ScoresOf = _no_scores):
        """Take in every run of the experiment; of several with the same settings the last counts.

        Args:
            plan: How it is done.
            runs: Its runs.
            scores: Finds every score of a run by its number, by set and name.
        """
        self.plan = plan
        self._scores = scores
        self._runs = {run.config: run for run in sorted(runs, key=lambda run: run.id) if not run.unreadable}

    def run_of(self, config: RunConfig) -> Run | None:
        """The run of some settings; None where it was not queued yet."""
        return self._runs.get(config)

    def wanted(self) -> tuple[Stage, list[RunConfig]]:
        """The stage that the comparison is in, and the settings of every run of that stage.

        A stage is over when all of its runs have ended, and none of them was stopped or lost on its way.
        """
        plan = self.plan
        if plan.tuned:
            grid = [config for loss in plan.losses for config in plan.tuning_configs(loss, plan.learning_rates)]
            if not self._ended(grid):
                return "tuning", grid
            beyond = [config for loss in plan.losses for config in plan.tuning_configs(loss, self._edge_rates(loss))]
            if beyond and not self._ended(beyond):
                return "edges", beyond
        final = [config for loss in plan.losses for config in plan.final_configs(loss, self.learning_rate(loss))]
        return ("final" if not self._ended(final) else "done"), final

    def missing(self) -> list[RunConfig]:
        """The settings of the present stage that no run was queued for."""
        return [config for config in self.wanted()[1] if self.run_of(config) is None]

    def learning_rate(self, loss: str) -> float:
        """The learning rate that a loss is compared with."""
        return self.tuning(loss).best if self.plan.tuned else self.plan.learning_rates[0]

    def tuning(self, loss: str) -> Tuning:
        """How a loss did over the learning rates that were tried, those beyond the grid's edge included."""
        return self._tuning(loss, sorted({*self.plan.learning_rates, *self._edge_rates(loss)}))

    def final_runs(self, loss: str) -> list[Run | None]:
        """The runs of a loss that are compared, seed by seed."""
        return [self.run_of(config) for config in self.plan.final_configs(loss, self.learning_rate(loss))]

    def _edge_rates(self, loss: str) -> list[float]:
        """The learning rates beyond the grid that are tried because the best one is at its edge."""
        grid = sorted(self.plan.learning_rates)
        best = self._tuning(loss, grid).best
        if best == grid[-1]:
            return [_rounded(best * factor) for factor in EDGE_RATES]
        return [_rounded(best / factor) for factor in EDGE_RATES] if best == grid[0] else []

    def _tuning(self, loss: str, rates: Sequence[float]) -> Tuning:
        higher = self.plan.metric_entry.higher_is_better
        rows = []
        for rate in rates:
            found = [self._validation(config) for config in self.plan.tuning_configs(loss, [rate])]
            values = [value for value in found if math.isfinite(value)]
            rows.append((rate, statistics.fmean(values) if values else None, len(found) - len(values)))

        def worseness(row: tuple[float, float | None, int]) -> tuple[int, float, float]:
            rate, mean, diverged = row
            return diverged, math.inf if mean is None else (-mean if higher else mean), rate

        best = min(rows, key=worseness)[0]
        return Tuning(tuple(rows), best, best in (rates[0], rates[-1]))

    def test_value(self, run: Run | None) -> float | None:
        """The metric of a final run on the test rows: NaN where it diverged, None where there is none."""
        if run is None or run.status not in ("finished", "diverged"):
            return None
        if run.status == "diverged" or run.scores is None:
            return math.nan
        if self.plan.metric == run.config.metric.name:
            return run.scores.test_metric if math.isfinite(run.scores.test_metric) else math.nan
        return self._score(run, "test")

    def _validation(self, config: RunConfig) -> float:
        """The validation metric of a tuning run; NaN where it diverged or has none."""
        run = self.run_of(config)
        if run is None or run.status != "finished" or run.last is None:
            return math.nan
        value = self._score(run, "validation")
        if value is None and self.plan.metric == run.config.metric.name:
            value = run.last.test_metric
        return math.nan if value is None else value

    def _score(self, run: Run, measured: str) -> float | None:
        """One of a run's further scores; None where there is none."""
        value = self._scores(run.id).get(measured, {}).get(self.plan.metric)
        return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None

    def _ended(self, configs: Sequence[RunConfig]) -> bool:
        found = [self.run_of(config) for config in configs]
        return all(run is not None and run.status in ENDED and not run.can_resume for run in found)


def automatic_rates(default: float) -> tuple[float, ...]:
    """The learning rates that are tried around an optimizer's default, log-spaced."""
    return tuple(_rounded(default * factor) for factor in AUTO_RATES)


def _rounded(rate: float) -> float:
    """A learning rate with three digits, so that it reads and compares as it is written."""
    return float(f"{rate:.3g}")
