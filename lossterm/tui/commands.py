"""What the app asks of the store and of its worker, as data: it can be compared, logged, sent to another thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..config import RunConfig
from ..runs.records import Trainer
from ..store.commands import (
    AnnotateRun,
    DeleteRuns,
    PauseRun,
    PinRun,
    RestoreRuns,
    ResumeRun,
    StopAllRuns,
    StopRun,
    WarmUp,
)

__all__ = [
    "AnnotateRun",
    "DeleteRuns",
    "ExportRuns",
    "FollowRuns",
    "FollowSnapshots",
    "KillTrainer",
    "PauseRun",
    "PinRun",
    "ReadLog",
    "Request",
    "RestoreRuns",
    "ResumeRun",
    "StartRuns",
    "StopAllRuns",
    "StopRun",
    "StoreCommand",
    "UnfollowRuns",
    "WarmUp",
]


StoreCommand = StopRun | StopAllRuns | PauseRun | ResumeRun | AnnotateRun | PinRun | DeleteRuns | RestoreRuns | WarmUp
"""What the store itself does; the worker only hands it on."""


@dataclass(frozen=True)
class StartRuns:
    """Queue a run for each of `configs`; answered by `RunsQueued`. `mark`: whether they are to be compared."""

    configs: tuple[RunConfig, ...]
    mark: bool


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
class ReadLog:
    """Read the end of the log of a run's trainer, or of the one that lives; answered by `LogRead`."""

    run_id: int | None


Request = StoreCommand | StartRuns | FollowRuns | UnfollowRuns | FollowSnapshots | KillTrainer | ExportRuns | ReadLog
"""What may be asked of the worker."""
