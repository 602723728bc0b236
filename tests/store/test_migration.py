"""Stores that an earlier lossterm made, opened with this one: version_N.db was trained and killed by the release of
schema N, its journal turned back and its file vacuumed."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store, StoreError
from lossterm.store.connection import schema_steps

from ..terminal import PROGRAM

if TYPE_CHECKING:
    import subprocess

    from ..conftest import Program

MOVED = (
    "batch_size",
    "learning_rate",
    "momentum",
    "hidden_units",
    "samples",
    "noise",
    "train_fraction",
    "outlier_fraction",
    "label_noise",
)
"""Columns of the versions before 3 that are JSON now."""


@dataclass(frozen=True)
class Held:
    """What a store of an earlier version holds, by its runs' numbers."""

    line: str
    progress: str
    epochs: dict[int, int]
    snapshots: dict[int, int]
    changes: dict[int, dict[str, Any]]


HELD = {
    1: Held(
        "Train: 0.432, Test: 0.324",
        "14/16",
        {1: 5, 2: 4, 3: 1, 5: 14},
        dict.fromkeys((1, 2, 3, 5), 0),
        {
            1: {"epochs": 5, "hidden_layers": (6,)},
            2: {"epochs": 4, "hidden_layers": (3,), "samples": 400},
            3: {"hidden_layers": (3,), "learning_rate": 1.0, "momentum": 0.99},
            5: {"batch_size": 1, "epochs": 16, "hidden_layers": (5,), "samples": 120000},
        },
    ),
    2: Held(
        "Train: 0.678, Test: 0.646",
        "70/250",
        {1: 5, 2: 4, 3: 1, 5: 70},
        {1: 6, 2: 5, 3: 2, 5: 23},
        {
            1: {"epochs": 5, "hidden_layers": (3,), "outlier_fraction": 0.1},
            2: {"epochs": 4, "hidden_layers": (3,), "label_noise": 0.25, "learning_rate": 0.30000000000000004},
            3: {"epochs": 5, "hidden_layers": (3,), "learning_rate": 90.0},
            5: {"epochs": 250, "hidden_layers": (3,), "batch_size": 2},
        },
    ),
    3: Held(
        "Train: 0.959, Test: 0.982",
        "60/90",
        {1: 5, 2: 4, 3: 1, 5: 60},
        {1: 6, 2: 5, 3: 2, 5: 22},
        {
            1: {"epochs": 5, "hidden_layers": (3,), "samples": 200, "outlier_fraction": 0.1},
            2: {"epochs": 4, "hidden_layers": (3,), "samples": 400, "label_noise": 0.25, "learning_rate": 0.3},
            3: {"epochs": 5, "hidden_layers": (3,), "samples": 200, "learning_rate": 90.0},
            5: {"epochs": 90, "hidden_layers": (3,), "batch_size": 1, "samples": 30000},
        },
    ),
}
OLD = sorted(Path(__file__).parent.glob("version_*.db"))
Start = Callable[[str], "subprocess.Popen[str]"]


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(path)) as sqlite:
        sqlite.row_factory = sqlite3.Row
        tables = [str(row[0]) for row in sqlite.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [dict(row) for row in sqlite.execute(f"SELECT * FROM {table}")] for table in tables}


@pytest.fixture(params=OLD, ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, program: Program) -> Path:
    """A copy of an old store, where `program` looks for its own."""
    program.store_path.parent.mkdir()
    return Path(shutil.copy(request.param, program.store_path))


def test_there_is_a_store_of_every_earlier_version() -> None:
    assert [version(path) for path in OLD] == list(range(1, len(schema_steps())))


