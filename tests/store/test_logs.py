"""The trainers' logs do not pile up for ever, and none goes that somebody may ask for."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.config import RunConfig
from lossterm.store import Store, TrainerSession
from lossterm.store.logs import KEPT, RECENT_SECONDS, prune_logs

if TYPE_CHECKING:
    from ..conftest import Program

MSE = RunConfig.of("mse")


def old_logs(store: Store, count: int) -> list[Path]:
    """Logs that were written to long ago, the first the longest."""
    store.log_folder.mkdir(exist_ok=True)
    logs = [store.log_folder / f"trainer-20200101-{number:06}-1.log" for number in range(count)]
    for age, log in enumerate(logs):
        log.write_text("ready\n")
        os.utime(log, (age, age))
    return logs


def test_the_newest_the_living_and_those_of_recent_bad_ends_stay(tmp_path: Path) -> None:
    with Store(tmp_path / "runs.db") as store:
        logs = old_logs(store, KEPT + 6)
        other = store.log_folder / "notes.txt"
        other.touch()
        ids = store.queue([MSE] * 3)
        for log, status in zip(logs, ("finished", "failed", "interrupted"), strict=False):
            with TrainerSession(store.path, "auto", str(log)) as ended:
                run = ended.claim(("auto",), "cpu", "")
                assert run is not None
                ended.finish(run.id, status)  # type: ignore[arg-type]
        store.queue([MSE])
        with TrainerSession(store.path, "auto", str(logs[3])) as living:
            assert living.claim(("auto",), "cpu", "") is not None
            assert prune_logs(store) == [logs[0], *logs[4:6]]
            assert sorted(store.log_folder.iterdir()) == sorted([other, *logs[1:4], *logs[6:]])
            assert prune_logs(store) == []
            later = time.time() + RECENT_SECONDS + 60
            assert prune_logs(store, later) == logs[1:3], "bad ends of long ago"
        assert len(ids) == 3


def test_a_trainer_that_starts_clears_away(program: Program) -> None:
    with program.store() as store:
        logs = old_logs(store, KEPT + 30)
        (run_id,) = program.queue("--loss", "mse", "--epochs", 1)
        left = sorted(store.log_folder.iterdir())
        assert len(left) == KEPT
        assert left[:-1] == logs[31:]
        assert program.ended(run_id).log == str(left[-1])
