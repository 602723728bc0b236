from __future__ import annotations

import math
import os
import sqlite3
import time

import pytest

from lossterm.catalog import DataFile
from lossterm.config import RunConfig
from lossterm.runs.records import Best, Checkpoint, Epoch, Scores
from lossterm.store import Store, StoreError, TrainerSession, UnknownRunError
from lossterm.store.commands import AddDataset, RemoveDataset

MSE = RunConfig.of("mse", epochs=5)
CLAIMS = ("auto", "cpu")


def epoch(number: int, loss: float = 0.5) -> Epoch:
    return Epoch(number, loss, loss, loss, loss, 0.01)


def claimed(store: Store, trainer: TrainerSession, config: RunConfig = MSE) -> int:
    (run_id,) = store.queue([config])
    run = trainer.claim(CLAIMS, "cpu", "a processor")
    assert run is not None
    assert run.id == run_id
    trainer.begin(run_id, "cpu", "a processor")
    return run_id


def test_a_queued_run_reads_back_as_it_was_asked_for(store: Store) -> None:
    asked = RunConfig.of("hinge", dataset="blobs", seed=2**32 - 1, learning_rate=1e-5, noise=3.25, device="gpu:1")
    (run_id,) = store.queue([asked])
    run = store.run(run_id)
    assert run.config == asked
    assert (run.status, run.epochs_done, run.scores, run.last, run.device) == ("queued", 0, None, None, "gpu:1")
    assert abs(run.created - time.time()) < 60


def test_queueing_is_all_or_nothing(store: Store) -> None:
    broken = MSE.model_copy(update={"loss": None})
    with pytest.raises(StoreError):
        store.queue([MSE, broken])
    assert store.runs() == []


def test_runs_are_newest_first_and_a_missing_one_is_named(store: Store) -> None:
    ids = store.queue([MSE] * 3)
    assert [run.id for run in store.runs()] == ids[::-1]
    with pytest.raises(UnknownRunError, match="no run 99"):
        store.run(99)


def test_epochs_scores_and_best_read_back_exactly_whatever_their_values(store: Store, trainer: TrainerSession) -> None:
    run_id = claimed(store, trainer)
    given = [epoch(1, 0.1 + 0.2), epoch(2, math.inf), epoch(3, -math.inf), epoch(4, math.nan), epoch(5, 1e-300)]
    trainer.record(run_id, given, 1.5, 0.0, Best(5, 1e-300))
    trainer.finish(run_id, "diverged", "why", 2.0, Scores(math.nan, math.inf, 0.25, 0.5, test_r2=0.75))
    found = store.epochs(run_id)
    assert [repr(one) for one in found] == [repr(one) for one in given]
    assert [one.epoch for one in store.epochs(run_id, after=2, limit=2)] == [3, 4]
    run = store.run(run_id)
    assert repr(run.scores) == repr(Scores(math.nan, math.inf, 0.25, 0.5, test_r2=0.75))
    assert run.best == Best(5, 1e-300)
    assert run.last == given[-1]
    assert (run.status, run.message, run.seconds, run.device_name) == ("diverged", "why", 2.0, "a processor")
    assert run.as_json()["train"] == {"loss": None, "metric": None}


def test_an_epoch_trained_again_replaces_the_first(store: Store, trainer: TrainerSession) -> None:
    run_id = claimed(store, trainer)
    trainer.record(run_id, [epoch(1), epoch(2)], 1, 0, None)
    trainer.record(run_id, [epoch(2, 0.25)], 1, 0, None)
    assert [one.train_loss for one in store.epochs(run_id)] == [0.5, 0.25]
    assert store.run(run_id).epochs_done == 2


def test_followers_read_only_what_changed(store: Store, trainer: TrainerSession) -> None:
    first, second = store.queue([MSE, MSE])
    seen = max(run.revision for run in store.runs())
    assert store.runs(since=seen) == []
    store.annotate(first, "look")
    (changed,) = store.runs(since=seen)
    assert (changed.id, changed.note) == (first, "look")
    store.stop(second)
    assert [run.id for run in store.runs(since=changed.revision)] == [second]
    store.delete([first, second])
    gone = store.runs(since=changed.revision)
    assert (second, True) in [(run.id, run.deleted) for run in gone]


def test_changed_is_true_after_another_connection_commits_and_only_then(store: Store, trainer: TrainerSession) -> None:
    assert store.changed()
    assert not store.changed()
    trainer.say("compiling")
    assert store.changed()
    assert not store.changed()


def test_stop_ends_a_queued_run_at_once_and_asks_an_active_one(store: Store, trainer: TrainerSession) -> None:
    active = claimed(store, trainer)
    (queued,) = store.queue([MSE])
    assert store.stop(queued).status == "stopped"
    assert (store.stop(active).status, store.run(active).request) == ("running", "stop")
    assert trainer.record(active, [epoch(1)], 1, 0, None) == "stop"
    trainer.finish(active, "stopped")
    assert store.stop(active).status == "stopped"
    assert store.stop_all() == []


def test_stop_all_takes_every_open_run(store: Store, trainer: TrainerSession) -> None:
    active = claimed(store, trainer)
    queued = store.queue([MSE, MSE])
    assert set(store.stop_all()) == {active, *queued}
    assert store.count("queued") == 0


