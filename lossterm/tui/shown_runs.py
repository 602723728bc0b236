"""The runs that the chart shows, and what follows from their being shown together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

from ..catalog import Metric
from ..experiments.ranking import Entry, labels_of, ranked, same_but_seed
from ..runs.records import Run


class ShownRuns(Sequence[Run]):
    """The marked runs and the highlighted one, in the order in which they were marked.

    Never changes, so that what is asked of it is worked out once.
    """

    def __init__(self, runs: Sequence[Run] = ()) -> None:
        self.runs = tuple(runs)
        self._parts: dict[str, ShownRuns] = {}

    def __len__(self) -> int:
        return len(self.runs)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return self.runs[at]

    @cached_property
    def ids(self) -> frozenset[int]:
        """The ids of the runs."""
        return frozenset(run.id for run in self.runs)

    @cached_property
    def groups(self) -> list[list[Run]]:
        """The runs grouped by everything but seed and device, in the order in which they come."""
        return same_but_seed(self.runs)

    @cached_property
    def entries(self) -> list[Entry]:
        """What has final scores, best first. For runs that share a metric."""
        return ranked(self.runs, self.labels)

    @cached_property
    def labels(self) -> dict[int, str]:
        """The shortest label that tells each group from the others, by the id of its first run."""
        return labels_of(self.groups, with_seed=False)

    @cached_property
    def labels_of_each(self) -> dict[int, str]:
        """The shortest label that tells each run from the others, by its id."""
        return labels_of([[run] for run in self.runs], with_seed=True)

    @cached_property
    def entries_of_each(self) -> list[Entry]:
        """Each run with final scores on its own, best first. For runs that share a metric."""
        entries = [entry for run in self.runs for entry in ranked([run], self.labels_of_each)]
        sign = -1.0 if self.runs[0].config.metric.higher_is_better else 1.0
        return sorted(entries, key=lambda entry: sign * entry.mean if entry.values else math.inf)

    @cached_property
    def spread(self) -> dict[int, Entry]:
        """For each run that is one of several seeds: the final scores over those seeds."""
        spread: dict[int, Entry] = {}
        for group in self.groups:
            if len(group) > 1:
                for entry in ranked(group, {run.id: "" for run in group}):
                    spread.update({run.id: entry for run in group if run.config.seed in entry.seeds})
        return spread

    def differ_in(self, setting: str) -> bool:
        """Whether the runs differ in a setting other than the seed and the device."""
        return len({group[0].config.setting(setting) for group in self.groups}) > 1

    def on_metric(self, metric: Metric) -> ShownRuns:
        """Those of the runs that are compared on a metric."""
        return self._those(metric.name, lambda run: run.config.metric.name == metric.name)

    def on_dataset(self, dataset: str) -> ShownRuns:
        """Those of the runs that were trained on a dataset."""
        return self._those(dataset, lambda run: run.config.dataset == dataset)

    def _those(self, name: str, wanted: Callable[[Run], bool]) -> ShownRuns:
        if name not in self._parts:
            part = [run for run in self.runs if wanted(run)]
            self._parts[name] = self if len(part) == len(self.runs) else ShownRuns(part)
        return self._parts[name]
