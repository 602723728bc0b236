"""What is said of followed runs that do not move."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lossterm.cli import follow
from lossterm.cli.follow import Follower
from lossterm.experiment import Experiment
from lossterm.logs import new_log
from lossterm.store import Store, TrainerStore
from lossterm.store.health import HealthFile


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "HANG_SECONDS", 0.0)


def test_a_trainer_whose_trouble_reaches_only_its_log_is_quoted(store_path: Path, impatient: None) -> None:
    """As on a file system where not even a file that is there can be rewritten."""
    with Store(store_path) as store:
        (run_id,) = store.queue([Experiment.of("mse")])
        log = new_log(store.log_folder)
        with TrainerStore(store_path, "auto", str(log)) as trainer:
            assert trainer.claim(("auto",), "cpu", "") is not None
            kill = f"kill -9 {os.getpid()} ends its trainer, and the run can be resumed"
            log.write_text("2026-01-01 INFO ready\n")
            ticks = Follower(store, [run_id]).ticks()
            next(ticks)
            assert next(ticks).stuck == f"run 1 has not moved for 0 s; {kill}"
            log.write_text("2026-01-01 ERROR run 1: the disk is full\n")
            said = "its log ends: 2026-01-01 ERROR run 1: the disk is full"
            assert next(ticks).stuck == f"run 1 has not moved for 0 s ({said}); {kill}"


def test_trouble_that_explains_it_is_said_in_the_place_of_a_hang(store_path: Path, impatient: None) -> None:
    with Store(store_path) as store:
        (run_id,) = store.queue([Experiment.of("mse")])
        with TrainerStore(store_path, "auto", "") as trainer:
            assert trainer.claim(("auto",), "cpu", "") is not None
            HealthFile(store.locks.path, trainer.id).report("store: the disk is full")
            ticks = Follower(store, [run_id]).ticks()
            for tick in (next(ticks), next(ticks), next(ticks)):
                assert (tick.trouble, tick.stuck) == ("store: the disk is full", "")
