"""What was read of a run beside its row: its epochs as columns, and its weights over the epochs."""

from __future__ import annotations

import math
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from ..catalog import LOSSES, Loss, Metric
from ..config import RunConfig
from ..experiments.ranking import Entry, labels_of, ranked, same_but_seed
from ..model_view import LossCurve, Panel, curve_of_own_loss
from ..runs.file_columns import FileColumn, file_columns_of
from ..runs.records import Epoch, OwnDataset, Run, Snapshot
from ..runs.snapshots import Sample, most_snapshots, unpack_sample, unpack_weights

_PLACES = {entry.name: place for place, entry in enumerate(LOSSES)}


def loss_slot(loss: Loss) -> int:
    """The colour and glyph of a loss: always the same, wherever and beside whatever it is shown."""
    return _PLACES.get(loss.name, len(_PLACES) + zlib.crc32(loss.name.encode()) % len(_PLACES))


class ShownRuns(Sequence[Run]):
    """The runs in the chart: the marked ones in the order of their marks, or the highlighted one beside at most one.

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
    def curve_groups(self) -> list[list[Run]]:
        """The groups with one run a seed, the newest of those that finished: the same again is no other observation."""
        return [one_a_seed(group) for group in self.groups]

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
            if len({run.config.seed for run in group}) > 1:
                for entry in ranked(group, {run.id: "" for run in group}):
                    spread.update({run.id: entry for run in group if run.config.seed in entry.seeds})
        return spread

    def differ_in(self, setting: str) -> bool:
        """Whether the runs that have a setting, or a parameter of their loss, differ in it; seed and device aside."""
        return len({group[0].config.setting(setting) for group in self.groups} - {None}) > 1

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


def one_a_seed(group: Sequence[Run]) -> list[Run]:
    """Of runs that differ in nothing but seed and device, one for each seed: the newest of those that finished."""
    chosen: dict[int, Run] = {}
    for run in group:
        known = chosen.get(run.config.seed)
        if known is None or (run.status == "finished", run.id) > (known.status == "finished", known.id):
            chosen[run.config.seed] = run
    return list(chosen.values())


ModelViewKind = Literal["model", "loss", "errors"]
"""What the model view shows: what the network does, the loss as a function, or where the network is wrong."""


class RunCurve:
    """The epochs of one run in columns, growing as they arrive."""

    def __init__(self) -> None:
        self.epochs = array("q")
        self.train_loss = array("d")
        self.test_loss = array("d")
        self.train_metric = array("d")
        self.test_metric = array("d")
        self.last_seconds = 0.0

    def extend(self, epochs: Iterable[Epoch]) -> None:
        """Append epochs; those that are here already are passed over, and so are ones after a gap."""
        for epoch in epochs:
            if epoch.epoch != (self.epochs[-1] if self.epochs else 0) + 1:
                continue
            self.epochs.append(epoch.epoch)
            self.train_loss.append(epoch.train_loss)
            self.test_loss.append(epoch.test_loss)
            self.train_metric.append(epoch.train_metric)
            self.test_metric.append(epoch.test_metric)
            self.last_seconds = epoch.seconds


@dataclass
class SnapshotHistory:
    """The snapshots of one run, in order of their epochs, and the sample of rows to draw them on."""

    config: RunConfig
    sample: Sample | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    own_curve: LossCurve | None = None

    def extend(
        self, sample: bytes | None, snapshots: Iterable[Snapshot], curves: Mapping[str, object] | None = None
    ) -> None:
        """Take in what was read, of an own loss its curves too. A snapshot that is not kept goes as newer ones come.

        Raises:
            ValueError: Where the sample is damaged.
        """
        if sample is not None:
            self.sample = unpack_sample(sample, self.config)
        if curves:
            self.own_curve = curve_of_own_loss(curves, self.config.loss_entry, self.config.output_layer)
        for one in snapshots:
            if self.snapshots and not self.snapshots[-1].kept:
                self.snapshots.pop()
            if not self.snapshots or one.epoch > self.snapshots[-1].epoch:
                self.snapshots.append(one)

    @property
    def epochs(self) -> list[int]:
        """The epochs that there are snapshots of."""
        return [one.epoch for one in self.snapshots]

    @property
    def last(self) -> int:
        """The epoch of the last snapshot, or -1."""
        return self.snapshots[-1].epoch if self.snapshots else -1

    def at(self, epoch: int | None) -> Snapshot | None:
        """The snapshot at an epoch, or the last one before it; None asks for the latest."""
        before = len(self.snapshots) if epoch is None else bisect_right(self.epochs, epoch)
        return self.snapshots[before - 1] if before else None


def runs_in_model_view(shown: ShownRuns, current: Run | None) -> list[Run]:
    """Choose what the model view shows of the runs in the chart: one dataset, and one run of each set of seeds.

    They have the same seed where every set has it, so that they differ in the loss and not in how they began.

    Args:
        shown: The runs in the chart.
        current: The highlighted run: it decides on the dataset and the seed, if it is among them.

    Returns:
        The runs, in the chart's order.
    """
    if not shown:
        return []
    first = current if current is not None and current.id in shown.ids else shown[0]
    seed = first.config.seed
    groups = shown.on_dataset(first.config.dataset).groups
    same_seed = ([run for run in group if run.config.seed == seed] or group for group in groups)
    return [first if first in runs else runs[0] for runs in same_seed]


def panels_of(
    runs: Sequence[Run],
    histories: Mapping[int, SnapshotHistory],
    slots: Mapping[int, int],
    epoch: int | None,
    draft: RunConfig | None,
    own_datasets: Sequence[OwnDataset] = (),
) -> list[Panel]:
    """Build the panels of the model view.

    Args:
        runs: What is shown.
        histories: The snapshots by run id, where they have been read.
        slots: The colour of each run.
        epoch: After which epoch; None for the latest.
        draft: What would be trained next, shown where there are no runs.
        own_datasets: The person's own, whose reports say which columns of a file the features come from.

    Returns:
        A panel for each run, or one for the draft.
    """
    if not runs:
        return [] if draft is None else [_panel_of_draft(draft)]
    return [
        replace(
            _panel_of_run(run, histories.get(run.id), slots[run.id], epoch),
            file_columns=_file_columns(run, own_datasets),
        )
        for run in runs
    ]


def _file_columns(run: Run, own_datasets: Sequence[OwnDataset]) -> tuple[FileColumn, ...]:
    """The columns of a run's own file, if it is one that is known."""
    file = run.config.data_file
    report = next((one.report for one in own_datasets if file is not None and one.file == file), None)
    return () if file is None or report is None else file_columns_of(report, file.features)


