"""What a set of runs comes to: its name, how many have ended, which loss is best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..config import RunConfig
from ..runs.records import ENDED, Run
from .presets import preset_of
from .ranking import Entry, labels_of, ranked, same_but_seed

_FEW_DATASETS = 3


def default_name(configs: Sequence[RunConfig]) -> str:
    """Name runs that are queued together.

    Args:
        configs: The settings of each run, at least one.

    Returns:
        As "circles × 7 losses × 5 seeds", or "preset outliers".
    """
    preset = preset_of(configs)
    if preset is not None:
        return f"preset {preset.name}"
    datasets = list(dict.fromkeys(config.dataset for config in configs))
    losses = list(dict.fromkeys(config.loss_as_typed for config in configs))
    seeds = {config.seed for config in configs}
    words = [", ".join(datasets) if len(datasets) <= _FEW_DATASETS else f"{len(datasets)} datasets"]
    words.append(losses[0] if len(losses) == 1 else f"{len(losses)} losses")
    words += [f"{len(seeds)} seeds"] if len(seeds) > 1 else []
    return " × ".join(words)


def experiment_name(configs: Sequence[RunConfig]) -> str | None:
    """Name an experiment of these runs; None for a single run, which is none."""
    return default_name(configs) if len(configs) > 1 else None


@dataclass(frozen=True)
class Summary:
    """What runs come to that belong together.

    Attributes:
        runs: The runs, in the order in which they were queued; those that cannot be read are among them.
    """

    runs: tuple[Run, ...]

    @cached_property
    def readable(self) -> list[Run]:
        """The runs that can be read."""
        return [run for run in self.runs if not run.unreadable]

    @cached_property
    def total(self) -> int:
        """How many runs there are."""
        return len(self.runs)

    @cached_property
    def done(self) -> int:
        """How many of them have ended."""
        return sum(run.status in ENDED for run in self.runs)

    @cached_property
    def bad(self) -> int:
        """How many of them ended badly."""
        return sum(run.ended_badly for run in self.runs)

    @cached_property
    def groups(self) -> list[list[Run]]:
        """The runs grouped by everything but seed and device."""
        return same_but_seed(self.readable)

    @cached_property
    def labels(self) -> dict[int, str]:
        """The shortest label that tells each group from the others, by the id of its first run."""
        return labels_of(self.groups, with_seed=False)

    @cached_property
    def entries(self) -> list[Entry]:
        """The groups with final scores, best first; those on one dataset together."""
        by_dataset: dict[str, list[Run]] = {}
        for run in self.readable:
            by_dataset.setdefault(run.config.dataset, []).append(run)
        return [entry for runs in by_dataset.values() for entry in ranked(runs, self.labels)]

    @property
    def best(self) -> str:
        """The best loss and its figures, on each dataset; empty where no run has finished."""
        first: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.values:
                first.setdefault(entry.runs[0].config.dataset, entry)
        return " · ".join(entry.words for entry in first.values())

    def entry_of(self, run: Run) -> Entry | None:
        """What the group of a run comes to; None where none of its runs has final scores."""
        return self._by_settings.get(run.config.but_seed)

    @cached_property
    def _by_settings(self) -> dict[tuple[object, ...], Entry]:
        return {entry.runs[0].config.but_seed: entry for entry in self.entries}


def summarize(runs: Iterable[Run]) -> Summary:
    """Summarize runs that belong together, in the order in which they were queued."""
    return Summary(tuple(sorted(runs, key=lambda run: run.id)))
