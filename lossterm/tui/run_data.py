"""What was read of a run beside its row: its epochs as columns, and its weights over the epochs."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..catalog import LOSSES
from ..config import RunConfig
from ..model_view import Panel
from ..runs.records import Epoch, Run, Snapshot
from ..runs.snapshots import Sample, most_snapshots, unpack_sample, unpack_weights
from .shown_runs import ShownRuns

ModelViewKind = Literal["model", "loss"]
"""What the model view shows: what the network does, or the loss as a function."""


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

    def extend(self, sample: bytes | None, snapshots: Iterable[Snapshot]) -> None:
        """Take in what was read. A snapshot that is not kept goes as newer ones come.

        Raises:
            ValueError: Where the sample is damaged.
        """
        if sample is not None:
            self.sample = unpack_sample(sample, self.config)
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

    Args:
        shown: The runs in the chart.
        current: The highlighted run: it decides on the dataset, and stands for its own seeds.

    Returns:
        The runs, in the chart's order.
    """
    if not shown:
        return []
    first = current or shown[0]
    key = first.config.but_seed
    groups = shown.on_dataset(first.config.dataset).groups
    return [first if group[0].config.but_seed == key else group[0] for group in groups]


def panels_of(
    runs: Sequence[Run],
    histories: Mapping[int, SnapshotHistory],
    slots: Mapping[int, int],
    epoch: int | None,
    draft: RunConfig | None,
) -> list[Panel]:
    """Build the panels of the model view.

    Args:
        runs: What is shown.
        histories: The snapshots by run id, where they have been read.
        slots: The colour of each run.
        epoch: After which epoch; None for the latest.
        draft: What would be trained next, shown where there are no runs.

    Returns:
        A panel for each run, or one for the draft.
    """
    if not runs:
        return [] if draft is None else [_panel_of_draft(draft)]
    return [_panel_of_run(run, histories.get(run.id), slots[run.id], epoch) for run in runs]


def _panel_of_draft(draft: RunConfig) -> Panel:
    return Panel(draft.loss_entry.short, draft, LOSSES.index(draft.loss_entry), message="press enter to train")


def _panel_of_run(run: Run, history: SnapshotHistory | None, slot: int, epoch: int | None) -> Panel:
    title = f"#{run.id} {run.config.loss_entry.short}"
    snapshot = history.at(epoch) if history is not None else None
    if history is None or snapshot is None:
        return Panel(title, run.config, slot, message=_why_absent(run))
    try:
        weights = unpack_weights(snapshot.weights, run.config)
    except ValueError as error:
        return Panel(title, run.config, slot, message=str(error))
    return Panel(title, run.config, slot, snapshot.epoch, weights, history.sample, "no rows to see it on")


def _why_absent(run: Run) -> str:
    """Why there are no snapshots of a run."""
    if most_snapshots(run.config) == 0:
        return f"{max(run.config.hidden_layers):,} hidden units: too wide to keep snapshots of"
    if run.status in ("queued", "starting"):
        return "waits for its first step"
    return "no snapshots of this run" if run.epochs_done else "no epochs recorded"
