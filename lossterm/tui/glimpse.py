"""What is known of a run's network over its epochs, and the panels that a view of the shown runs is drawn from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..catalog import LOSSES
from ..experiment import Experiment
from ..model_view import Panel
from ..ranking import same_but_seed
from ..records import Run, Snapshot
from ..snapshots import Sample, most_snapshots, unpack_sample, unpack_weights

Sight = Literal["model", "loss"]


@dataclass
class Glimpse:
    """The snapshots of one run, in order of their epochs, and the sample of rows to see them on."""

    experiment: Experiment
    sample: Sample | None = None
    snapshots: list[Snapshot] = field(default_factory=list)

    def extend(self, sample: bytes | None, snapshots: Iterable[Snapshot]) -> None:
        """Take in what was read; what was not to be kept goes as newer ones come. Raises ValueError if damaged."""
        if sample is not None:
            self.sample = unpack_sample(sample, self.experiment)
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
        """The snapshot at an epoch or the next one before it; None asks for the latest."""
        before = len(self.snapshots) if epoch is None else bisect_right(self.epochs, epoch)
        return self.snapshots[before - 1] if before else None


def seen_runs(shown: Sequence[Run], current: Run | None) -> list[Run]:
    """The runs that a view shows of those that the chart shows: on one dataset, one for each but its seeds.

    The highlighted run decides on the dataset, and stands for its own seeds.
    """
    if not shown:
        return []
    first = current or shown[0]
    alike = [run for run in shown if run.experiment.dataset == first.experiment.dataset]
    return [first if first in group else group[0] for group in same_but_seed(alike)]


def panels(
    runs: Sequence[Run],
    glimpses: dict[int, Glimpse],
    slots: dict[int, int],
    epoch: int | None,
    draft: Experiment | None,
) -> list[Panel]:
    """A panel for each run as it was at an epoch (None: as it is); without runs one for what would be trained."""
    if not runs:
        return [] if draft is None else [_of_draft(draft)]
    return [_of_run(run, glimpses.get(run.id), slots[run.id], epoch) for run in runs]


def _of_draft(draft: Experiment) -> Panel:
    return Panel(draft.loss_entry.short, draft, LOSSES.index(draft.loss_entry), message="press enter to train")


def _of_run(run: Run, glimpse: Glimpse | None, slot: int, epoch: int | None) -> Panel:
    title = f"#{run.id} {run.experiment.loss_entry.short}"
    snapshot = glimpse.at(epoch) if glimpse is not None else None
    if glimpse is None or snapshot is None:
        return Panel(title, run.experiment, slot, message=_absent(run))
    try:
        weights = unpack_weights(snapshot.weights, run.experiment)
    except ValueError as error:
        return Panel(title, run.experiment, slot, message=str(error))
    return Panel(title, run.experiment, slot, snapshot.epoch, weights, glimpse.sample, "no rows to see it on")


def _absent(run: Run) -> str:
    """Why there is nothing to see of a run."""
    if most_snapshots(run.experiment) == 0:
        return f"{run.experiment.hidden_units:,} hidden units: too wide to keep snapshots of"
    if run.status in ("queued", "starting"):
        return "waits for its first step"
    return "no snapshots of this run" if run.epochs_done else "no epochs recorded"
