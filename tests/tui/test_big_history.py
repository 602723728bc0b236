"""A thousand runs of a thousand epochs: opening reads the runs, and of the epochs no more than what is shown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.store.rows import SELECT_RUNS
from lossterm.tui.widgets.loss_chart import LossChart

from .conftest import opened

RUNS = EPOCHS = 1000


@pytest.fixture
def big_store(quiet_store: Path) -> Path:
    with Store(quiet_store) as store:
        store.queue([RunConfig.of("mse", epochs=EPOCHS)] * RUNS)
    with closing(sqlite3.connect(quiet_store)) as sqlite:
        numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EPOCHS}) "
        sqlite.execute(f"INSERT INTO epochs {numbers} SELECT id, i, 1.0 / i, 1, 1, 1, 1 FROM runs, n ORDER BY id, i")
        sqlite.execute(f"UPDATE runs SET epochs_done = {EPOCHS}, status = 'finished'")
        sqlite.commit()
    return quiet_store


async def test_the_app_reads_the_epochs_of_one_run(big_store: Path) -> None:
    async with opened(big_store) as app:
        await app.until(lambda: app.ids()[:1] == [RUNS], "the table")
        assert str(app.main.query_one("#runs").border_title) == f"Runs {RUNS}"
        assert app.highlighted() == RUNS
        chart = app.main.query_one(LossChart)
        await app.until(lambda: len(chart.plot.series[0].ys) == EPOCHS, "the newest run's curve")
        assert list(app.main.state.curves) == [RUNS]


def test_the_list_of_runs_looks_each_last_epoch_up(big_store: Path) -> None:
    """SQLite's own plan: the million epochs are searched by their key, never scanned."""
    for where in ("deleted IS NULL ORDER BY runs.id DESC", "revision > 5 ORDER BY revision", "runs.id = 3"):
        with closing(sqlite3.connect(big_store)) as sqlite:
            plan = [str(row[3]) for row in sqlite.execute(f"EXPLAIN QUERY PLAN {SELECT_RUNS} WHERE {where}")]
        (epochs,) = [step for step in plan if " last " in step]
        assert epochs.startswith("SEARCH last USING PRIMARY KEY (run=? AND epoch=?)")
