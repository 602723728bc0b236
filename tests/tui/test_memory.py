"""An app open for days: it lets go of curves that nobody looks at, and reads them again when somebody does."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Epoch
from lossterm.store import Store, TrainerSession
from lossterm.tui import state
from lossterm.tui.widgets.loss_chart import LossChart

from .conftest import Driver, opened

EPOCHS = 40


def add_runs(path: Path, count: int) -> None:
    with Store(path) as store:
        ids = store.queue([RunConfig.of("mse", seed=seed, epochs=EPOCHS) for seed in range(1, count + 1)])
    with TrainerSession(path, "auto", "") as store:
        for seed, run_id in enumerate(ids, 1):
            store.claim(("auto",), "cpu", "")
            epochs = [Epoch(n, 1 / n, 1 / n, seed / n, 1 / n, 0.01) for n in range(1, EPOCHS + 1)]
            store.record(run_id, epochs, 1.0, 0.0, None)
            store.finish(run_id, "finished", seconds=1.0)


def drawn(app: Driver) -> list[float]:
    return list(app.main.query_one(LossChart).plot.series[-1].ys)


async def test_curves_that_are_not_shown_go_and_come_back_whole(
    quiet_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "KEPT_EPOCHS", 2 * EPOCHS)
    add_runs(quiet_store, 6)
    async with opened(quiet_store) as app:
        for run_id in (6, 5, 4, 3, 2, 1):
            curve = [run_id / n for n in range(1, EPOCHS + 1)]
            await app.until(lambda: drawn(app) == curve, "its curve")  # noqa: B023
            kept = sum(len(curve.epochs) for curve in app.main.state.curves.values())
            assert kept <= 3 * EPOCHS, "those that are kept, and the one that is shown"
            if run_id > 1:
                await app.press("down")
        assert 6 not in app.main.state.curves
        await app.press("home", *["up"] * 5)
        await app.until(lambda: app.highlighted() == 6, "the first run")
        await app.until(lambda: drawn(app) == [6 / n for n in range(1, EPOCHS + 1)], "its curve again")


async def test_marked_runs_are_all_kept(quiet_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "KEPT_EPOCHS", 0)
    add_runs(quiet_store, 5)
    async with opened(quiet_store) as app:
        await app.press("asterisk")
        await app.until(lambda: len(app.main.state.curves) == 5, "all curves")
        assert {len(curve.epochs) for curve in app.main.state.curves.values()} == {EPOCHS}
