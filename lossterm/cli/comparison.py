"""What stands below the table of several runs: the ranking on each dataset, the verdict, and what a preset showed."""

from __future__ import annotations

from collections.abc import Sequence

from ..experiments.presets import Preset, finding
from ..experiments.ranking import Entry, labels_of, ranked, same_but_seed, verdict
from ..formatting import mean_and_sd
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


def print_comparisons(runs: Sequence[Run]) -> None:
    """Print, for each dataset with several runs, the final test metric by loss, best first, and the verdict."""
    by_dataset: dict[str, list[Run]] = {}
    for run in runs:
        if not run.unreadable:
            by_dataset.setdefault(run.config.dataset, []).append(run)
    for dataset, alike in by_dataset.items():
        entries = ranked(alike, labels_of(same_but_seed(alike), with_seed=False))
        if len(entries) > 1 or any(len(entry.seeds) > 1 for entry in entries):
            _print_comparison(dataset, entries)


def print_finding(preset: Preset, runs: Sequence[Run]) -> None:
    """Print what a preset showed, with the figures of its runs."""
    say("")
    say_sentence(f"{preset.name}: {finding(preset, runs)}")


def _print_comparison(dataset: str, entries: Sequence[Entry]) -> None:
    say("")
    say(f"{dataset}, test {entries[0].runs[0].config.metric.title}:")
    columns = (*_COLUMNS, _DIVERGED) if any(entry.diverged for entry in entries) else _COLUMNS
    print_table(columns, (_row(place, entry) for place, entry in enumerate(entries, start=1)))
    words = verdict(entries, _FOR_MORE)
    if words:
        say_sentence(words)


def _row(place: int, entry: Entry) -> list[str]:
    figures = mean_and_sd(entry.mean, entry.sd if len(entry.values) > 1 else None) if entry.values else "diverged"
    return [str(place), entry.label, figures, str(len(entry.values)), entry.divergence]
