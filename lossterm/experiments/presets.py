"""Presets: small sets of runs that show what a loss does, each with one sentence on what to watch for."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..catalog import Registry
from ..config import SETTINGS, RunConfig
from ..formatting import mean_and_sd, number
from ..runs.records import Run, Scores


@dataclass(frozen=True)
class Preset:
    """Losses that are trained alike, over several seeds, to be compared.

    Attributes:
        name: As commands take it.
        title: A few words.
        watch: One sentence on what will be seen, at most 150 characters.
        finding: What was seen, as a format with the fields `<loss>_loss` and `<loss>_metric` (the test loss and metric
            of one of the losses, mean ± sd over the seeds) and `largest_gap` (between two losses' test losses).
        losses: Short names, at least two.
        dataset: The one that they all train on.
        settings: Those that differ from the tutorial's.
        seeds: A run each and loss.
    """

    name: str
    title: str
    watch: str
    finding: str
    losses: tuple[str, ...]
    dataset: str
    settings: Mapping[str, object] = field(default_factory=dict, hash=False)
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it is found by."""
        return (self.name,)

    @property
    def configs(self) -> list[RunConfig]:
        """The config of a run for each seed and loss."""
        return [
            RunConfig.of(loss, **{"dataset": self.dataset, "seed": seed, **self.settings})
            for seed in self.seeds
            for loss in self.losses
        ]

    @property
    def words(self) -> str:
        """What is trained, in a line."""
        rows = ((SETTINGS[name], value) for name, value in self.settings.items())
        changes = "".join(f", {row.label} {row.written(value)}" for row, value in rows)
        return f"{', '.join(self.losses)} × {len(self.seeds)} seeds on {self.dataset}{changes}"


PRESETS: tuple[Preset, ...] = (
    Preset(
        name="outliers",
        title="5% gross outliers",
        watch="1 training target in 20 is far too high: MSE chases them and ends above 1 on the clean test set; "
        "MAE ends near 0.",
        finding="on the clean test set MSE ends at a test MSE of {mse_metric}, MAE at {mae_metric}",
        losses=("mse", "mae"),
        dataset="regression",
        settings={"outlier_fraction": 0.05},
    ),
    Preset(
        name="label-noise",
        title="a fifth of the labels wrong",
        watch="BCE, unbounded, bends to wrong labels and loses accuracy on the clean test set; "
        "MAE's bounded loss lets them be.",
        finding="accuracy on the clean test set: BCE {bce_metric}, MAE {mae_metric}",
        losses=("bce", "mae"),
        dataset="circles",
        settings={"label_noise": 0.2, "hidden_layers": (400,), "epochs": 100},
    ),
    Preset(
        name="negatives",
        title="MSLE does not see negatives",
        watch="MSLE cuts negatives to 0: its loss ends near 0 like MSE's, but its test MSE stays near 0.3.",
        finding="MSLE's own test loss ends at {msle_loss}, but its test MSE at {msle_metric}; MSE ends at {mse_metric}",
        losses=("mse", "msle"),
        dataset="regression",
    ),
    Preset(
        name="twins",
        title="two names, one loss",
        watch="On one-hot targets KL divergence is cross-entropy: seed by seed the two curves lie on one another.",
        finding="seed by seed the final test losses of CCE and KL divergence differ by at most {largest_gap}",
        losses=("cce", "kld"),
        dataset="circles",
    ),
    Preset(
        name="saturation",
        title="squared error through a sigmoid",
        watch="Without momentum MSE lags behind BCE: the sigmoid's slope, at most 1/4, shrinks MSE's gradient "
        "but cancels out of BCE's.",
        finding="test accuracy after the last epoch: MSE {mse_metric}, BCE {bce_metric}",
        losses=("mse", "bce"),
        dataset="circles",
        settings={"momentum": 0.0, "epochs": 30},
    ),
)

_REGISTRY: Registry[Preset] = Registry("preset", PRESETS)
_KINDS = {preset.name: {config.but_seed for config in preset.configs} for preset in PRESETS}


def preset_named(name: str) -> Preset:
    """Find a preset by its name.

    Raises:
        UnknownNameError: There is none; the message lists the known names.
    """
    return _REGISTRY.find(name)


def preset_of(configs: Iterable[RunConfig]) -> Preset | None:
    """Find the preset that runs, taken together, show: all of its losses with its settings, and nothing else.

    Seeds and devices don't matter: what a preset shows is to be seen with any.
    """
    kinds = {config.but_seed for config in configs}
    return next((preset for preset in PRESETS if kinds == _KINDS[preset.name]), None)


_Value = Callable[[Scores], float]


def finding(preset: Preset, runs: Sequence[Run]) -> str:
    """Say what a preset showed, with the figures of its runs.

    Args:
        preset: What was trained.
        runs: Its runs, however they ended; those that did not finish don't count.

    Returns:
        `Preset.finding` with its fields filled in; why there is nothing to say where a loss has no figures.
    """
    by_loss: dict[str, dict[int, Scores]] = {loss: {} for loss in preset.losses}
    for run in runs:
        if run.status == "finished" and run.scores and run.config.loss_entry.short in by_loss:
            by_loss[run.config.loss_entry.short][run.config.seed] = run.scores
    missing = [loss for loss, scores in by_loss.items() if not scores]
    if missing:
        return f"no run of {' and '.join(missing)} has finished: there is nothing to say of {preset.name}"
    return preset.finding.format(**_figures(by_loss))


def _figures(by_loss: Mapping[str, Mapping[int, Scores]]) -> dict[str, str]:
    figures = {}
    for loss, scores in by_loss.items():
        figures[f"{loss}_loss"] = _over_seeds(scores.values(), lambda score: score.test_loss)
        figures[f"{loss}_metric"] = _over_seeds(scores.values(), lambda score: score.test_metric)
    first, second, *_ = by_loss.values()
    gaps = [abs(first[seed].test_loss - second[seed].test_loss) for seed in first.keys() & second.keys()]
    figures["largest_gap"] = number(max(gaps)) if gaps else "(no shared seed)"
    return figures


def _over_seeds(scores: Iterable[Scores], value: _Value) -> str:
    values = [value(score) for score in scores]
    if not all(map(math.isfinite, values)):
        return "nan"
    return mean_and_sd(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)
