"""What is told of a run as it trains, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..runs.records import Checkpoint, Epoch, Scores
from .device import Device

Verdict = Literal["go", "stop", "interrupt", "pause"]
Ending = tuple[Literal["stopped", "diverged", "interrupted"], str]

PAUSE_POLL_SECONDS = 0.03
"""Between two looks at whether a paused run may go on."""


class Recorder(Protocol):
    """What is told of a run as it trains."""

    def phase(self, words: str) -> None:
        """Say what is done before the first step, in words."""

    def running(self, device: Device) -> None:
        """The first step is about to run, on this device."""

    def progress(self, fraction: float) -> Verdict | None:
        """Within a long epoch, after each block: the share of it that is done, above 0 and below 1.

        "stop" or "interrupt" gives the unfinished epoch up; None is "go".
        """

    def epoch(self, epoch: Epoch) -> Verdict:
        """An epoch has ended. After "pause", `still_paused` is asked until it answers otherwise."""

    def still_paused(self, alone: bool) -> Verdict:
        """Whether a paused run is to wait on: "pause", or what it is to do now.

        `alone` says that nothing else trains in the meantime.
        """

    def sample(self, rows: bytes) -> None:
        """Before the first step: a packed sample of the data's rows, to see the model on."""

    def snapshot(self, epoch: int, make: Callable[[], bytes], last: bool = False) -> None:
        """Offered before the first epoch, at each and at the `last`: call `make` for the packed weights."""

    def loss_curve(self, curve: str) -> None:
        """The curve of an own loss, as `loss_trial.tabulate` gives it; when the loss is first tried."""

    def checkpoint(self, make: Callable[[], Checkpoint]) -> None:
        """Offered after each epoch: call `make` to have a checkpoint, before returning."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    message: why, in words; empty when it finished, but for what early stopping did. scores: over both sets with the
    last weights, or with the best ones where early stopping restored them; None when it was interrupted.
    seconds: wall time of the epochs trained here, without pauses, compiling or the scores.
    final: the state after the last whole epoch. all_scores: by set and name, see `evaluate`; empty when it was
    interrupted.
    """

    status: Literal["finished", "stopped", "diverged", "interrupted"]
    message: str
    scores: Scores | None
    seconds: float
    final: Checkpoint
    all_scores: dict[str, dict[str, Any]] = field(default_factory=dict)


def asked_to_end(verdict: Verdict | None, done: int) -> Ending:
    """The ending that a recorder asked for after `done` epochs, with "stop" or "interrupt"."""
    return ("stopped", f"stopped after epoch {done}") if verdict == "stop" else ("interrupted", f"after epoch {done}")


def diverged(done: int) -> Ending:
    """The ending of a run whose loss is no finite number after `done` epochs."""
    return ("diverged", f"diverged at epoch {done}: the loss is not a finite number")
