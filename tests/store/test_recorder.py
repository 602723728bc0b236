"""How a run is written down as it trains, without a run: no gap after a kill, nothing lost while the store is busy."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Best, Checkpoint, Epoch, Run, Snapshot
from lossterm.runs.snapshots import kept_epochs
from lossterm.store import Store, StoreError, TrainerSession, connection
from lossterm.store.health import HealthFile
from lossterm.trainer import recorder as recording
from lossterm.trainer.device import Device
from lossterm.trainer.recorder import StoreRecorder
from lossterm.trainer.shutdown import ShutdownFlag


def epoch(number: int, metric: float = 0.5) -> Epoch:
    return Epoch(number, 0.5, metric, 0.5, metric, 0.01)


def recorder_for(trainer: TrainerSession, config: RunConfig) -> tuple[StoreRecorder, ShutdownFlag, Run]:
    with Store(trainer.path) as store:
        store.queue([config])
    run = trainer.claim(("auto", "cpu"), "cpu", "")
    assert run is not None
    leaving = ShutdownFlag()
    health = HealthFile(trainer.locks.path, trainer.id)
    return StoreRecorder(trainer, run, leaving, health), leaving, run


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.05)
    monkeypatch.setattr(recording, "TROUBLED_SECONDS", 0.0)
    monkeypatch.setattr(recording, "CHECKPOINT_SECONDS", 0.0)


MSE = RunConfig.of("mse", epochs=10)


def test_a_checkpoint_is_never_ahead_of_the_epochs_on_record(
    store: Store, trainer: TrainerSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 60.0)
    recorder, _, run = recorder_for(trainer, MSE)
    for number in (1, 2, 3):
        assert recorder.epoch(epoch(number)) == "go"
    assert store.run(run.id).epochs_done == 1, "the others wait for the next batch"
    recorder.checkpoint(lambda: Checkpoint(3, b"arrays"))
    assert store.checkpoint(run.id) == Checkpoint(3, b"arrays")
    assert [one.epoch for one in store.epochs(run.id)] == [1, 2, 3]


def test_while_the_store_is_busy_epochs_wait_and_no_checkpoint_is_kept(impatient: None, path: Path) -> None:
    with TrainerSession(path, "auto", "") as trainer:
        recorder, _, run = recorder_for(trainer, MSE)
        recorder.epoch(epoch(1))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for number in (2, 3):
                assert recorder.epoch(epoch(number)) == "go"
            recorder.checkpoint(lambda: Checkpoint(3, b"arrays"))
            assert recorder.troubled
            with pytest.raises(StoreError, match="is locked"):
                recorder.flush()
            other.execute("ROLLBACK")
        assert trainer.checkpoint(run.id) is None
        recorder.flush()
        assert not recorder.troubled
    with Store(path) as store:
        assert [one.epoch for one in store.epochs(run.id)] == [1, 2, 3]


def test_it_answers_what_is_asked_of_the_run(impatient: None, store: Store, trainer: TrainerSession) -> None:
    recorder, leaving, run = recorder_for(trainer, MSE)
    recorder.phase("compiling")
    assert (store.run(run.id).phase, store.trainers()[0].state) == ("compiling", "compiling")
    recorder.running(Device("gpu:0", "a card", "/GPU:0"))
    assert (store.run(run.id).status, store.run(run.id).device) == ("running", "gpu:0")
    assert recorder.epoch(epoch(1)) == "go"
    store.stop(run.id)
    recorder.flush()
    assert recorder.epoch(epoch(10)) == "stop"
    leaving.set()
    assert recorder.progress(0.5) == "interrupt"
    assert recorder.epoch(epoch(10)) == "interrupt"


def test_a_pause_on_the_last_epoch_is_not_waited_for(store: Store, trainer: TrainerSession) -> None:
    recorder, _, run = recorder_for(trainer, MSE)
    trainer.begin(run.id, "cpu", "")
    store.pause(run.id)
    assert recorder.epoch(epoch(10)) == "go"


def test_a_paused_run_goes_on_or_stops_when_it_is_asked_to(store: Store, trainer: TrainerSession, path: Path) -> None:
    recorder, _, run = recorder_for(trainer, MSE)
    trainer.begin(run.id, "cpu", "")

    def ask(work: str) -> threading.Thread:
        def later() -> None:
            with Store(path) as other:
                while other.run(run.id).status != "paused":
                    pass
                getattr(other, work)(run.id)

        thread = threading.Thread(target=later)
        thread.start()
        return thread

    for work, verdict in (("resume", "go"), ("stop", "stop")):
        store.pause(run.id)
        asking = ask(work)
        found = recorder.epoch(epoch(1))
        assert found == "pause"
        while found == "pause":
            found = recorder.still_paused(alone=True)
        assert found == verdict
        asking.join()


@pytest.mark.parametrize(("loss", "best"), [("mse", Best(2, 0.1)), ("bce", Best(3, 0.9))])
def test_the_best_epoch_is_the_lowest_error_or_the_highest_accuracy(
    store: Store, trainer: TrainerSession, loss: str, best: Best
) -> None:
    recorder, _, run = recorder_for(trainer, RunConfig.of(loss, epochs=10))
    for number, metric in enumerate((0.5, 0.1, 0.9, float("nan"), 0.9, 0.1), start=1):
        recorder.epoch(epoch(number, metric))
    recorder.flush()
    assert store.run(run.id).best == best


def test_it_ends_a_run_whose_store_was_replaced(store: Store, trainer: TrainerSession) -> None:
    recorder, _, _ = recorder_for(trainer, MSE)
    store.path.rename(store.path.with_name("elsewhere"))
    assert recorder.epoch(epoch(1)) == "interrupt"
    with pytest.raises(StoreError, match="deleted or replaced"):
        recorder.flush()


# -- snapshots ----------------------------------------------------------------------------------------------


def test_snapshots_arrive_with_their_epochs_and_what_is_not_kept_gives_way(
    store: Store, trainer: TrainerSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 0.0)
    recorder, _, run = recorder_for(trainer, RunConfig.of("bce", epochs=1000))
    recorder.sample(b"rows")
    recorder.running(Device("cpu", "", "/CPU:0"))
    assert store.sample(run.id) == b"rows"
    kept = kept_epochs(run.config)
    recorder.snapshot(0, lambda: b"0")
    for number in range(1, 41):
        recorder.snapshot(number, str(number).encode)
        recorder.epoch(epoch(number))
        seen = store.snapshots(run.id)
        assert [one.epoch for one in seen] == [e for e in range(number + 1) if e in kept or e == number]
        assert seen[-1] == Snapshot(number, number in kept, str(number).encode())
    assert [one.epoch for one in store.snapshots(run.id, after=30)] == [e for e in sorted(kept) if 30 < e < 40] + [40]


def test_between_those_that_are_kept_weights_are_read_a_few_times_a_second_only(
    trainer: TrainerSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "SNAPSHOT_SECONDS", 3600.0)
    recorder, _, run = recorder_for(trainer, RunConfig.of("bce", epochs=1000))
    read: list[int] = []

    def offer(number: int, last: bool = False) -> None:
        recorder.snapshot(number, lambda: bytes(read.append(number) or 0), last)

    for number in range(501):
        offer(number)
    assert read == [e for e in sorted(kept_epochs(run.config)) if e <= 500]
    offer(777, last=True)
    offer(777, last=True)
    assert read[-2:] == [read[-2], 777], "the end of a run that was stopped is seen, and read once"


def test_a_network_too_wide_to_keep_is_never_read(store: Store, trainer: TrainerSession) -> None:
    recorder, _, run = recorder_for(trainer, RunConfig.of("bce", hidden_units=65_536))

    def unwanted() -> bytes:
        raise AssertionError("it was read")

    for number in range(10):
        recorder.snapshot(number, unwanted, last=number == 9)
    assert store.snapshots(run.id) == []
