from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from lossterm.catalog import dataset_named
from lossterm.config import RunConfig
from lossterm.runs.records import Checkpoint, Epoch
from lossterm.trainer.device import Device, prepare_environment

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
prepare_environment("cpu")


@dataclass
class Recording:
    """A recorder that remembers everything, and answers `verdict` once `epochs` of them are in."""

    verdict: Literal["go", "stop", "interrupt"] = "go"
    after: int = 0
    give_up: Literal["stop", "interrupt"] | None = None
    phases: list[str] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    fractions: list[float] = field(default_factory=list)
    curves: list[str] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    device: Device | None = None
    rows: bytes = b""
    snapshots: dict[int, bytes] = field(default_factory=dict)

    def phase(self, words: str) -> None:
        self.phases.append(words)

    def running(self, device: Device) -> None:
        self.device = device

    def progress(self, fraction: float) -> Literal["go", "stop", "interrupt"] | None:
        self.fractions.append(fraction)
        return self.give_up

    def epoch(self, epoch: Epoch) -> Literal["go", "stop", "interrupt"]:
        self.epochs.append(epoch)
        return self.verdict if epoch.epoch == self.after else "go"

    def still_paused(self, alone: bool) -> Literal["go", "stop", "interrupt"]:
        return "go"

    def sample(self, rows: bytes) -> None:
        self.rows = rows

    def snapshot(self, epoch: int, make: Callable[[], bytes], last: bool = False) -> None:
        self.snapshots[epoch] = make()

    def loss_curve(self, curve: str) -> None:
        self.curves.append(curve)

    def checkpoint(self, make: Callable[[], Checkpoint]) -> None:
        self.checkpoints.append(make())

    @property
    def numbers(self) -> list[tuple[float, ...]]:
        """What each epoch gave, its time aside."""
        return [(e.epoch, e.train_loss, e.train_metric, e.test_loss, e.test_metric) for e in self.epochs]


@pytest.fixture
def record() -> type[Recording]:
    return Recording


@pytest.fixture(scope="session")
def models() -> Any:
    """Compiled models shared by every test, so that each program is compiled once."""
    from lossterm.trainer.fit import ModelCache

    return ModelCache(models=64)


@pytest.fixture(scope="session")
def small() -> Callable[..., RunConfig]:
    """A small config whose last batch of an epoch is partial: 100 rows are 3 batches of 32, and one of 4."""

    def build(loss: str, dataset: str | None = None, **settings: Any) -> RunConfig:
        fixed = dataset is not None and "samples" in dataset_named(dataset).fixed
        rows = {} if fixed else {"samples": 200}
        common = {**rows, "train_fraction": 0.5, "epochs": 3, "device": "cpu"}
        return RunConfig.of(loss, dataset=dataset, **{**common, **settings})

    return build
