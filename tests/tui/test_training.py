"""Training through the app, with the real trainer: what is shown is what the store holds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lossterm.formatting import number
from lossterm.store import Store
from lossterm.tui.screens.dialogs import QuitScreen
from lossterm.tui.widgets.loss_chart import LossChart

from ..conftest import freeze
from .conftest import end_trainers, opened


async def test_enter_trains_and_shows_the_final_line_and_the_scores(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=3, seed=11)
        run = await app.trained("5", "enter")
        with Store(trained_store) as store:
            stored = store.run(run.id)
        assert stored.status == "finished"
        assert stored.scores is not None
        assert stored.scores.line in app.text("#run")
        assert "hinge decides at 0" in app.text("#run")
        row = next(line for line in app.text("#runs").splitlines() if f" {run.id} hinge" in line)
        for value in (stored.scores.train_loss, stored.scores.test_loss, stored.scores.test_metric):
            assert number(value) in row
        assert "3/3" in row
        series = app.main.query_one(LossChart).plot.series
        assert [(one.label, len(one.ys)) for one in series] == [("train", 3), ("test", 3)]


async def test_a_trains_every_loss_that_fits_and_overlays_them_on_the_metric(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=2, seed=12)
        ids = await app.queued("1", "a")
        await app.until(lambda: set(app.main.state.selection.marked) == set(ids), "the marks")
        assert [app.stored()[i].config.loss_entry.short for i in ids] == ["mse", "msle", "mae"]
        await app.until(lambda: all(app.stored()[i].scores for i in ids), "three ends")
        plot = app.main.query_one(LossChart).plot
        assert {one.label for one in plot.series} == {"mse", "msle", "mae"}
        assert len({one.slot for one in plot.series}) == 3
        assert plot.y_label == "test MSE"
        assert "MSLE clips negatives" in app.text("#comparison")
        await app.press("m")
        assert "not comparable" in app.main.query_one(LossChart).plot.y_label


async def test_space_marks_and_unmarks_the_highlighted_run(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=2, seed=13)
        first = await app.trained("4", "enter")
        second = await app.trained("5", "enter")
        await app.press("space")
        assert app.marked() == [second.id]
        app.main.query_one("#runs").focus()
        await app.press("down")
        assert app.highlighted() == first.id
        await app.until(lambda: app.main.query_one(LossChart).plot.series[-1].ys, "the first run's epochs")
        assert {one.label for one in app.main.query_one(LossChart).plot.series} == {"bce", "hinge"}
        await app.press("up", "space")
        assert app.marked() == []


async def test_pause_goes_on_and_stop_keeps_the_epochs(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=100_000, seed=14)
        (run_id,) = await app.queued("4", "enter")
        await app.until(lambda: "running" in app.text("#run"), "running")
        assert "epoch" in app.text("#run")
        await app.press("p")
        await app.until(lambda: app.stored()[run_id].status == "paused", "the pause")
        await app.until(lambda: "paused" in app.text("#run"), "the word")
        done = app.stored()[run_id].epochs_done
        await app.press("p")
        await app.until(lambda: app.stored()[run_id].epochs_done > done, "more epochs")
        await app.press("x")
        await app.until(lambda: "stopped at" in app.text("#run"), "the stop")
        stopped = app.stored()[run_id]
        with Store(trained_store) as store:
            assert len(store.epochs(run_id)) == stopped.epochs_done > done
        assert stopped.scores is not None
        await app.press("r")
        await app.until(lambda: app.stored()[run_id].epochs_done > stopped.epochs_done, "the resumed run")
        await app.press("x")
        await app.until(lambda: app.stored()[run_id].status == "stopped", "the second stop")


async def test_a_diverging_run_says_at_which_epoch_and_keeps_its_curve(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=50, learning_rate=100.0, seed=15)
        await app.press("1", "enter")
        await app.until(lambda: app.newest().status == "diverged", "the divergence")
        await app.until(lambda: "diverged at epoch" in app.text("#run"), "the words")
        assert app.newest().epochs_done >= 1


async def test_quitting_while_something_trains_asks_and_can_let_it_go_on(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=100_000, seed=16)
        (run_id,) = await app.queued("4", "enter")
        await app.until(lambda: "running" in app.text("#run"), "running")
        await app.press("q")
        assert isinstance(app.app.screen, QuitScreen)
        await app.press("escape")
        assert not isinstance(app.app.screen, QuitScreen)
        await app.press("q", "l")
        await app.until(lambda: not app.app.is_running, "the end of the app")
    with Store(trained_store) as store:
        done = store.run(run_id).epochs_done
        _wait(lambda: store.run(run_id).epochs_done > done)
    async with opened(trained_store) as app:
        assert app.highlighted() == run_id
        await app.until(lambda: "running" in app.text("#run"), "the run going on")
        await app.press("q", "s")
        await app.until(lambda: not app.app.is_running, "the end of the app")
    with Store(trained_store) as store:
        _wait(lambda: store.run(run_id).status == "stopped")


@pytest.mark.usefixtures("forked_trainers")
async def test_a_trainer_that_hangs_is_seen_and_can_be_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.tui.state.HANG_SECONDS", 2.0)
    store = tmp_path / "store.db"
    async with opened(store) as app:
        await app.until(lambda: "ready" in app.text("#head"), "the trainer")
        with Store(store) as opened_store:
            (trainer,) = opened_store.trainers()
        pid = trainer.pid
        await app.set(epochs=100_000)
        (run_id,) = await app.queued("4", "enter")
        await app.until(lambda: app.newest().epochs_done > 10, "some epochs")
        freeze(pid, store)
        await app.until(lambda: f"run {run_id} has not moved for 2 s" in app.text("#head"), "the words")
        await app.press("K", "y")
        await app.until(lambda: app.newest().status == "interrupted", "the end")
        assert f"the trainer (pid {pid}) died after epoch" in app.newest().message
        assert app.newest().can_resume
        await app.until(lambda: "has not moved" not in app.text("#head"), "the end of the words")
    with Store(store) as opened_again:
        end_trainers(opened_again)


async def test_history_is_there_at_the_next_start(trained_store: Path) -> None:
    async with opened(trained_store) as app:
        await app.set(epochs=2, seed=17)
        run = await app.trained("6", "enter")
    async with opened(trained_store) as app:
        assert app.highlighted() == run.id
        scores = run.scores
        assert scores is not None
        await app.until(lambda: scores.line in app.text("#run"), "the scores")
        await app.until(lambda: app.main.query_one(LossChart).plot.series, "the curve")
        await app.until(lambda: len(app.main.query_one(LossChart).plot.series[0].ys) == 2, "both epochs")


def _wait(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
