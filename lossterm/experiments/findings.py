"""What a preset showed, in a sentence with the figures of the runs that were trained."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..formatting import mean_and_sd, number
from ..runs.records import Run, Scores
from .presets import Preset

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
