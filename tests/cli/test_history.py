"""The table of `lossterm runs` on terminals of several widths."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from lossterm.config import RunConfig
from lossterm.store import Store

if TYPE_CHECKING:
    from ..conftest import Program
    from ..terminal import Terminal

SCORES = "train_loss = 1.23e-07, train_metric = 0.123, test_loss = 4.56e-07, test_metric = 7.89e-07"
BEST = "best_epoch = 1000000, best_test_metric = 7.65e-07"


@pytest.fixture
def wide(program: Program) -> Program:
    """A run of every number's greatest width, and one of accuracy."""
    with Store(program.store_path) as store:
        store.queue([RunConfig.of("msle", seed=2**32 - 1, epochs=1_000_000), RunConfig.of("cce")])
    with closing(sqlite3.connect(program.store_path)) as sqlite:
        sqlite.execute(
            f"UPDATE runs SET status = 'interrupted', epochs_done = 1000000, seconds = 1.0, {SCORES}, {BEST}"
        )
        sqlite.execute("UPDATE runs SET epochs_done = 50 WHERE id = 2")
        sqlite.execute("UPDATE runs SET id = 123456 WHERE id = 1")
        sqlite.commit()
    return program


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
def test_the_table_fits_and_cuts_nothing(columns: int, wide: Program, terminal: Callable[..., Terminal]) -> None:
    whole = set(wide("runs").stdout.split())
    screen = terminal(wide.command("runs"), size=(columns, 24), **wide.environment)
    screen.ended()
    lines = [line.rstrip() for line in screen.screen.splitlines() if line.strip() and "─" not in line]
    assert len(lines) == 3, "a line a run"
    for line in lines:
        assert len(line) <= columns
        assert set(line.split()) <= whole, "nothing is cut"
    assert {"123456", "msle"} <= set(lines[1].split())


def test_on_80_columns_the_metric_is_named(shared: Program, terminal: Callable[..., Terminal]) -> None:
    """Its value used to stand without a name."""
    (run,) = (json.loads(line) for line in shared("run", "--loss", "bce", "--epochs", 1, "--json").stdout.splitlines())
    screen = terminal(shared.command("runs"), size=(80, 400), **shared.environment)
    screen.ended()
    row = next(line for line in screen.screen.splitlines() if line.split()[:2] == [str(run["id"]), "bce"])
    assert re.search(r"bce +circles +1 +1/1 .* accuracy +\d\.\d{3} +finished$", row.rstrip())
