from __future__ import annotations

import os
import random
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store, StoreError, connection
from lossterm.store.connection import schema_steps

Start = Callable[[str], "subprocess.Popen[str]"]


def whole_store(path: Path) -> bytes:
    with Store(path) as store:
        store.queue([RunConfig.of("mse")] * 200)
    return path.read_bytes()


def test_a_new_store_is_its_owners_alone(path: Path) -> None:
    with Store(path) as store:
        watching = store.watch()
        store.queue([RunConfig.of("mse")])
        made = [path.parent, *path.parent.rglob("*")]
        assert len(made) >= 5
        for each in made:
            assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0, each
        watching.release()


def test_a_store_opens_again_as_it_was(path: Path) -> None:
    whole_store(path)
    with Store(path) as store:
        assert len(store.runs()) == 200
    assert not path.with_name(path.name + "-wal").exists()


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with Store(path) as store:
        assert store.runs() == []


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.execute("INSERT INTO theirs VALUES (1)")
        other.commit()


def _newer(path: Path) -> None:
    whole_store(path)
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("not a store at all\n" * 100), "is not a lossterm store"),
    "a few bytes": (lambda path: path.write_bytes(b"SQLit"), "is not a lossterm store"),
    "noise": (lambda path: path.write_bytes(random.Random(1).randbytes(50_000)), "is not a lossterm store"),
    "zeros": (lambda path: path.write_bytes(bytes(8192)), "is not a lossterm store"),
    "header alone": (lambda path: path.write_bytes(whole_store(path)[:100]), "is damaged"),
    "cut at a page": (lambda path: path.write_bytes(whole_store(path)[:8192]), "is damaged"),
    "cut in half": (lambda path: path.write_bytes(whole_store(path)[:30_000]), "is damaged"),
    "noise behind the header": (
        lambda path: path.write_bytes(whole_store(path)[:100] + random.Random(1).randbytes(60_000)),
        "is damaged",
    ),
    "another program's": (_foreign, "an SQLite file but not a lossterm store"),
    "a newer version's": (_newer, "is from a newer lossterm"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_store_is_refused_by_name_and_left_as_it_is(path: Path, name: str) -> None:
    make, reason = REFUSED[name]
    path.parent.mkdir(exist_ok=True)
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        Store(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_places_where_no_file_can_be_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for place, reason in {
        tmp_path: "is a directory",
        tmp_path / "file" / "runs.db": "is not a directory",
        tmp_path / "pipe": "is not a regular file",
        Path("/dev/null"): "is not a regular file",
        tmp_path / ("x" * 300): "File name too long",
    }.items():
        with pytest.raises(StoreError, match=reason):
            Store(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("mode", [0o400, 0o000])
def test_a_store_that_may_not_be_written_is_refused(path: Path, mode: int) -> None:
    whole_store(path)
    path.chmod(mode)
    with pytest.raises(StoreError, match=r"read-only|cannot be"):
        Store(path)


def test_a_store_locked_by_another_process_is_read_and_says_so_when_written(
    path: Path, python: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_store(path)
    holder = python(
        "import sqlite3\nother = sqlite3.connect(path, isolation_level=None)\nother.execute('BEGIN IMMEDIATE')\n"
        "print('ready', flush=True)\ninput()"
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "ready\n"
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.1)
    with Store(path) as store:
        assert len(store.runs()) == 200
        with pytest.raises(StoreError, match="is locked by another process"):
            store.queue([RunConfig.of("mse")])
        holder.communicate("done\n")
        store.queue([RunConfig.of("mse")])


def test_a_busy_store_is_waited_for(path: Path, python: Start) -> None:
    whole_store(path)
    holder = python(
        "import sqlite3\nother = sqlite3.connect(path, isolation_level=None)\nother.execute('BEGIN IMMEDIATE')\n"
        "print('ready', flush=True)\ninput()\nother.execute('COMMIT')"
    )
    assert holder.stdout is not None
    given = holder.stdin
    assert given is not None
    assert holder.stdout.readline() == "ready\n"
    said: list[str] = []

    def let_go(statement: str) -> None:
        said.append(statement)
        if statement == "BEGIN IMMEDIATE":
            given.write("go\n")
            given.flush()

    with Store(path) as store:
        store._database._connection.set_trace_callback(let_go)
        store.queue([RunConfig.of("mse")])
    assert said[0] == "BEGIN IMMEDIATE"


def test_many_processes_that_make_stores_at_once_make_one_each(path: Path, python: Start) -> None:
    path.parent.mkdir()
    code = (
        "import time\nfrom lossterm.store import Store\nfrom lossterm.config import RunConfig\n"
        "start = float(input())\n"
        "for number in range(20):\n"
        "    while time.time() < start + number * 0.05: pass\n"
        "    with Store(path.with_name(f'{number}.db')) as store: store.queue([RunConfig.of('mse')])\n"
    )
    makers = [python(code) for _ in range(4)]
    start = time.time() + 1
    for maker in makers:
        assert maker.stdin is not None
        maker.stdin.write(f"{start}\n")
        maker.stdin.flush()
    assert [maker.wait(timeout=60) for maker in makers] == [0] * 4
    for number in range(20):
        with Store(path.with_name(f"{number}.db")) as store:
            assert len(store.runs()) == 4


def _version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as sqlite:
        return int(sqlite.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_store_is_migrated_step_by_step(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = schema_steps()
    whole_store(path)
    assert _version(path) == len(steps)
    more = [
        "ALTER TABLE runs ADD COLUMN extra TEXT NOT NULL DEFAULT 'a;b';\n-- and a comment;\nCREATE TABLE t (x);\n",
        "CREATE TRIGGER t_in AFTER INSERT ON t BEGIN\n  UPDATE runs SET extra = 'c';\nEND;\nINSERT INTO t VALUES (1);",
    ]
    monkeypatch.setattr(connection, "schema_steps", lambda: [*steps, *more])
    with Store(path) as store:
        assert len(store.runs()) == 200
    assert _version(path) == len(steps) + 2
    with closing(sqlite3.connect(path)) as sqlite:
        assert set(sqlite.execute("SELECT extra FROM runs")) == {("c",)}


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = schema_steps()
    whole_store(path)
    monkeypatch.setattr(connection, "schema_steps", lambda: [*steps, "CREATE TABLE t (x);\nDROP TABLE no_such;\n"])
    with pytest.raises(StoreError, match="no such table"):
        Store(path)
    monkeypatch.undo()
    assert _version(path) == len(steps)
    with Store(path) as store:
        assert len(store.runs()) == 200


def test_on_a_network_file_system_there_is_no_write_ahead_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_store(path)
    monkeypatch.setattr(connection, "on_network", lambda _path: True)
    with Store(path) as store:
        store.queue([RunConfig.of("mse")])
        assert not path.with_name(path.name + "-wal").exists()
        assert len(store.runs()) == 201
    monkeypatch.undo()
    with Store(path) as store:
        assert len(store.runs()) == 201


def test_a_store_of_a_thousand_long_runs_opens_at_once(path: Path) -> None:
    with Store(path) as store:
        store.queue([RunConfig.of("mse", epochs=1000)] * 1000)
    with closing(sqlite3.connect(path)) as sqlite:
        numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
        sqlite.execute(
            "INSERT INTO epochs " + numbers + "SELECT id, i, 0.5, 0.5, 0.5, 0.5, 0.01 FROM runs, n ORDER BY id, i"
        )
        sqlite.execute("UPDATE runs SET epochs_done = 1000, status = 'finished'")
        sqlite.commit()
    began = time.process_time()
    with Store(path) as store:
        store.reap()
        assert len(store.runs()) == 1000
        assert len(store.epochs(500)) == 1000
    assert time.process_time() - began < 0.5
