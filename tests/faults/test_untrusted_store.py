"""Stores from elsewhere: whatever they say, no file of anybody's is touched, nothing is believed, and nothing hangs."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.runs.checkpoints import pack_arrays, unpack_arrays, weight_names
from lossterm.runs.records import Checkpoint
from lossterm.runs.snapshots import weight_shapes
from lossterm.store import Store, StoreError, TrainerSession
from lossterm.store.logs import KEPT, last_line, newest_log, prune_logs, read_log

if TYPE_CHECKING:
    from ..conftest import Program

MSE = RunConfig.of("mse")
TOKEN = "0123456789abcdef0123456789abcdef"


def write(path: Path, sql: str, *values: object) -> None:
    """Change a store as somebody with an SQLite shell would."""
    with closing(sqlite3.connect(path)) as sqlite:
        sqlite.execute("PRAGMA ignore_check_constraints = ON")
        sqlite.execute(sql, values)
        sqlite.commit()


def enlist(path: Path, lock: str, pid: int = 4242, log: str = "") -> None:
    """Put a trainer on record that trains run 1."""
    write(
        path,
        "INSERT INTO trainers (id, pid, device, started, log, lock) VALUES (77, ?, 'auto', 1e9, ?, ?)",
        pid,
        log,
        lock,
    )
    write(path, "UPDATE runs SET status = 'running', trainer = 77, log = ? WHERE id = 1", log)


@pytest.fixture
def made(program: Program) -> Path:
    """A store with two queued runs."""
    with program.store() as store:
        store.queue([MSE, MSE])
    return program.store_path


# -- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "folder", "relative", "file of that name", "link in the folder of locks"])
def test_no_row_names_a_file_to_delete(made: Path, program: Program, tmp_path: Path, kind: str) -> None:
    name = f"trainer-{TOKEN}.lock"
    victim = tmp_path / (name if kind == "file of that name" else "precious")
    if kind == "folder":
        victim.mkdir()
    else:
        victim.write_text("precious")
    locks = made.with_name(made.name + ".locks")
    locks.mkdir(exist_ok=True)
    lock = str(victim)
    if kind == "relative":
        lock = os.path.relpath(victim, locks)
    if kind.startswith("link"):
        (locks / name).symlink_to(victim)
        lock = name
    enlist(made, lock)
    assert [run["status"] for run in program.json("runs")] == ["queued", "interrupted"]
    assert victim.is_dir() or victim.read_text() == "precious"
    assert program.json("status")["trainers"] == []


@pytest.mark.parametrize("pid", [-1, 0, 1, 2**40, "text"])
def test_a_trainer_whose_number_is_no_process_is_none(made: Path, program: Program, pid: int) -> None:
    """`kill -9 -1` ends everything that a person runs."""
    with Store(made) as store:
        lock = store.locks.hold("trainer")
        enlist(made, lock.name, pid)
        assert store.trainers() == []
        lock.release()
        assert store.reap() == [1]


@pytest.mark.parametrize("name", ["", "launch.lock"])
def test_links_where_our_locks_should_be_are_not_followed(
    made: Path, program: Program, tmp_path: Path, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    locks = made.with_name(made.name + ".locks")
    if name:
        elsewhere.write_text("precious")
        locks.mkdir(exist_ok=True)
        (locks / name).symlink_to(elsewhere)
    else:
        elsewhere.mkdir()
        (elsewhere / f"watcher-{TOKEN}.lock").write_text("precious")
        locks.symlink_to(elsewhere)
    done = program("run", "--loss", "mse", "--detach", code=None)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1, done.stderr
    if name:
        assert elsewhere.read_text() == "precious"
    else:
        assert "symbolic link" in done.stderr
        assert [each.name for each in elsewhere.iterdir()] == [f"watcher-{TOKEN}.lock"]
    assert len(program.json("runs")) == 2


def test_no_row_names_a_log(made: Path, program: Program, tmp_path: Path) -> None:
    victim = tmp_path / "secret"
    victim.write_text("the secret")
    with Store(made) as store:
        lock = store.locks.hold("trainer")
        enlist(made, lock.name, log=str(victim))
        assert [trainer.log for trainer in store.trainers()] == [""]
        lock.release()
    assert "secret" not in program("show", 1).stdout
    assert "secret" not in program("status").stdout


def test_only_our_own_logs_are_read_and_deleted(made: Path, tmp_path: Path) -> None:
    victim = tmp_path / "secret"
    victim.write_text("the secret")
    with Store(made) as store:
        folder = store.log_folder
        folder.mkdir()
        link, pipe, nested, named = (folder / f"trainer-20200101-00000{number}-1.log" for number in range(4))
        link.symlink_to(victim)
        os.mkfifo(pipe)
        nested.mkdir()
        named.write_text("said")
        other = folder / "trainer-notes.log"
        other.write_text("mine")
        for each in (link, pipe, nested, other):
            with pytest.raises(OSError, match=r"."):
                read_log(each)
            assert last_line(each) == "its log is empty"
        assert read_log(named) == "said"
        assert newest_log(store) == named
        newer = [folder / f"trainer-20210101-{number:06}-1.log" for number in range(KEPT)]
        for each in newer:
            each.touch()
        assert prune_logs(store) == [named]
        assert {*folder.iterdir()} == {link, pipe, nested, other, *newer}
    assert victim.read_text() == "the secret"


# -- what is kept as bytes --------------------------------------------------------------------------------------


def zipped(arrays: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


SHAPES = dict(zip(weight_names(MSE), weight_shapes(MSE), strict=True))


def sound() -> dict[str, bytes]:
    return {name: saved(np.zeros(shape, np.float32)) for name, shape in SHAPES.items()}


def lying_header() -> bytes:
    """An array that says that it has 10**9 numbers."""
    content = saved(np.zeros((20, 25), np.float32))
    return content.replace(b"(20, 25), ", b"(1000000000,), ", 1).replace(b" \n", b"\n", 1)


CRAFTED: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: zipped(sound() | {"kernel_0": bytes(400_000_000)}, zipfile.ZIP_DEFLATED),
    "a bomb beside it": lambda: zipped(sound() | {"more": bytes(400_000_000)}, zipfile.ZIP_DEFLATED),
    "a lying header": lambda: zipped(sound() | {"kernel_0": lying_header()}),
    "another width": lambda: zipped(sound() | {"kernel_0": saved(np.zeros((20, 26), np.float32))}),
    "another type": lambda: zipped(sound() | {"bias_0": saved(np.zeros(25, np.float64))}),
    "objects": lambda: zipped(sound() | {"bias_0": np.array([{}] * 25, dtype=object).dumps()}),
    "a path": lambda: zipped(sound() | {"../../bias_0": saved(np.zeros(25, np.float32))}),
    "one too few": lambda: zipped({name: content for name, content in sound().items() if name != "bias_1"}),
    "nothing": lambda: zipped({}),
    "no archive": lambda: b"PK" + bytes(1000),
}


@pytest.fixture(scope="module")
def crafted() -> dict[str, bytes]:
    return {name: make() for name, make in CRAFTED.items()}


@pytest.mark.parametrize("kind", CRAFTED)
def test_a_crafted_checkpoint_is_refused_before_it_is_unpacked(kind: str, crafted: dict[str, bytes]) -> None:
    assert list(unpack_arrays(Checkpoint(1, zipped(sound())), MSE)) == list(SHAPES)
    tracemalloc.start()
    with pytest.raises(ValueError, match="checkpoint: it is"):
        unpack_arrays(Checkpoint(1, crafted[kind]), MSE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_checkpoint_with_the_names_of_older_stores_is_read() -> None:
    arrays = [np.full(shape, number, np.float32) for number, shape in enumerate(SHAPES.values())]
    old = ("hidden_kernel", "hidden_bias", "output_kernel", "output_bias")
    named = dict(zip(old, arrays, strict=True))
    momentums = {f"{name}_momentum": array + 10 for name, array in named.items()}
    back = unpack_arrays(pack_arrays(3, named | momentums), MSE)
    for number, name in enumerate(SHAPES):
        assert float(back[name].flat[0]) == number
        assert float(back[f"{name}_momentum"].flat[0]) == number + 10


def test_a_checkpoint_of_another_epoch_is_refused() -> None:
    good = pack_arrays(51, {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()})
    with pytest.raises(ValueError, match="another run"):
        unpack_arrays(good, MSE)


def test_a_bomb_is_neither_exported_nor_trained(
    made: Path, program: Program, crafted: dict[str, bytes], tmp_path: Path
) -> None:
    for number in (1, 2):
        write(made, "UPDATE runs SET status = 'interrupted', epochs_done = 1 WHERE id = ?", number)
        write(made, "INSERT INTO checkpoints VALUES (?, 1, ?)", number, crafted["a bomb"])
    done = program("export", 1, "--format", "keras", "--to", tmp_path / "model.keras", code=2)
    assert "run 1: its weights cannot be read (checkpoint: it is damaged" in done.stderr
    program("resume", 2)
    run = program.ended(2)
    assert (run.status, run.message[:37]) == ("failed", "ValueError: checkpoint: it is damaged")


# -- values -----------------------------------------------------------------------------------------------------

COLUMNS = ["epochs", "seed", "created", "started", "ended", "seconds", "progress", "epochs_done", "best_epoch"]
COLUMNS += ["best_test_metric", "train_loss", "test_r2", "trainer", "pinned", "experiment_id"]
SETTINGS = ["batch_size", "learning_rate", "momentum", "hidden_layers", "samples", "noise", "train_fraction"]
SETTINGS += ["outlier_fraction", "label_noise", "version", "a_setting_of_tomorrow"]
WRONG: dict[str, tuple[str, object]] = {
    **{f"text as {name}": (name, "many") for name in COLUMNS},
    **{f"text as {name}": (f"$.{name}", "many") for name in SETTINGS},
    "an unknown loss": ("loss", "mean_squared_terror"),
    "an unknown dataset": ("dataset", "squares"),
    "bytes as a loss": ("loss", b"\xff\x00"),
    "an unknown status": ("status", "\x1b[31mred"),
    "an unknown request": ("request", "dance"),
    "a device that is none": ("device", "--help"),
    "bytes as a note": ("note", b"\xff"),
    "absurd epochs": ("epochs", 10**18),
    "absurd width": ("$.hidden_layers", 10**9),
    "absurd samples": ("$.samples", 2**62),
    "no config": ("config", ""),
    "a list as a config": ("config", "[]"),
    "a config without end": ("config", "[" * 1_000_000),
    "bytes as a config": ("config", b"{}"),
    "infinite epochs": ("epochs", float("inf")),
    "more epochs done than planned": ("epochs_done", 10**15),
    "a best epoch of never": ("best_epoch", -1),
    "a time beyond all dates": ("created", 1e300),
    "an infinite time": ("ended", float("inf")),
}


def spoil(path: Path, run_id: int, column: str, value: object) -> None:
    """Put a value where it does not belong: in a column, or in the config's JSON."""
    if column.startswith("$"):
        write(path, "UPDATE runs SET config = json_set(config, ?, ?) WHERE id = ?", column, value, run_id)
    else:
        write(path, f"UPDATE runs SET {column} = ? WHERE id = ?", value, run_id)


