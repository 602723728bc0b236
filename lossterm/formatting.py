"""How numbers, times, sizes, runs and their states are written: one way for the app and the commands.

A setting's value is written by its row, `catalog.Setting.written`.
"""

from __future__ import annotations

import math
from typing import Literal

from .catalog import ACTIVATIONS
from .config import RunConfig
from .runs.records import Run, Scores, Status, TrainerState

MISSING = "-"
"""What stands where there is no value."""

_SMALLEST_IN_DECIMALS = 0.0005
"""What is less reads 0.000 with three decimals."""

Role = Literal["muted", "active", "good", "warning", "bad"]
"""What a state means to a person; the app and the commands each give it a colour."""

_STATUS_ROLES: dict[Status, Role] = {
    "queued": "muted",
    "starting": "active",
    "running": "active",
    "paused": "warning",
    "finished": "good",
    "stopped": "warning",
    "diverged": "bad",
    "failed": "bad",
    "interrupted": "bad",
}
_TRAINER_WORDS: dict[TrainerState, str] = {
    "loading": "loading TensorFlow",
    "ready": "ready",
    "compiling": "compiling",
    "training": "training",
    "paused": "paused",
}
_TRAINER_ROLES: dict[TrainerState, Role] = {
    "loading": "warning",
    "ready": "good",
    "compiling": "warning",
    "training": "active",
    "paused": "warning",
}


def number(value: float | None) -> str:
    """Write a loss or a metric.

    Args:
        value: Any float, or None where there is none.

    Returns:
        At most 8 characters: three decimals below 1,000 where they say something, a whole number below 100,000,
        one digit and an exponent of ten otherwise; `nan`, `inf`, `-inf`, or `MISSING`.
    """
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    size = abs(value)
    if size != 0 and not _SMALLEST_IN_DECIMALS <= size < 99_999.5:
        return f"{value:.1e}"
    return f"{value:.3f}" if size < 999.9995 else f"{value:.0f}"


def mean_and_sd(mean: float, sd: float | None) -> str:
    """Write a mean and the standard deviation beside it.

    Args:
        mean: Any float.
        sd: At least 0, or None where there was a single value.

    Returns:
        As "0.837 ± 0.003"; a standard deviation of exactly nothing is "0".
    """
    if sd is None:
        return number(mean)
    return f"{number(mean)} ± {number(sd) if sd else '0'}"


def interval(ends: tuple[float, float]) -> str:
    """Write the ends of an interval, as "0.765 to 0.791"."""
    return f"{number(ends[0])} to {number(ends[1])}"


def duration(seconds: float | None) -> str:
    """Write a time as people say it.

    Args:
        seconds: Any float; less than nothing, as after a clock was set back, counts as nothing.

    Returns:
        At most 8 characters, with its unit: as 15 ms, 1.8 s, 3:20 (minutes), 2:03:20 (hours), 5.2 d; or `MISSING`.
    """
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    seconds = max(seconds, 0.0)
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 100:
        days = seconds / 86_400
        return f"{days:.1f} d" if days < 999.95 else f"{days:.0f} d"
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def size(count: int) -> str:
    """Write a number of bytes.

    Args:
        count: At least 0.

    Returns:
        As "12 bytes", "3.4 kB", "120.0 MB", "5.6 GB": powers of 1000.
    """
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    amount = float(count)
    for unit in ("kB", "MB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} GB"


def run_name(run: Run) -> str:
    """Name a run as a person would: its loss, with parameters that are not Keras's defaults, dataset and seed."""
    if run.unreadable:
        return "it cannot be read"
    return f"{run.config.loss_as_typed} on {run.config.dataset}, seed {run.config.seed}"


def run_position(run: Run) -> str:
    """Say where an active run stands: what it is doing, or its epoch and latest losses."""
    if run.status == "starting":
        return run.phase or "starting"
    epoch = f"epoch {run.epochs_done}/{run.config.epochs}"
    if run.status == "paused" or run.last is None:
        return f"{run.status}, {epoch}"
    return f"{epoch}, loss {number(run.last.train_loss)}, {run.config.measured_set} {number(run.last.test_loss)}"


def network_words(config: RunConfig) -> str:
    """Write a network as its widths and its activation, as "20-64-32-1 ReLU", with dropout and L2 where there are."""
    widths = (config.dataset_entry.features, *config.hidden_layers, config.output_layer.units)
    words = ["-".join(map(str, widths)), *([ACTIVATIONS[config.activation]] if config.hidden_layers else [])]
    words += [f"{name} {value:g}" for name, value in (("dropout", config.dropout), ("l2", config.l2)) if value]
    return " ".join(words)


def optimizer_words(config: RunConfig) -> str:
    """Write an optimizer with its settings that are not 0, as "SGD 0.01 m 0.9"."""
    words = [config.optimizer_entry.title, f"{config.learning_rate:g}"]
    words += [f"{name} {value:g}" for name, value in (("m", config.momentum), ("wd", config.weight_decay)) if value]
    return " ".join(words)


def scores_words(scores: Scores, metric: str, time: str = "") -> str:
    """Write final scores: the tutorial's last line, and beside it the metric and what three decimals cannot say.

    Args:
        scores: The scores.
        metric: The metric's name.
        time: How long it took; empty where that is not said.

    Returns:
        As "Train: 0.000, Test: 0.000 (loss 3.8e-07, 4.0e-07; mse 3.8e-07, 4.0e-07)".
    """
    losses = [scores.train_loss, scores.test_loss]
    words = [f"{metric} {number(scores.train_metric)}, {number(scores.test_metric)}"]
    if any(value and abs(value) < _SMALLEST_IN_DECIMALS for value in losses):
        words.insert(0, f"loss {', '.join(map(number, losses))}")
    return f"{scores.line} ({'; '.join([*words, time] if time else words)})"


def run_outcome(run: Run) -> str:
    """Say how a run ended: the tutorial's last line with the metric beside it, or why there is none."""
    reason = run.message or ("" if run.status == "finished" else str(run.status))
    words = [reason] if reason else []
    if run.scores:
        words.append(scores_words(run.scores, run.config.metric.name, duration(run.seconds)))
    if run.status != "finished" and run.status not in words[0]:
        words.insert(0, run.status)
    return "; ".join(words) or run.status


def status_words(run: Run) -> str:
    """Say in a word where a run stands; for an active one, what was asked of it."""
    if run.status in ("starting", "running") and run.request is not None:
        return {"stop": "stopping", "pause": "pausing"}[run.request]
    if run.status == "paused" and run.request == "stop":
        return "stopping"
    return run.status


def status_role(status: Status) -> Role:
    """Say what a run's state means, for its colour."""
    return _STATUS_ROLES.get(status, "muted")


def trainer_words(state: TrainerState) -> str:
    """Say in words what a trainer is doing."""
    return _TRAINER_WORDS.get(state, str(state))


def trainer_role(state: TrainerState) -> Role:
    """Say what a trainer's state means, for its colour."""
    return _TRAINER_ROLES.get(state, "muted")
