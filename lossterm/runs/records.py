"""Plain records of runs, epochs and trainers: what the store hands out, trainers fill and front ends show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from ..catalog import DataFile
from ..config import RunConfig

Status = Literal[
    "queued", "starting", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted", "unreadable"
]
Request = Literal["stop", "pause"]
TrainerState = Literal["loading", "ready", "compiling", "training", "paused"]

ACTIVE: tuple[Status, ...] = ("starting", "running", "paused")
ENDED: tuple[Status, ...] = ("finished", "stopped", "diverged", "failed", "interrupted", "unreadable")
BAD_ENDS: tuple[Status, ...] = ("failed", "diverged", "interrupted", "unreadable")

TRYING_LOSS = "trying the loss"
"""The phase of a run while its own loss is tried: what ends the trainer then is most likely the loss."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one epoch gave.

    epoch: 1 is the first. train_loss, train_metric: Keras's running mean over the epoch's batches.
    test_loss, test_metric: over the whole test set after the epoch. seconds: wall time of the epoch.
    A value can be NaN or infinite when training diverges.
    """

    epoch: int
    train_loss: float
    train_metric: float
    test_loss: float
    test_metric: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Scores:
    """The final scores, as `model.evaluate` gives them on the whole train and test set after the last epoch.

    metric: mse or accuracy. mae and r2 are for regression alone; None elsewhere. baseline: the test metric of the best
    constant answer, which a model should beat: the share of the test set's largest class, or the MSE of always
    answering the mean of the training targets; None where it is not known.
    """

    train_loss: float
    train_metric: float
    test_loss: float
    test_metric: float
    train_mae: float | None = None
    test_mae: float | None = None
    train_r2: float | None = None
    test_r2: float | None = None
    baseline: float | None = None

    @property
    def line(self) -> str:
        """The tutorial's last line, on the loss."""
        return f"Train: {self.train_loss:.3f}, Test: {self.test_loss:.3f}"


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far on the test metric, and that metric."""

    epoch: int
    test_metric: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its settings and where it stands.

    epochs_done: epochs recorded. progress: share of the epoch under way, 0 to 1, where it is known.
    phase: what a starting run is doing, in words. message: why it ended, in words; empty if there is
    nothing to say. device: where it trains (cpu, gpu:0), before that what was asked for.
    created, started, ended: seconds since 1970. seconds: training time, without pauses.
    log: the path of the log of the trainer that ran it last. revision: grows with every change of any run.
    experiment_id: the experiment that it was queued with, if any.
    unreadable: why its row in the store cannot be read; empty for every sound run. Its status is "unreadable" then,
    its number, note, pin and message mean something, and nothing else does: `config` only stands in.
    """

    id: int
    config: RunConfig
    status: Status
    request: Request | None
    epochs_done: int
    device: str
    device_name: str
    created: float
    started: float | None
    ended: float | None
    seconds: float | None
    message: str
    phase: str
    progress: float
    scores: Scores | None
    best: Best | None
    last: Epoch | None
    trainer: int | None
    log: str
    note: str
    pinned: bool
    deleted: bool
    revision: int
    unreadable: str = ""
    experiment_id: int | None = None

    @property
    def ended_badly(self) -> bool:
        """Whether it failed, diverged, was interrupted, or cannot be read."""
        return self.status in BAD_ENDS

    @property
    def can_resume(self) -> bool:
        """Whether `resume` means something: paused or pausing, interrupted, or stopped before its last epoch.

        One that was interrupted after its last epoch has no scores yet.
        """
        if self.status == "running":
            return self.request == "pause"
        unfinished = self.epochs_done < self.config.epochs
        return self.status in ("paused", "interrupted") or (self.status == "stopped" and unfinished)

    def as_json(self) -> dict[str, Any]:
        """The run as the JSON object that the commands print; non-finite and unknown numbers are None."""
        if self.unreadable:
            nothing = dict.fromkeys(("loss", "dataset", "seed", "status", "epochs", "device", "seconds", "metric"))
            none = {"loss": None, "metric": None}
            known = {"status": self.status, "train": none, "test": dict(none), "experiment": self.experiment_id}
            return {"id": self.id, **nothing, **known, "loss_parameters": None, "data_file": None, "loss_file": None}
        scores, file, data = self.scores, self.config.loss_file, self.config.data_file
        return {
            "id": self.id,
            "loss": self.config.loss,
            "dataset": self.config.dataset,
            "seed": self.config.seed,
            "status": self.status,
            "epochs": self.epochs_done,
            "device": self.device,
            "seconds": finite(self.seconds),
            "metric": self.config.metric.name,
            "train": {
                "loss": finite(scores.train_loss if scores else None),
                "metric": finite(scores.train_metric if scores else None),
            },
            "test": {
                "loss": finite(scores.test_loss if scores else None),
                "metric": finite(scores.test_metric if scores else None),
            },
            "experiment": self.experiment_id,
            "loss_parameters": dict(self.config.loss_parameters),
            "data_file": None if data is None else {"path": data.path, "sha256": data.sha256, "target": data.target},
            "loss_file": None if file is None else {"path": file.path, "sha256": file.sha256},
        }


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs that were queued together.

    Attributes:
        id: Its number.
        name: What a person calls it; may be empty.
        created: When it was queued, in seconds since 1970.
        plan: The plan of a comparison as JSON; empty where it is none.
    """

    id: int
    name: str
    created: float
    plan: str = ""

    @property
    def title(self) -> str:
        """Its name, or its number where it has none."""
        return self.name or f"experiment {self.id}"


@dataclass(frozen=True, slots=True)
class OwnDataset:
    """A person's own dataset, as it was added.

    file: what a run's config carries of it. report: what was found in the file, as `tables.datasets.describe` gives it;
    empty where that cannot be read. created: when it was added, in seconds since 1970.
    """

    file: DataFile
    report: dict[str, Any]
    created: float

    @property
    def name(self) -> str:
        """What it is called."""
        return self.file.name


@dataclass(frozen=True, slots=True)
class Trainer:
    """One living trainer process.

    device: what it was started for (auto, cpu, gpu, gpu:N). resolved: where it trains (cpu, gpu:0), empty
    while TensorFlow loads. device_name: the hardware's own name. log: the path of its log file.
    lock: the path of the lock that it holds while it lives. slot: its number among those that live, from 0; it
    says which GPU of several is tried first.
    """

    id: int
    pid: int
    state: TrainerState
    device: str
    resolved: str
    device_name: str
    tensorflow: str
    started: float
    log: str
    lock: str
    slot: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a run needs to go on: the epoch it stands after, and its arrays as an .npz archive (no pickle)."""

    epoch: int
    arrays: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A run's weights after an epoch; epoch 0 is before the first.

    kept: False for one that is only there while the run is live. weights: packed by
    `snapshots.pack_weights`.
    """

    epoch: int
    kept: bool
    weights: bytes


def finite(value: float | None) -> float | None:
    """The value where it is a finite number, else None (JSON has neither NaN nor infinity)."""
    return value if value is not None and math.isfinite(value) else None