@pytest.mark.parametrize("kind", WRONG)
def test_a_run_with_such_a_value_is_unreadable_and_the_others_are_kept(kind: str, tmp_path: Path) -> None:
    column, value = WRONG[kind]
    path = tmp_path / "runs.db"
    with Store(path) as store:
        bad, good = store.queue([MSE, MSE])
        spoil(path, bad, column, value)
        sound, found = store.runs()
        assert (sound.id, sound.status, sound.unreadable) == (good, "queued", "")
        assert (found.id, found.status) == (bad, "unreadable")
        assert found.unreadable
        assert found.message == found.unreadable
        assert not found.can_resume
        assert found.as_json() == {
            **dict.fromkeys(found.as_json()),
            "id": bad,
            "status": "unreadable",
            "train": {"loss": None, "metric": None},
            "test": {"loss": None, "metric": None},
        }
    with TrainerSession(path, "auto", "") as trainer:
        claimed = trainer.claim(("auto", "cpu"), "cpu", "")
        assert claimed is not None, "an unreadable run does not stand in the way of the next"
        assert claimed.id == good
        trainer.finish(good, "finished")
        assert trainer.claim(("auto", "cpu"), "cpu", "") is None
    with Store(path) as store:
        followed = max(run.revision for run in store.runs())
        store.annotate(good, "changed")
        assert [run.note for run in store.runs(since=followed) if run.id == good] == ["changed"], (
            "changes are still seen"
        )
        assert store.resume(bad).status == "unreadable"
        assert store.delete([bad]) == [bad]
        assert [run.id for run in store.runs()] == [good]


