"""The messages of the main screen: what its panes ask for, and what the store's worker answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from textual.message import Message

from ..catalog import DataChoices, DataFile
from ..config import RunConfig
from ..experiments.comparison import ComparisonPlan
from ..experiments.progress import ComparisonProgress
from ..runs.loss_files import FoundLoss, LossSource
from ..runs.records import Epoch, Experiment, OwnDataset, Run, Snapshot, Trainer
from ..store.commands import (
    AddDataset,
    AnnotateRun,
    DeleteRuns,
    PauseRun,
    PinRun,
    RemoveDataset,
    RenameExperiment,
    RestoreRuns,
    ResumeRun,
    SetPreference,
    StopAllRuns,
    StopRun,
    WarmUp,
)

__all__ = [
    "AddDataset",
    "AnnotateRun",
    "CancelReading",
    "DeleteRuns",
    "DescribeData",
    "ExportRuns",
    "ExtendComparison",
    "FollowComparison",
    "FollowRuns",
    "FollowSnapshots",
    "KillTrainer",
    "ListFolder",
    "PauseRun",
    "PinRun",
    "PreviewData",
    "ReadLog",
    "ReadRunPage",
    "RemoveDataset",
    "RenameExperiment",
    "Request",
    "RestoreRuns",
    "ResumeRun",
    "SetPreference",
    "StartComparison",
    "StartRuns",
    "StopAllRuns",
    "StopRun",
    "StoreCommand",
    "UnfollowRuns",
    "WarmUp",
    "WriteReport",
]


StoreCommand = (
    StopRun
    | StopAllRuns
    | PauseRun
    | ResumeRun
    | AnnotateRun
    | PinRun
    | DeleteRuns
    | RestoreRuns
    | RenameExperiment
    | SetPreference
    | AddDataset
    | RemoveDataset
    | WarmUp
)
"""What the store itself does; the worker only hands it on."""


@dataclass(frozen=True)
class StartRuns:
    """Queue a run for each of `configs`, several as an experiment; answered by `RunsQueued`.

    The file of an own loss is read anew before that, in a process of its own: what was edited is trained as it is now.

    Attributes:
        mark: Whether they are to be compared.
    """

    configs: tuple[RunConfig, ...]
    mark: bool


@dataclass(frozen=True)
class StartComparison:
    """Queue a comparison, of which a process goes on with each next stage; answered by `RunsQueued`."""

    plan: ComparisonPlan


@dataclass(frozen=True)
class ExtendComparison:
    """Give a comparison more seeds, or go on with what was left of it."""

    experiment_id: int
    seeds: int


@dataclass(frozen=True)
class FollowComparison:
    """Send what a comparison shows, now and as it goes on (`ComparisonRead`), of this one alone; None for none."""

    experiment_id: int | None


@dataclass(frozen=True)
class FollowRuns:
    """Send the epochs of these runs: those that there are, and those to come."""

    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class UnfollowRuns:
    """Send no more epochs of these runs; once followed again, all of theirs are sent anew."""

    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class FollowSnapshots:
    """Send the snapshots of these runs and of no others.

    Attributes:
        after: For each run the epoch of the last snapshot that is known already, or -1.
    """

    after: Mapping[int, int]


@dataclass(frozen=True)
class KillTrainer:
    """End a trainer that hangs; its run becomes `interrupted`."""

    trainer: Trainer


@dataclass(frozen=True)
class ExportRuns:
    """Write runs to `path` in one of the formats of `lossterm export`; answered by `Notification`.

    Attributes:
        replace: Whether to replace what is there.
    """

    run_ids: tuple[int, ...]
    format: str
    path: str
    replace: bool = False


@dataclass(frozen=True)
class WriteReport:
    """Write a report of a comparison, in the format that the end of `path` says; answered by `Notification`."""

    experiment_id: int
    path: str


@dataclass(frozen=True)
class ReadLog:
    """Read the end of the log of a run's trainer, or of the one that lives; answered by `LogRead`."""

    run_id: int | None


@dataclass(frozen=True)
class FindLosses:
    """Look for a person's own losses in a file, which is read in a process of its own; answered by `LossesFound`."""

    path: str


@dataclass(frozen=True)
class AllowLossFile:
    """Note that the person asked for the code of a file, so that trainers may run it, and keep its text."""

    source: LossSource


@dataclass(frozen=True)
class ListFolder:
    """List the folders and data files in a folder; answered by `FolderListed`."""

    folder: str


@dataclass(frozen=True)
class PreviewData:
    """Read a data file in a process of its own; answered by `DataPreviewed`. Gives up what was being read before."""

    path: str


@dataclass(frozen=True)
class DescribeData:
    """Read a data file as a dataset; answered by `DataDescribed`. Gives up what was being read before."""

    name: str
    path: str
    choices: DataChoices


