from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lossterm.config import RunConfig
from lossterm.runs.records import Checkpoint, Epoch
from lossterm.store import Store, TrainerSession

MSE = RunConfig.of("mse")
Start = Callable[[str], "subprocess.Popen[str]"]

CLAIM_ALL = """
from lossterm.store import TrainerSession
with TrainerSession(path, "auto", "") as trainer:
    print("ready", flush=True)
    input()
    while (run := trainer.claim(("auto", "cpu"), "cpu", "")) is not None:
        print(run.id, flush=True)
        trainer.finish(run.id, "finished")
"""

TRAIN_FOR_EVER = """
from lossterm.runs.records import Epoch
from lossterm.store import TrainerSession
trainer = TrainerSession(path, "auto", "trainer-20200101-000000-1.log")
run = trainer.claim(("auto",), "cpu", "")
trainer.begin(run.id, "cpu", "")
trainer.record(run.id, [Epoch(1, 1, 1, 1, 1, 1)], 1, 0, None)
print("ready", flush=True)
input()
"""

CLEAR_FOR_EVER = """
from lossterm.store import LockFolder
folder = LockFolder(path.with_name(path.name + ".locks"))
print("ready", flush=True)
while True:
    folder.anyone("watcher")
"""


def test_of_many_trainers_that_claim_at_once_one_gets_each_run(store: Store, python: Start) -> None:
    ids = store.queue([MSE] * 60)
    trainers = [python(CLAIM_ALL) for _ in range(3)]
    for trainer in trainers:
        assert trainer.stdout is not None
        assert trainer.stdout.readline() == "ready\n"
    claims = [trainer.communicate("go\n", timeout=60)[0].split() for trainer in trainers]
    assert Counter(int(number) for claimed in claims for number in claimed) == Counter(ids)
    assert {run.status for run in store.runs()} == {"finished"}
    assert store.trainers() == []


def test_claims_are_oldest_first_and_of_the_right_device(store: Store, trainer: TrainerSession) -> None:
    cpu, gpu, other = store.queue([MSE.changed(device=device) for device in ("cpu", "gpu", "cpu")])
    store.stop(cpu)
    run = trainer.claim(("auto", "cpu"), "cpu", "a processor")
    assert run is not None
    assert (run.id, run.status, run.trainer, run.device) == (other, "starting", trainer.id, "cpu")
    assert run.log == str(store.log_folder / "trainer-20200101-000000-1.log")
    assert trainer.claim(("auto", "cpu"), "cpu", "") is None
    assert store.queued_devices() == ["gpu"]
    assert store.run(gpu).status == "queued"


def test_runs_that_train_together_are_claimed_together(store: Store, trainer: TrainerSession) -> None:
    mse = [MSE.changed(seed=seed) for seed in range(1, 8)]
    ids = store.queue([mse[0], RunConfig.of("bce"), mse[1], mse[2].changed(device="gpu"), *mse[3:]])
    store.stop(ids[2])
    looked: list[RunConfig] = []

    def key(config: RunConfig) -> str | None:
        looked.append(config)
        return config.loss if config.loss == MSE.loss else None

    first = trainer.claim(("auto", "cpu"), "cpu", "a processor")
    assert first is not None
    taken = trainer.claim_alike(first, ("auto", "cpu"), key, lambda waiting: min(waiting, 4))
    assert [run.id for run in taken] == ids[4:7]
    assert {(run.status, run.trainer, run.device, run.phase) for run in taken} == {
        ("starting", trainer.id, "cpu", "starting")
    }
    looked.clear()
    other = trainer.claim(("auto", "cpu"), "cpu", "")
    assert other is not None
    assert other.id == ids[1]
    assert trainer.claim_alike(other, ("auto", "cpu"), key, lambda waiting: waiting) == []
    assert len(looked) == 1, "the configs of those that wait are known by now"
    with store._database.writing() as sqlite:  # as where its lock was lost
        sqlite.execute("DELETE FROM trainers")
    assert trainer.claim_alike(first, ("auto", "cpu"), key, lambda waiting: waiting) == []
    assert store.run(ids[7]).status == "queued"