def test_pause_and_resume_of_a_running_run(store: Store, trainer: TrainerSession) -> None:
    run_id = claimed(store, trainer)
    assert not store.run(run_id).can_resume
    assert store.pause(run_id).can_resume
    trainer.phase(run_id, "", "paused")
    assert store.resume(run_id).request is None
    assert trainer.asked(run_id) is None
    store.pause(run_id)
    assert store.stop(run_id).request == "stop"


@pytest.mark.parametrize("status", ["finished", "failed", "diverged"])
def test_what_cannot_go_on_is_not_queued_again(store: Store, trainer: TrainerSession, status: str) -> None:
    run_id = claimed(store, trainer)
    trainer.finish(run_id, status)  # type: ignore[arg-type]
    assert store.resume(run_id).status == status


def test_a_stopped_run_is_queued_again_without_its_scores(store: Store, trainer: TrainerSession) -> None:
    run_id = claimed(store, trainer)
    trainer.record(run_id, [epoch(1)], 1, 0, None)
    trainer.finish(run_id, "stopped", "stopped after epoch 1", 1, Scores(1, 1, 1, 1), Checkpoint(1, b"arrays"))
    run = store.resume(run_id)
    assert (run.status, run.scores, run.message, run.epochs_done) == ("queued", None, "", 1)
    assert store.checkpoint(run_id) == Checkpoint(1, b"arrays")
    assert store.stop(run_id).message == "stopped after epoch 1"


def test_only_ended_runs_are_deleted_and_all_of_them_come_back(store: Store, trainer: TrainerSession) -> None:
    active = claimed(store, trainer)
    ended, queued = store.queue([MSE, MSE])
    store.stop(ended)
    assert store.delete([active, ended, queued, 99]) == [ended]
    assert [run.id for run in store.runs()] == [queued, active]
    with pytest.raises(UnknownRunError):
        store.run(ended)
    store.restore([ended])
    assert store.run(ended).status == "stopped"


def test_pins_and_notes_stay(store: Store) -> None:
    (run_id,) = store.queue([MSE])
    store.annotate(run_id, "a 'note'\nwith “anything”")
    store.pin(run_id, True)
    run = store.run(run_id)
    assert (run.note, run.pinned) == ("a 'note'\nwith “anything”", True)


def test_the_store_notices_that_its_file_was_replaced(store: Store) -> None:
    assert store.in_place()
    os.replace(store.path, store.path.with_name("elsewhere"))
    assert not store.in_place()
    with Store(store.path) as other:
        assert other.in_place()
        assert not store.in_place()


def test_what_to_warm_up_is_what_was_said_last(store: Store, trainer: TrainerSession) -> None:
    assert trainer.wanted() is None
    store.warm_up(MSE)
    store.warm_up(MSE.changed(loss="mae"))
    assert trainer.wanted() == MSE.changed(loss="mae")


def test_the_sample_of_what_to_warm_up_is_kept_until_something_else_is_wanted(
    store: Store, trainer: TrainerSession
) -> None:
    other = MSE.changed(loss="mae")
    store.warm_up(MSE)
    assert store.warm_sample(MSE) is None
    trainer.keep_warm_sample(other, b"not wanted")
    trainer.keep_warm_sample(MSE, b"rows")
    store.warm_up(MSE)  # as at the next start
    assert (store.warm_sample(MSE), store.warm_sample(other)) == (b"rows", None)
    store.warm_up(other)
    assert (store.warm_sample(MSE), store.warm_sample(other)) == (None, None)


def test_scores_from_elsewhere_are_finite_numbers_or_none(store: Store) -> None:
    [run_id] = store.queue([RunConfig.of("mse")])
    assert store.scores(run_id) == {}
    for text, expected in (
        ('{"test": {"mse": 1.5, "r2": NaN, "mae": 1e999, "rmse": "x", "own_units": {"mae": 2, "x": []}}, "a": 1}', {
            "test": {"mse": 1.5, "r2": None, "mae": None, "rmse": None, "own_units": {"mae": 2.0, "x": None}}
        }),
        ("[" * 100_000, {}),
        ("3", {}),
        ("{", {}),
    ):  # fmt: skip
        with sqlite3.connect(store.path) as connection:
            connection.execute("UPDATE runs SET scores = ?", (text,))
        assert store.scores(run_id) == expected


def test_own_datasets_that_no_lossterm_wrote_are_left_out(store: Store) -> None:
    file = DataFile(
        name="mine", path="/x.csv", size=9, sha256="0" * 64, target="y", task="binary", features=2, classes=("a", "b"),
        train_rows=6, validation_rows=2, test_rows=2,
    )  # fmt: skip
    store.do(AddDataset(file, {"rows": 10}))
    with sqlite3.connect(store.path) as connection:
        good = connection.execute("SELECT description FROM own_datasets").fetchone()[0]
        for name, description in (
            ("other", good),
            ("b", "{"),
            ("c", "[1]"),
            ("d", '{"file": {}}'),
            ("e", b"x"),
            ("f", "null"),
        ):
            connection.execute("INSERT INTO own_datasets VALUES (?, ?, 0)", (name, description))
    assert [(dataset.file, dataset.report) for dataset in store.own_datasets()] == [(file, {"rows": 10})]
    assert store.do(RemoveDataset("mine"))
    assert not store.do(RemoveDataset("mine"))
    assert store.own_datasets() == []
