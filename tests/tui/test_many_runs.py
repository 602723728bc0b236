"""Thousands of runs in the store: keys are answered as with a few, and no row is made that is not in view."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Run
from lossterm.store import Store
from lossterm.tui.columns import COLUMNS
from lossterm.tui.run_data import ShownRuns
from lossterm.tui.run_list import RunList, RunOrder

from ..terminal import WITHOUT_TRAINER, Terminal
from .stores import LOSSES, add_finished

MANY, FEW = 20_000, 40
TIMES = 9


def make_store(path: Path, count: int) -> None:
    configs = [RunConfig.of(LOSSES[n % len(LOSSES)], dataset="circles", seed=n) for n in range(count)]
    with Store(path) as store:
        store.queue(configs)
    with closing(sqlite3.connect(path)) as sqlite, sqlite:
        sqlite.execute(
            "UPDATE runs SET status = 'finished', seconds = 1, started = 1, ended = 2, resolved = 'cpu', "
            "train_loss = 0.3, train_metric = 0.9, test_loss = 0.4, test_metric = 0.8 + (id % 97) / 1000.0"
        )


def test_keys_are_answered_as_with_a_few_runs(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """Two programs side by side, asked in turn, so that how busy the machine is counts for both."""
    screens = []
    for count in (FEW, MANY):
        make_store(tmp_path / f"{count}.db", count)
        screen = terminal([*WITHOUT_TRAINER, "--store", str(tmp_path / f"{count}.db")])
        screen.until(lambda text: f"Runs {count}" in text and "no epochs" in text, "the runs")  # noqa: B023
        screens.append(screen)
    for keys in (["\x1b[B"], ["\x1b[A"], ["4", "5"], ["m"], ["T"]):
        asked = [[screen.answer(keys[n % len(keys)]) for screen in screens] for n in range(TIMES)]
        few, many = zip(*asked, strict=True)
        assert statistics.median(many) < 2 * statistics.median(few) + 0.05, (keys, few, many)


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    path = tmp_path / "store.db"
    add_finished(path, [RunConfig.of("bce", epochs=2, seed=seed) for seed in range(1, 6)])
    with Store(path) as store:
        return store.runs()


def test_the_rows_are_the_same_list_until_their_order_may_differ(runs: list[Run]) -> None:
    found, order, shown = RunList(), RunOrder(column="test_metric", descending=True), ShownRuns()
    for run in runs:
        found.put(run)
    rows = found.rows(order, COLUMNS, shown)
    assert list(rows) == [1, 2, 3, 4, 5]
    found.put(replace(found[3], progress=0.5, seconds=99.0))
    assert found.rows(order, COLUMNS, ShownRuns(runs)) is rows, "nothing that it is sorted by has changed"
    assert found.rows(order.reversed(), COLUMNS, shown) is not rows
    rows = found.rows(order, COLUMNS, shown)
    scores = found[3].scores
    assert scores is not None
    found.put(replace(found[3], scores=replace(scores, test_metric=9.0)))
    assert list(found.rows(order, COLUMNS, shown)) == [3, 1, 2, 4, 5]
    found.put(replace(found[5], pinned=True))
    assert list(found.rows(order, COLUMNS, shown)) == [5, 3, 1, 2, 4]
    found.remove(3)
    assert list(found.rows(order, COLUMNS, shown)) == [5, 1, 2, 4]
    words = order.filtered("special")
    assert list(found.rows(words, COLUMNS, shown)) == []
    found.put(replace(found[2], note="a special one"))
    assert list(found.rows(words, COLUMNS, shown)) == [2]


def test_what_sorts_last_has_no_value_whichever_way_it_is_turned(runs: list[Run]) -> None:
    found = RunList()
    for run in runs:
        found.put(replace(run, scores=None, last=None) if run.id == 3 else run)
    order = RunOrder(column="test_metric", descending=True)
    assert list(found.rows(order, COLUMNS, ShownRuns()))[-1] == 3
    assert list(found.rows(order.reversed(), COLUMNS, ShownRuns()))[-1] == 3