@pytest.mark.parametrize("value", ["many", 2**63 - 1, 9e300, b"x"])
def test_a_revision_that_cannot_grow_hides_no_change(value: object, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with Store(path) as store:
        odd, other = store.queue([MSE, MSE])
    write(path, "UPDATE runs SET revision = ? WHERE id = ?", value, odd)
    with Store(path) as store:
        followed = max(run.revision for run in store.runs())
        store.annotate(other, "changed")
        assert [run.note for run in store.runs(since=followed)] == ["changed"]
        assert [run.status for run in store.runs()] == ["queued", "queued"]


def test_the_commands_show_an_unreadable_run(made: Path, program: Program, tmp_path: Path) -> None:
    write(made, "UPDATE runs SET loss = 'mean_squared_terror', epochs = 10000000000 WHERE id = 1")
    assert [run["status"] for run in program.json("runs")] == ["queued", "unreadable"]
    listed = program("runs").stdout.splitlines()
    assert listed[-1].split()[0] == "1"
    assert listed[-1].endswith("unreadable")
    assert "mean_squared_terror" in program("show", 1).stdout
    assert program.json("show", 1)["settings"]["epochs"] is None
    assert "cannot be read" in program("resume", 1, code=2).stderr
    for form in ("csv", "json", "keras"):
        assert "cannot be read" in program("export", 1, "--format", form, "--to", tmp_path / "out", code=2).stderr


def test_epochs_and_snapshots_of_absurd_numbers_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with Store(path) as store:
        (run_id,) = store.queue([MSE])
        for epoch in (1, 10**18, "x", -5):
            write(path, "INSERT INTO epochs VALUES (?, ?, 'text', 0.5, x'ff', 9e999, 'x')", run_id, epoch)
            write(path, "INSERT INTO snapshots VALUES (?, ?, 1, 'text')", run_id, epoch)
            write(path, "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, 5)", run_id, epoch)
        write(path, "INSERT INTO samples VALUES (?, 12)", run_id)
        write(path, "INSERT INTO warm_up (id, config) VALUES (1, '[]')")
        (only,) = store.epochs(run_id)
        assert repr(only).startswith("Epoch(epoch=1, train_loss=nan, train_metric=0.5, test_loss=nan, test_metric=inf")
        assert store.snapshots(run_id) == []
        assert store.sample(run_id) is None
        assert store.checkpoint(run_id) is None
    for warm_up in (
        "[]",
        '{"version": 1, "loss": 5}',
        '{"version": 1, "loss": "mse", "epochs": 1e99}',
        "{",
        "[" * 100_000,
        '{"version": 1, "a": 1, "loss": "mse"}',
    ):
        write(path, "UPDATE warm_up SET config = ?", warm_up)
        with TrainerSession(path, "auto", "") as trainer:
            assert trainer.wanted() is None


# -- schemas ----------------------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
FOREIGN = {
    "version -1": "PRAGMA user_version = -1",
    "version 0": "PRAGMA user_version = 0",
    "version 1": "PRAGMA user_version = 1",
    "a table missing": "DROP TABLE samples",
    "a column missing": "ALTER TABLE runs DROP COLUMN note",
    "a column more": "ALTER TABLE runs ADD COLUMN more TEXT",
    "a view more": "CREATE VIEW more AS SELECT 1",
    "a trigger": "CREATE TRIGGER more AFTER UPDATE ON runs BEGIN DELETE FROM epochs; END",
    "a table more": "CREATE TABLE more (x)",
    "an index less": "DROP INDEX runs_by_status",
    "an endless view": f"DROP TABLE epochs; CREATE VIEW epochs AS {ENDLESS} i AS run, i AS epoch, 1 AS train_loss, "
    "1 AS train_metric, 1 AS test_loss, 1 AS test_metric, 1 AS seconds FROM n",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_schema_that_is_not_ours_is_refused_and_left_as_it_is(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with Store(path) as store:
        store.queue([MSE])
    with closing(sqlite3.connect(path)) as sqlite:
        sqlite.executescript(FOREIGN[kind])
    before = path.read_bytes()
    for make in (True, False):
        with pytest.raises(StoreError, match=r"has other tables than a lossterm store .*; it was left untouched"):
            Store(path, make)
    assert path.read_bytes() == before


def test_an_endless_view_does_not_hang_the_command(made: Path, program: Program) -> None:
    with closing(sqlite3.connect(made)) as sqlite:
        sqlite.executescript(FOREIGN["an endless view"])
    done = program("runs", code=2)
    assert done.stderr.count("\n") == 1


def test_what_takes_too_long_is_given_up(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.store.database.LONGEST_SECONDS", 0.1)
    with Store(made) as store:
        with pytest.raises(StoreError, match="took too long to read"), store._database.reading() as sqlite:
            sqlite.execute(f"{ENDLESS} count(*) FROM n").fetchone()
        assert len(store.runs()) == 2


# -- names ------------------------------------------------------------------------------------------------------


@pytest.fixture
def odd(program: Program) -> Iterator[Program]:
    """The command line on a store whose path is no UTF-8."""
    path = program.store_path.parent / os.fsdecode(b"caf\xe9 \xff") / "runs.db"
    yield type(program)(path, program.environment)
    with closing(sqlite3.connect(path)) as sqlite:
        pids = [pid for (pid,) in sqlite.execute("SELECT pid FROM trainers")]
    for pid in pids:
        os.kill(pid, 9)


def test_a_path_that_is_no_utf_8_works_from_end_to_end(odd: Program) -> None:
    if sys.platform == "darwin":
        pytest.skip("file names are UTF-8 there")
    done = odd("run", "--loss", "mse", "--epochs", 1)
    assert "Train: " in done.stdout
    (run,) = odd.json("runs")
    assert run["status"] == "finished"
    assert odd.json("status")["trainers"][0]["state"] == "ready"
    assert "finished" in odd("show", run["id"]).stdout
    odd("status")
    with odd.store() as store:
        assert read_log(Path(store.run(1).log))


def test_a_store_reached_by_a_link_is_the_same_store(made: Path, program: Program, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(made)
    with Store(link) as store:
        lock = store.locks.hold("trainer")
        enlist(made, lock.name)
        assert program.json("status")["trainers"][0]["pid"] == 4242
        assert [run["status"] for run in program.json("runs")] == ["queued", "running"]
        assert store.in_place()
        lock.release()
    assert not list(tmp_path.glob("link.db?*"))