def _panel_of_draft(draft: RunConfig) -> Panel:
    return Panel(draft.loss_as_typed, draft, loss_slot(draft.loss_entry), message="press enter to train")


def _panel_of_run(run: Run, history: SnapshotHistory | None, slot: int, epoch: int | None) -> Panel:
    title = f"#{run.id} {run.config.loss_as_typed}"
    snapshot = history.at(epoch) if history is not None else None
    if history is None or snapshot is None:
        return Panel(title, run.config, slot, message=_why_absent(run, read=history is not None))
    try:
        weights = unpack_weights(snapshot.weights, run.config)
    except ValueError as error:
        return Panel(title, run.config, slot, message=str(error))
    no_rows = "no rows to see it on"
    return Panel(title, run.config, slot, snapshot.epoch, weights, history.sample, no_rows, history.own_curve)


def _why_absent(run: Run, read: bool) -> str:
    """Why there are no snapshots of a run; `read`: whether they were looked for."""
    if most_snapshots(run.config) == 0:
        return f"{sum(run.config.hidden_layers):,} hidden units: too many to keep snapshots of"
    if run.status in ("queued", "starting"):
        return "waits for its first step"
    if not run.epochs_done:
        return "no epochs recorded"
    return "no snapshots of this run" if read else "reading its snapshots …"
