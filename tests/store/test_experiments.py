"""Experiments and preferences in the store: what is kept, and what is made of rows that no lossterm wrote."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store, UnknownRunError
from lossterm.store.commands import DeleteRuns, QueueRuns, RenameExperiment, SetPreference
from lossterm.store.prune import Pruner

MSE, MAE = RunConfig.of("mse"), RunConfig.of("mae")


def test_an_experiment_can_be_renamed_and_followers_learn_of_it(store: Store) -> None:
    alone, *ids = [*store.queue([MSE]), *store.do(QueueRuns((MSE, MAE), "two losses"))]
    (experiment,) = store.experiments()
    assert (experiment.name, [run.id for run in store.runs_of(experiment.id)]) == ("two losses", ids)
    before = max(run.revision for run in store.runs())
    assert store.do(RenameExperiment(experiment.id, " a\x1b better\nname ")).name == "a? better name"
    (changed,) = store.runs(since=before)
    assert changed.experiment_id == experiment.id
    assert alone not in ids
    with pytest.raises(UnknownRunError, match="there is no experiment 7"):
        store.do(RenameExperiment(7, "x"))


def test_an_experiment_goes_for_good_with_its_runs(store: Store, path: Path) -> None:
    ids = store.do(QueueRuns((MSE, MAE), "two losses"))
    store.queue([MSE])
    store.stop_all()
    store.do(DeleteRuns(tuple(ids)))
    assert [run.id for run in store.runs_of(1, deleted=True)] == ids
    assert store.runs_of(1) == []
    with Pruner(path) as pruner:
        pruner.delete(ids[:1])
        assert [one.name for one in store.experiments()] == ["two losses"]
        pruner.delete(ids[1:])
    assert store.experiments() == []


def test_preferences_are_kept_and_the_last_one_wins(store: Store, path: Path) -> None:
    store.do(SetPreference("marks", [3, 1]))
    with Store(path) as other:
        other.do(SetPreference("sort", {"column": "loss"}))
        other.do(SetPreference("marks", [2]))
    assert store.preferences() == {"marks": [2], "sort": {"column": "loss"}}
    store.do(SetPreference("marks", None))
    assert store.preferences() == {"sort": {"column": "loss"}}


def test_what_no_lossterm_wrote_is_ignored(store: Store, path: Path) -> None:
    store.do(QueueRuns((MSE,), "mine"))
    hostile = ["[" * 100_000, "{", "\x00", "NaN,", "x" * 2_000_000, b"\xff\xfe"]
    with closing(sqlite3.connect(path)) as sqlite, sqlite:
        sqlite.executemany("INSERT INTO preferences VALUES (?, ?)", [(f"p{n}", v) for n, v in enumerate(hostile)])
        sqlite.execute("INSERT INTO preferences VALUES (x'00ff', '1')")
        sqlite.execute("UPDATE experiments SET name = x'00', created = 'never'")
    assert store.preferences() == {}
    (experiment,) = store.experiments()
    assert (experiment.name, experiment.created, experiment.title) == ("", 0.0, "experiment 1")
