"""`lossterm prune`: what is deleted for good, what never is, and that whoever follows the store misses nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store, TrainerSession

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal
    from .conftest import Said

    Say = Callable[..., Said]

DAY = 86_400
STATUSES = ("finished", "failed", "queued", "running", "paused", "finished", "diverged", "stopped")


@pytest.fixture
def runs(store_path: Path) -> Iterator[Sequence[int]]:
    """Runs 1 to 8 of STATUSES with an epoch each, run N ended 9 - N days ago; 6 is pinned, 1 and 2 are deleted.

    A trainer that lives has the active ones.
    """
    fill(store_path)
    with TrainerSession(store_path, "auto", "") as trainer:
        with closing(sqlite3.connect(store_path)) as sqlite, sqlite:
            sqlite.execute("UPDATE runs SET trainer = ? WHERE status IN ('running', 'paused')", (trainer.id,))
        yield range(1, 9)


def fill(path: Path) -> None:
    with Store(path) as store:
        store.queue([RunConfig.of("mse", seed=seed) for seed in range(1, 9)])
    with closing(sqlite3.connect(path)) as sqlite:
        now = time.time()
        for run_id, status in enumerate(STATUSES, 1):
            ended = None if status in ("queued", "running", "paused") else now - (9 - run_id) * DAY
            sqlite.execute(
                "UPDATE runs SET status = ?, ended = ?, epochs_done = 1 WHERE id = ?", (status, ended, run_id)
            )
            sqlite.execute("INSERT INTO epochs VALUES (?, 1, 0.1, 0.1, 0.1, 0.1, 0.1)", (run_id,))
            sqlite.execute("INSERT INTO checkpoints VALUES (?, 1, ?)", (run_id, bytes(200_000)))
        sqlite.execute("UPDATE runs SET pinned = 1 WHERE id = 6")
        sqlite.execute("UPDATE runs SET deleted = ? WHERE id < 3", (now,))
        sqlite.commit()


def left(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as sqlite:
        ids = [row[0] for row in sqlite.execute("SELECT id FROM runs ORDER BY id")]
        for table in ("epochs", "checkpoints"):
            assert [row[0] for row in sqlite.execute(f"SELECT run FROM {table} ORDER BY run")] == ids
        assert sqlite.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return ids


@pytest.mark.parametrize(
    ("words", "stay"),
    [
        ([], [3, 4, 5, 6, 7, 8]),
        (["--keep", 0], [3, 4, 5, 6]),
        (["--keep", 1], [3, 4, 5, 6, 8]),
        (["--keep", 100], [3, 4, 5, 6, 7, 8]),
        (["--older-than", 1.5], [3, 4, 5, 6, 8]),
        (["--older-than", 30], [3, 4, 5, 6, 7, 8]),
        (["--status", "stopped"], [3, 4, 5, 6, 7]),
        (["--status", "STOPPED", "--status", "diverged"], [3, 4, 5, 6]),
        (["--status", "stopped", "--older-than", 1.5], [3, 4, 5, 6, 7, 8]),
        (["--status", "finished"], [3, 4, 5, 6, 7, 8]),
    ],
)
def test_what_goes_for_good(
    say: Say, runs: Sequence[int], store_path: Path, words: list[object], stay: list[int]
) -> None:
    said = say("prune", "--yes", *words)
    assert (said.code, said.err) == (0, "")
    gone = len(runs) - len(stay)
    assert said.out.splitlines()[0] == f"{gone} runs deleted for good"
    assert left(store_path) == stay


def test_the_file_becomes_smaller_unless_a_run_trains(say: Say, runs: Sequence[int], store_path: Path) -> None:
    said = say("prune", "--yes", "--keep", 0)
    assert said.out.splitlines()[1] == "the file keeps its size while a run trains; afterwards: lossterm prune"
    with closing(sqlite3.connect(store_path)) as sqlite:
        sqlite.execute("UPDATE runs SET status = 'stopped' WHERE id IN (4, 5)")
        sqlite.commit()
        sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = store_path.stat().st_size
    said = say("prune")
    assert said.out.splitlines()[0] == "0 runs deleted for good"
    assert said.out.splitlines()[1].startswith("the store takes ")
    assert said.out.splitlines()[1].endswith(" kB less than before")
    assert store_path.stat().st_size < before - 700_000
    assert left(store_path) == [3, 4, 5, 6]


def test_a_dry_run_deletes_nothing(say: Say, runs: Sequence[int], store_path: Path) -> None:
    said = say("prune", "--dry-run", "--keep", 1)
    assert (said.code, said.out) == (0, "2 runs deleted before and 1 ended run would be deleted for good\n")
    assert left(store_path) == list(runs)


def test_nobody_to_ask_is_a_refusal(say: Say, runs: Sequence[int], store_path: Path) -> None:
    said = say("prune")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "--yes" in said.err
    assert left(store_path) == list(runs)


@pytest.mark.parametrize(("answer", "stay"), [("y", 6), ("n", 8), ("", 8)])
def test_it_asks_on_a_terminal(
    program: Program, terminal: Callable[..., Terminal], answer: str, stay: int, untrained: list[str]
) -> None:
    fill(program.store_path)
    screen = terminal(program.command("prune"), **program.environment)
    screen.until(lambda text: "2 runs deleted before" in text and "delete them for good? [y/N]" in text, "the question")
    screen.press(f"{answer}\n")
    assert screen.ended() == 0
    assert len(left(program.store_path)) == stay
    assert ("nothing was deleted" in screen.screen) == (stay == 8)


@pytest.mark.parametrize("some_stay", [True, False])
def test_whoever_follows_the_store_sees_what_changes_afterwards(say: Say, store_path: Path, some_stay: bool) -> None:
    with Store(store_path) as store:
        ids = store.queue([RunConfig.of("mse", seed=seed) for seed in range(1, 201)])
        store.stop_all()
        store.delete(ids[1:] if some_stay else ids)
        seen = max(run.revision for run in store.runs(since=0))
        assert say("prune", "--yes").out.startswith(f"{199 if some_stay else 200} runs deleted for good\n")
        (new,) = store.queue([RunConfig.of("mse")])
        assert new > ids[-1], "a number is never given twice"
        assert new in [run.id for run in store.runs(since=seen)]
        assert [run.id for run in store.runs()] == ([new, ids[0]] if some_stay else [new])
    assert say("prune").out.startswith("0 runs deleted for good\n")


def test_a_run_that_was_taken_back_meanwhile_stays(store_path: Path, runs: Sequence[int]) -> None:
    from lossterm.store.prune import Pruner

    with Pruner(store_path) as pruner, Store(store_path) as store:
        pruner.hide([7, 8])
        store.restore([7])
        assert pruner.delete([1, 2, 7, 8]) == 3
    assert left(store_path) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--keep", "-1"], "keep: must be a whole number"),
        (["--keep", "1_0"], "keep: must be a whole number"),
        (["--older-than", "1d"], "older-than: must be a number of days"),
        (["--status", "queued"], "status: must be one of finished"),
    ],
)
def test_what_makes_no_sense_is_refused(
    say: Say, runs: Sequence[int], store_path: Path, words: list[str], reason: str
) -> None:
    said = say("prune", "--yes", *words)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert reason in said.err
    assert left(store_path) == list(runs)