@dataclass(frozen=True)
class CancelReading:
    """Give up what is being read; it is not answered."""


@dataclass(frozen=True)
class ReadRunPage:
    """Read what the page of a run shows beside its row, the end of its log; answered by `RunPageRead`."""

    run_id: int


StoreRequest = (
    StoreCommand
    | StartRuns
    | StartComparison
    | ExtendComparison
    | FollowComparison
    | FollowRuns
    | UnfollowRuns
    | FollowSnapshots
    | KillTrainer
    | ExportRuns
    | WriteReport
    | ReadLog
    | FindLosses
    | AllowLossFile
    | ReadRunPage
)
"""What is asked of the store, in the order in which it was asked."""
FileRequest = ListFolder | PreviewData | DescribeData | CancelReading
"""What is asked of data files, and done at once beside it."""
Request = StoreRequest | FileRequest
"""What may be asked of the worker."""


Severity = Literal["information", "warning", "error"]


class Requested(Message):
    """A pane asks something of the store's worker."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


@dataclass
class RunsChanged(Message):
    """What changed in the store since the last message.

    Attributes:
        runs: The changed runs, deleted ones among them.
        epochs: New epochs of the runs that are followed; from the first on again where a run that was resumed has
            ended, for it trained some of them anew.
        trainers: All that live.
        experiments: Those of the changed runs.
        first: Whether this is the whole history, of a store that was opened just now.
    """

    runs: list[Run]
    epochs: dict[int, list[Epoch]]
    trainers: list[Trainer]
    experiments: list[Experiment] = field(default_factory=list)
    first: bool = False


@dataclass
class DatasetsChanged(Message):
    """The person's own datasets as the store has them now. Comes before the preferences and the runs."""

    datasets: tuple[OwnDataset, ...]


@dataclass
class PreferencesRead(Message):
    """What a person chose the last time, by name; values of any kind, whoever wrote them. Comes before the runs."""

    values: dict[str, object]


@dataclass
class SnapshotsLoaded(Message):
    """New snapshots of a run; when `sample` (its packed rows) is set, the complete set, and the curves of its own loss.

    Attributes:
        curves: What the store keeps with the file of an own loss; see `model_view.curve_of_own_loss`.
    """

    run_id: int
    sample: bytes | None
    snapshots: list[Snapshot]
    curves: Mapping[str, object] = field(default_factory=dict)


@dataclass
class LossesFound(Message):
    """The losses that a file seems to define, or why it cannot be read.

    Attributes:
        path: As it was asked for.
        source: What it holds; None where it cannot be read.
        losses: In the file's order.
        error: One line; empty if it was read.
    """

    path: str
    source: LossSource | None
    losses: tuple[FoundLoss, ...]
    error: str = ""


@dataclass(frozen=True)
class FolderEntry:
    """A folder, or a data file with its size in bytes."""

    name: str
    is_folder: bool
    size: int


@dataclass
class FolderListed(Message):
    """What is in a folder, folders first; or why it cannot be listed (`error`)."""

    folder: str
    entries: tuple[FolderEntry, ...]
    error: str = ""


@dataclass
class ReadingProgress(Message):
    """What is being done with a file that is read, in a few words."""

    request: PreviewData | DescribeData
    words: str


@dataclass
class DataPreviewed(Message):
    """What is in a data file, as `trainer.tables.preview` gives it; None where it cannot be read, and why (`error`)."""

    request: PreviewData
    found: Mapping[str, Any] | None
    error: str = ""


@dataclass
class DataDescribed(Message):
    """A data file as a dataset and what was found in it; None where it cannot be one, and why (`error`)."""

    request: DescribeData
    file: DataFile | None
    report: Mapping[str, object]
    error: str = ""


@dataclass
class DraftSampleLoaded(Message):
    """A sample of the rows that a draft would train on, packed as a run's is."""

    config: RunConfig
    sample: bytes


@dataclass
class RunsQueued(Message):
    """Runs that were asked for are in the store now. `mark`: whether they are to be compared."""

    run_ids: list[int]
    mark: bool


@dataclass
class ComparisonRead(Message):
    """Where a comparison stands, and what its runs show so far."""

    progress: ComparisonProgress


@dataclass
class StoreUnavailable(Message):
    """The store or a trainer cannot be had, and why; an empty `reason` says that all is well again."""

    reason: str


@dataclass
class Notification(Message):
    """Something happened that is worth a short notice."""

    text: str
    severity: Severity = "information"


@dataclass
class LogRead(Message):
    """The end of a trainer's log. `name`: the log's file."""

    name: str
    text: str


@dataclass
class RunPageRead(Message):
    """The end of the log of the trainer that ran a run last, and its final scores by set and name."""

    run_id: int
    log: str
    scores: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
