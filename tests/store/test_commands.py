"""What is asked of a store as data, and what a trainer's session cannot do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store, TrainerSession, commands

MSE, MAE = RunConfig.of("mse"), RunConfig.of("mae")


def test_commands_do_what_their_names_say(store: Store, trainer: TrainerSession) -> None:
    first, second = store.do(commands.QueueRuns((MSE, MAE)))
    assert store.run(first).experiment_id is None
    assert store.do(commands.AnnotateRun(first, "a note")).note == "a note"
    assert store.do(commands.PinRun(first, True)).pinned
    assert trainer.claim(("auto",), "cpu", "") == store.run(first)
    assert store.do(commands.PauseRun(first)).request == "pause"
    assert store.do(commands.ResumeRun(first)).request is None
    assert store.do(commands.StopRun(second)).status == "stopped"
    assert store.do(commands.DeleteRuns((first, second))) == [second]
    store.do(commands.RestoreRuns((second,)))
    assert store.run(second).status == "stopped"
    assert store.do(commands.ResumeRun(second)).status == "queued"
    assert store.do(commands.StopAllRuns()) == [second, first]
    store.do(commands.WarmUp(MAE))
    assert trainer.wanted() == MAE


def test_runs_queued_together_may_be_an_experiment(store: Store, path: Path) -> None:
    (alone,) = store.queue([MSE])
    together = store.do(commands.QueueRuns((MSE, MAE), experiment="two losses"))
    other = store.queue([MSE], experiment="")
    ids = {run.id: run.experiment_id for run in store.runs()}
    assert ids[alone] is None
    assert len({ids[run_id] for run_id in together}) == 1
    assert ids[other[0]] not in (None, ids[together[0]])
    with closing(sqlite3.connect(path)) as sqlite:
        assert sqlite.execute("SELECT id, name FROM experiments").fetchall() == [
            (ids[together[0]], "two losses"),
            (ids[other[0]], ""),
        ]


@pytest.mark.parametrize("name", ["queue", "stop", "resume", "annotate", "pin", "delete", "restore", "warm_up", "do"])
def test_a_trainers_session_cannot(trainer: TrainerSession, name: str) -> None:
    assert hasattr(Store, name)
    assert not hasattr(trainer, name)


def test_a_config_reads_back_whatever_it_holds(store: Store) -> None:
    configs = [
        RunConfig.of("hinge", dataset="blobs", seed=2**32 - 1, learning_rate=0.1 + 0.2, noise=3.25, device="gpu:1"),
        RunConfig.of("bce", label_noise=0.25, hidden_units=7, batch_size=1, epochs=1_000_000),
        RunConfig.of("mse", outlier_fraction=0.5, momentum=0, batch_size=5, train_fraction=0.001),
    ]
    store.queue(configs)
    assert [run.config for run in store.runs()] == configs[::-1]


def test_runs_that_differ_in_their_seed_alone_share_their_settings(store: Store, path: Path) -> None:
    store.queue([MSE.changed(seed=seed) for seed in (1, 2, 3)] + [MSE])
    with closing(sqlite3.connect(path)) as sqlite:
        assert len(sqlite.execute("SELECT DISTINCT config FROM runs").fetchall()) == 1
    runs = store.runs()
    assert runs[0].config is runs[-1].config
