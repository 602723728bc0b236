"""What the first screen says of the draft: its data, what to know of it, and what to press with what that costs."""

from __future__ import annotations

import contextlib
from functools import lru_cache

from ..config import ConfigError, RunConfig
from ..experiments.planning import Choices, PlanError, plan_comparison, planned_runs
from ..experiments.presets import PRESETS
from ..experiments.timing import time_words
from ..runs.snapshots import Sample, unpack_sample
from .keymap import KEYS
from .state import AppState
from .widgets.draft_preview import Preview, Step


def preview_of(state: AppState) -> Preview:
    """What would be trained, as it is shown while no run is."""
    config, problem = state.draft.checked()
    if config is None:
        return Preview(None, (problem,), steps=(Step(_key("settings"), "change the settings"),))
    said = [note.short for note in config.notes]
    remarks = [state.remark, *said] if state.remark else said
    sample = None
    if state.draft_sample is not None and _alike(config, state.draft_sample[0]):
        sample = _unpacked(state.draft_sample[1], config)
    summary = config.loss_entry.curve_remarks.get(config.task.name, "")
    return Preview(config, tuple(remarks[:2]), summary, sample, _steps(state, config))


def _steps(state: AppState, config: RunConfig) -> tuple[Step, ...]:
    draft = state.draft
    steps = [Step(_key("train"), "train it", time_words([config]))]
    with contextlib.suppress(ConfigError, PlanError):
        plan = plan_comparison(draft.comparison_configs(), draft.comparison_settings(), Choices())
        tuning, final = planned_runs(plan)
        cost = f"{len(tuning) + len(final)} runs, {time_words([*tuning, *final])}"
        steps.append(Step(_key("compare"), f"compare {len(plan.losses)} losses, {plan.seeds} seeds", cost))
    steps.append(Step(_key("presets"), f"{len(PRESETS)} experiments with a lesson"))
    if any(run_id in state.runs for run_id in state.comparison):
        steps.append(Step(_key("reopen"), "the last comparison again"))
    steps.append(Step(_key("about"), "what this loss is, and this dataset"))
    return tuple(steps)


def _key(action: str) -> str:
    """The key of an action, as the table of keys shows it."""
    return next(key.shown for key in KEYS if key.action == action)


def _alike(one: RunConfig, other: RunConfig) -> bool:
    """Whether rows of one config can stand for those of another until its own are known: dataset and coding agree."""
    return one.dataset == other.dataset and one.output_layer == other.output_layer


@lru_cache(maxsize=4)
def _unpacked(packed: bytes, config: RunConfig) -> Sample | None:
    """The sample; None where it is damaged."""
    try:
        return unpack_sample(packed, config)
    except ValueError:
        return None
