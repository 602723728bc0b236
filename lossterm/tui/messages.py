"""The messages of the main screen: what its panes ask for, and what the store's worker answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from ..runs.records import Epoch, Run, Snapshot, Trainer
from .commands import Request

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
        first: Whether this is the whole history, of a store that was opened just now.
    """

    runs: list[Run]
    epochs: dict[int, list[Epoch]]
    trainers: list[Trainer]
    first: bool = False


@dataclass
class SnapshotsLoaded(Message):
    """New snapshots of a run; when `sample` (its packed rows) is set, the complete set."""

    run_id: int
    sample: bytes | None
    snapshots: list[Snapshot]


@dataclass
class RunsQueued(Message):
    """Runs that were asked for are in the store now. `mark`: whether they are to be compared."""

    run_ids: list[int]
    mark: bool


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