def test_a_killed_trainer_leaves_its_run_interrupted_with_its_epochs(store: Store, python: Start) -> None:
    ids = store.queue([MSE, MSE])
    process = python(TRAIN_FOR_EVER)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert store.reap() == []
    assert [trainer.pid for trainer in store.trainers()] == [process.pid]
    process.kill()
    process.wait()
    assert store.reap() == ids[:1]
    run = store.run(ids[0])
    assert (run.status, run.epochs_done, run.can_resume) == ("interrupted", 1, True)
    assert run.message == f"the trainer (pid {process.pid}) died after epoch 1"
    assert store.run(ids[1]).status == "queued"
    assert store.trainers() == []
    assert store.reap() == []


def test_a_trainer_taken_for_dead_changes_nothing_more(store: Store, trainer: TrainerSession) -> None:
    ids = store.queue([MSE, MSE])
    run = trainer.claim(("auto",), "cpu", "")
    assert run is not None
    for lock in store.locks.path.glob("trainer-*"):
        lock.unlink()
    assert store.reap() == [run.id]
    before = store.run(run.id)
    assert trainer.record(run.id, [Epoch(1, 1, 1, 1, 1, 1)], 1, 0, None) == "stop"
    trainer.phase(run.id, "training", "running")
    trainer.keep(run.id, Checkpoint(1, b"arrays"))
    trainer.finish(run.id, "finished", final=Checkpoint(1, b"arrays"))
    assert store.run(run.id) == before
    assert store.epochs(run.id) == []
    assert store.checkpoint(run.id) is None
    assert trainer.claim(("auto",), "cpu", "") is None
    assert not trainer.enlisted()
    assert store.run(ids[1]).status == "queued"


def test_a_trainer_may_not_retire_while_a_run_waits_for_it(store: Store, trainer: TrainerSession) -> None:
    (gpu,) = store.queue([MSE.changed(device="gpu")])
    (mine,) = store.queue([MSE])
    assert not trainer.retire(("auto", "cpu"))
    assert trainer.enlisted()
    store.stop(mine)
    assert trainer.retire(("auto", "cpu"))
    assert store.trainers() == []
    assert store.run(gpu).status == "queued"


def test_trainers_and_watchers_are_seen_while_they_live(store: Store, path: Path, python: Start) -> None:
    assert not store.watched()
    watching = store.watch()
    assert store.watched()
    watching.release()
    assert not store.watched()
    process = python(
        "from lossterm.store import Store\nwatching = Store(path).watch()\nprint('ready', flush=True)\ninput()"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    assert store.watched()
    process.kill()
    process.wait()
    assert not store.watched()
    assert list(store.locks.path.iterdir()) == []


def test_a_lock_holds_while_others_clear_dead_locks_away(store: Store, python: Start) -> None:
    """A lock that is cleared away between its making and its locking would look dead for ever."""
    prober = python(CLEAR_FOR_EVER)
    assert prober.stdout is not None
    assert prober.stdout.readline() == "ready\n"
    for _ in range(300):
        watching = store.watch()
        assert store.watched()
        watching.release()
    assert prober.poll() is None


def test_a_run_whose_trainer_left_is_interrupted(store: Store, path: Path) -> None:
    """As after a trainer that gave up while the store could not be written."""
    with TrainerSession(path, "auto", "") as trainer:
        (run_id,) = store.queue([MSE])
        assert trainer.claim(("auto",), "cpu", "") is not None
        trainer.record(run_id, [Epoch(1, 1, 1, 1, 1, 1)], 1, 0, None)
    assert store.run(run_id).status == "running"
    assert store.reap() == [run_id]
    run = store.run(run_id)
    assert (run.status, run.message, run.can_resume) == ("interrupted", "its trainer left after epoch 1", True)
    assert store.reap() == []
