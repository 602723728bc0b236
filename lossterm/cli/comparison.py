"""What stands below the table of several runs: the ranking on each dataset, the verdict, and what a preset showed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..experiments.baseline import baseline_words
from ..experiments.convergence import Convergence, convergence
from ..experiments.presets import Preset, finding
from ..experiments.ranking import Entry, difference_words, labels_of, ranked, same_but_seed, verdict
from ..formatting import MISSING, mean_and_sd, number
from ..runs.records import Run
from .output import TableColumn, print_table, say, say_sentence

_COLUMNS = (
    TableColumn("rank"),
    TableColumn("loss", "left"),
    TableColumn("mean ± sd", "left"),
    TableColumn("seeds"),
)
_DIVERGED = TableColumn("diverged", "left", keep=2)
_FOR_MORE = "--seed, given several times, trains several"


Curve = Callable[[Run], Sequence[float]]
"""Gives a run's test metric after each epoch, from the first."""


def print_comparisons(runs: Sequence[Run], test_metric: Curve = lambda _: ()) -> None:
    """Print, for each dataset with several runs, the final test metric by loss, best first, and the verdict.

    Args:
        runs: The runs, however they ended.
        test_metric: A run's test metric after each epoch; nothing is said of convergence without it.
    """
    by_dataset: dict[str, list[Run]] = {}
    for run in runs:
        if not run.unreadable:
            by_dataset.setdefault(run.config.dataset, []).append(run)
    for dataset, alike in by_dataset.items():
        entries = ranked(alike, labels_of(same_but_seed(alike), with_seed=False))
        if len(entries) > 1 or any(len(entry.seeds) > 1 for entry in entries):
            _print_comparison(dataset, entries, convergence(entries, test_metric))


def print_finding(preset: Preset, runs: Sequence[Run]) -> None:
    """Print what a preset showed, with the figures of its runs."""
    say("")
    say_sentence(f"{preset.name}: {finding(preset, runs)}")


def _print_comparison(dataset: str, entries: Sequence[Entry], reached: Convergence) -> None:
    metric = entries[0].runs[0].config.metric
    say("")
    say(f"{dataset}, test {metric.title}:")
    columns = list(_COLUMNS)
    if len(entries) > 1:
        columns += [TableColumn("to best", keep=4)]
        sign = "≥" if metric.higher_is_better else "≤"
        columns += [TableColumn(f"{sign} {number(reached.target)}", keep=3)] if reached.known else []
    columns += [_DIVERGED] if any(entry.diverged for entry in entries) else []
    print_table(columns, (_row(place, entry, entries, reached) for place, entry in enumerate(entries, start=1)))
    for words in (baseline_words(entries), verdict(entries, _FOR_MORE), reached.sentence):
        if words:
            say_sentence(words)


def _row(place: int, entry: Entry, entries: Sequence[Entry], reached: Convergence) -> list[str]:
    figures = mean_and_sd(entry.mean, entry.sd if len(entry.values) > 1 else None) if entry.values else "diverged"
    row = [str(place), entry.label, figures, str(len(entry.values))]
    row += [difference_words(entry, entries[0]) or MISSING] if len(entries) > 1 else []
    row += [reached.words(entry.label) or MISSING] if reached.known else []
    return [*row, entry.divergence]
