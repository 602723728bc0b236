"""Store files cut off at any length, with and without the write-ahead log that was beside them.

Either everything that was committed is there, or the file is refused by name; a refusal changes neither file.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.cli import main
from lossterm.config import RunConfig
from lossterm.store import Store, StoreError

RUNS, EPOCHS = 40, 100
LATER = 30


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as a kill leaves it: RUNS long runs in the file, LATER more in the write-ahead log alone."""
    folder = tmp_path_factory.mktemp("killed")
    path = folder / "runs.db"
    with Store(path) as store:
        store.queue([RunConfig.of("mse", epochs=EPOCHS)] * RUNS)
    with closing(sqlite3.connect(path)) as sqlite:
        numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {EPOCHS}) "
        sqlite.execute("INSERT INTO epochs " + numbers + "SELECT id, i, 1, 1, 1, 1, 1 FROM runs, n ORDER BY id, i")
        sqlite.execute(f"UPDATE runs SET epochs_done = {EPOCHS}, status = 'finished'")
        sqlite.commit()
    with Store(path) as store:
        store.queue([RunConfig.of("mae")] * LATER)
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", folder / f"kept{suffix}")
    return folder / "kept"


def files(path: Path) -> dict[str, bytes]:
    """The store and its log as they are; the log's index can always be made anew."""
    return {each.name: each.read_bytes() for each in path.parent.glob("runs.db*") if not each.name.endswith("-shm")}


def read(path: Path) -> tuple[int, int]:
    """How many runs and epochs a store gives, every one of them read; both halves of the file are looked at."""
    with Store(path) as store:
        store.reap()
        runs = store.runs()
        return len(runs), sum(len(store.epochs(run.id)) for run in runs)


@pytest.mark.parametrize("log", ["with its log", "without its log"])
@pytest.mark.parametrize("part", [0, 0.0001, 0.005, 0.02, 0.25, 0.5, 0.75, 0.97, 1])
def test_a_store_cut_off(killed: Path, tmp_path: Path, part: float, log: str) -> None:
    path = tmp_path / "runs.db"
    whole = killed.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    if log == "with its log":
        shutil.copy(f"{killed}-wal", f"{path}-wal")
    before = files(path)
    if part == 1:
        assert read(path) == ((RUNS + LATER, RUNS * EPOCHS) if log == "with its log" else (RUNS, RUNS * EPOCHS))
        return
    if part == 0 and log == "without its log":
        assert read(path) == (0, 0), "an empty file is a new store"
        return
    with pytest.raises(StoreError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    if str(caught.value).endswith("it was left untouched"):
        assert files(path) == before
    else:
        assert str(caught.value).endswith("what can be read of it: sqlite3 FILE .recover")
        assert path.stat().st_size >= len(before["runs.db"]), "SQLite may write the log's pages back, and no others"


@pytest.mark.parametrize("part", [0, 0.001, 0.01, 0.5, 0.99])
def test_a_log_cut_off_loses_what_it_held_and_no_more(killed: Path, tmp_path: Path, part: float) -> None:
    path = tmp_path / "runs.db"
    shutil.copy(killed, path)
    log = Path(f"{killed}-wal").read_bytes()
    Path(f"{path}-wal").write_bytes(log[: int(len(log) * part)])
    runs, epochs = read(path)
    assert epochs == RUNS * EPOCHS
    assert runs in (RUNS, RUNS + LATER), "a transaction is there whole or not at all"


def test_damage_that_shows_later_is_one_line(killed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.db"
    whole = bytearray(killed.read_bytes())
    size = 4096
    last = bytes(whole)[: len(whole) // size * size].rfind(b"mean_squared_error") // size
    whole[last * size : (last + 1) * size] = b"\xff" * size
    path.write_bytes(whole)
    assert main(["--store", str(path), "runs"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert f"{path} is damaged" in said.err
    assert said.out == ""