def _some(row: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    return {column: row[column] for column in columns}


def test_every_row_is_there_as_it_was(old: Path) -> None:
    old_version = version(old)
    before = contents(old)
    with Store(old) as store:
        shown = {run.id: run for run in store.runs()}
        epochs = {run_id: store.epochs(run_id) for run_id in shown}
        kept = {run_id: len(store.snapshots(run_id)) for run_id in shown}
        sampled = {run_id for run_id in shown if store.sample(run_id)}
    assert version(old) == len(schema_steps())
    after = contents(old)
    assert len(before["runs"]) == 5
    for table, rows in before.items():
        columns = [column for column in rows[0] if column not in MOVED] if rows and table != "sqlite_sequence" else []
        assert [_some(row, columns) for row in after[table]] == [_some(row, columns) for row in rows], table
    for was, row in zip(before["runs"], after["runs"], strict=True):
        settings = (
            json.loads(was["config"]) if "config" in was else _some(was, ["batch_size", "learning_rate", "momentum"])
        )
        assert settings.items() <= json.loads(row["config"]).items()
    assert {number: run.status for number, run in shown.items()} == {
        1: "finished",
        2: "finished",
        3: "diverged",
        5: "interrupted",
    }
    held = HELD[old_version]
    assert shown[1].note == f"kept from version {old_version} — ünïcode"
    assert shown[2].pinned
    assert shown[2].scores is not None
    assert shown[2].scores.line == held.line
    assert {number: len(found) for number, found in epochs.items()} == held.epochs
    assert not math.isfinite(epochs[3][0].train_loss)
    assert math.isnan(epochs[3][0].test_loss)
    assert kept == held.snapshots
    assert sampled == (set(shown) if any(kept.values()) else set())
    assert {number: run.config.default_changes() for number, run in shown.items()} == held.changes


def test_what_was_deleted_can_be_brought_back(old: Path) -> None:
    with Store(old) as store:
        store.restore([4])
        assert (store.run(4).status, len(store.epochs(4))) == ("finished", 3)
        assert store.queue([RunConfig.of("mse")]) == [6], "no number is given twice"


def test_an_interrupted_run_goes_on_from_its_checkpoint(old: Path, program: Program) -> None:
    with program.store() as store:
        checkpoint = store.checkpoint(5)
        before = store.epochs(5)
    assert checkpoint is not None
    assert program("resume", 5).stdout.strip().endswith(f"goes on from epoch {checkpoint.epoch}")
    run = program.ended(5)
    assert (run.status, run.epochs_done) == ("finished", run.config.epochs)
    with program.store() as store:
        after = store.epochs(5)
    assert [epoch.epoch for epoch in after] == list(range(1, run.config.epochs + 1))
    assert after[: checkpoint.epoch] == before[: checkpoint.epoch]
    assert run.scores is not None
    assert abs(run.scores.test_metric - before[-1].test_metric) < 0.05, "it did not start anew"


def test_the_app_shows_it(old: Path, program: Program, terminal: Callable[..., Any]) -> None:
    held = version(old)
    screen = terminal([*PROGRAM, "--store", str(old)], **program.environment)
    text = screen.until(lambda text: "interrupted" in text and HELD[held].progress in text, "the history")
    assert "diverged" in text
    assert "kept from v" in text, "the note, as far as it has room"
    screen.press("vvv")
    screen.press("q")
    assert screen.ended() == 0


def test_many_that_open_it_at_once_migrate_it_once(old: Path, python: Start) -> None:
    before = contents(old)["runs"]
    opener = f"input()\nfrom lossterm.store import Store\nwith Store({str(old)!r}) as store: print(len(store.runs()))"
    openers = [python("print('ready', flush=True)\n" + opener) for _ in range(4)]
    assert [one.stdout.readline() for one in openers if one.stdout] == ["ready\n"] * 4
    for one in openers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [one.communicate(timeout=60)[0] for one in openers] == ["4\n"] * 4
    assert [row["id"] for row in contents(old)["runs"]] == [row["id"] for row in before]


def test_one_that_may_not_be_written_is_refused_as_it_is(old: Path, tmp_path: Path) -> None:
    """A migration that finds no room leaves the old version: the file may not grow by a page."""
    before, old_version = old.read_bytes(), version(old)
    with closing(sqlite3.connect(old)) as sqlite:
        pages = sqlite.execute("PRAGMA page_count").fetchone()[0]
    real = sqlite3.connect

    class Full(sqlite3.Connection):
        """A connection whose file has as many pages as it may ever have: SQLite itself refuses the next."""

        def __init__(self, *arguments: Any, **more: Any):
            super().__init__(*arguments, **more)
            self.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *a, **more: real(*a, factory=Full, **more))
        with pytest.raises(StoreError, match="the disk is full"):
            Store(old)
    assert old.read_bytes() == before
    assert version(old) == old_version
