"""What is said of followed runs that do not move."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lossterm.cli import run_monitor
from lossterm.cli.run_monitor import RunMonitor
from lossterm.config import RunConfig
from lossterm.store import Store, TrainerSession
from lossterm.store.health import HealthFile
from lossterm.store.logs import new_log


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_monitor, "HANG_SECONDS", 0.0)


def test_a_trainer_whose_trouble_reaches_only_its_log_is_quoted(store_path: Path, impatient: None) -> None:
    """As on a file system where not even a file that is there can be rewritten."""
    with Store(store_path) as store:
        (run_id,) = store.queue([RunConfig.of("mse")])
        log = new_log(store.log_folder)
        with TrainerSession(store_path, "auto", str(log)) as trainer:
            assert trainer.claim(("auto",), "cpu", "") is not None
            kill = f"kill -9 {os.getpid()} ends its trainer, and the run can be resumed"
            log.write_text("2026-01-01 INFO ready\n")
            updates = RunMonitor(store, [run_id]).updates()
            next(updates)
            assert next(updates).stuck == f"run 1 has not moved for 0 s; {kill}"
            log.write_text("2026-01-01 ERROR run 1: the disk is full\n")
            said = "its log ends: 2026-01-01 ERROR run 1: the disk is full"
            assert next(updates).stuck == f"run 1 has not moved for 0 s ({said}); {kill}"


def test_trouble_that_explains_it_is_said_in_the_place_of_a_hang(store_path: Path, impatient: None) -> None:
    with Store(store_path) as store:
        (run_id,) = store.queue([RunConfig.of("mse")])
        with TrainerSession(store_path, "auto", "") as trainer:
            assert trainer.claim(("auto",), "cpu", "") is not None
            HealthFile(store.locks.path, trainer.id).report("store: the disk is full")
            updates = RunMonitor(store, [run_id]).updates()
            for update in (next(updates), next(updates), next(updates)):
                assert (update.trouble, update.stuck) == ("store: the disk is full", "")
