"""What a front end asks of a store, as data: it can be compared, logged and sent to another thread.

`Store.do` carries a command out and returns what the command's class names as its result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..catalog import DataFile
from ..config import RunConfig
from ..runs.loss_files import LossSource
from ..runs.records import Experiment, Run

Result_co = TypeVar("Result_co", covariant=True)


class Command(Generic[Result_co]):
    """Something that is asked of a store; its result is a Result_co."""


@dataclass(frozen=True)
class QueueRuns(Command[list[int]]):
    """Queue a run for each config, all or none; the new ids in the same order.

    Attributes:
        configs: The settings of each run.
        experiment: A name for the runs as one experiment; None where they belong to none.
        experiment_id: The experiment that they are added to, in place of a new one.
        plan: The plan that a new experiment keeps as JSON, where it is a comparison.
    """

    configs: tuple[RunConfig, ...]
    experiment: str | None = None
    experiment_id: int | None = None
    plan: str = ""


@dataclass(frozen=True)
class KeepLossFile(Command[None]):
    """Keep the text of an own loss's file, as it was read, for runs that are queued with it.

    Attributes:
        source: The text, and the path and hash of what it was read from.
    """

    source: LossSource


@dataclass(frozen=True)
class ChangePlan(Command[None]):
    """Keep another plan with an experiment."""

    experiment_id: int
    plan: str


@dataclass(frozen=True)
class StopRun(Command[Run]):
    """Ask a run to stop: a queued one stops at once, an active one after its epoch, an ended one stays."""

    run_id: int


@dataclass(frozen=True)
class StopAllRuns(Command[list[int]]):
    """Ask every queued and active run to stop; their ids."""


@dataclass(frozen=True)
class PauseRun(Command[Run]):
    """Ask an active run to pause after its epoch. Anything else stays as it is."""

    run_id: int


@dataclass(frozen=True)
class ResumeRun(Command[Run]):
    """Let a paused run go on, or queue an interrupted or stopped one again from its last checkpoint.

    One that cannot be read stays as it is.
    """

    run_id: int


@dataclass(frozen=True)
class AnnotateRun(Command[Run]):
    """Keep a note on a run."""

    run_id: int
    note: str


@dataclass(frozen=True)
class PinRun(Command[Run]):
    """Pin a run to the top of the table, or let it go."""

    run_id: int
    pinned: bool


@dataclass(frozen=True)
class DeleteRuns(Command[list[int]]):
    """Take ended and unreadable runs out of sight; the ids of those that were taken."""

    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class RestoreRuns(Command[None]):
    """Bring deleted runs back."""

    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class RenameExperiment(Command[Experiment]):
    """Give an experiment another name; an empty one leaves it its number."""

    experiment_id: int
    name: str


@dataclass(frozen=True)
class SetPreference(Command[None]):
    """Keep what a person chose in the app, in place of what was kept under this name before.

    Attributes:
        name: Which choice, in a word.
        value: Anything that JSON can hold; None forgets it.
    """

    name: str
    value: object


@dataclass(frozen=True)
class AddDataset(Command[None]):
    """Keep a person's own dataset, in place of what had its name before.

    Attributes:
        file: What a run's config carries of it.
        report: What was found in it, as JSON can hold it.
    """

    file: DataFile
    report: Mapping[str, object]


@dataclass(frozen=True)
class RemoveDataset(Command[bool]):
    """Forget a person's own dataset; its runs stay. Returns whether there was one of that name."""

    name: str


@dataclass(frozen=True)
class WarmUp(Command[None]):
    """Tell idle trainers what the person is looking at, so that they can compile it beforehand."""

    config: RunConfig
