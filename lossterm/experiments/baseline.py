"""Which losses did no better than the best constant answer: what they were trained on taught them nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..catalog import Metric
from ..formatting import number
from ..runs.records import Run
from .ranking import Entry

BASELINE = (
    "The baseline is the score of the best constant answer: the share of the largest class of the test rows (chance), "
    "or the MSE of always answering the mean of the training targets. What ends less than two standard errors of a "
    "share of the test rows above chance, or less than 1 % below that MSE, has learned nothing."
)
"""The definition, for the help."""

_STANDARD_ERRORS = 2.0
_LEAST_PART = 0.01
_COUNTS = ("no", "one", "both", "all three", "all four", "all five", "all six", "all seven", "all eight", "all nine")


def baseline_of(runs: Iterable[Run]) -> float | None:
    """The test metric of the best constant answer; None where it is not known, or not the same for all runs."""
    known = [run.scores.baseline for run in runs if run.scores is not None and run.scores.baseline is not None]
    alike = bool(known) and all(math.isclose(value, known[0], rel_tol=1e-6) for value in known)
    return known[0] if alike else None


def baseline_name(metric: Metric, baseline: float) -> str:
    """The baseline in a few words: as "chance 0.500" or "constant answer 1.003"."""
    return f"{'chance' if metric.higher_is_better else 'constant answer'} {number(baseline)}"


def is_no_better(run: Run, value: float, baseline: float) -> bool:
    """Whether a test metric is no better than the best constant answer.

    Args:
        run: A run that it is of, which says the metric and how many test rows there are.
        value: The test metric, or its mean over seeds.
        baseline: The best constant answer's.

    Returns:
        For an accuracy, whether it is less than two standard errors of a share of the test rows above the baseline;
        for an error, whether it is less than 1 % below.
    """
    if run.config.metric.higher_is_better:
        noise = math.sqrt(max(baseline * (1 - baseline), 0.0) / max(run.config.test_rows, 1))
        return value <= baseline + _STANDARD_ERRORS * noise
    return value >= (1 - _LEAST_PART) * baseline


def baseline_words(entries: Sequence[Entry]) -> str:
    """Say which losses of a ranking did no better than the best constant answer; empty where all did, or none is known.

    Args:
        entries: What `ranked` gave.
    """
    baseline = baseline_of(run for entry in entries for run in entry.runs)
    scored = [entry for entry in entries if entry.values]
    if baseline is None or not scored:
        return ""
    behind = [entry.label for entry in scored if is_no_better(entry.runs[0], entry.mean, baseline)]
    if not behind:
        return ""
    metric = entries[0].runs[0].config.metric
    what = "at chance" if metric.higher_is_better else "no better than a constant answer"
    if len(behind) < len(scored):
        return f"{', '.join(behind)}: {what} ({number(baseline)})"
    count = _COUNTS[len(behind)] if len(behind) < len(_COUNTS) else f"all {len(behind)}"
    subject = behind[0] if len(behind) == 1 else count
    return f"{subject} {what} ({number(baseline)}): nothing was learned"
