"""Comparisons in the app: the dialog that plans one, its row, its verdict and page, and what becomes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input

from lossterm.config import RunConfig
from lossterm.experiments.comparison import FIRST_TUNING_SEED, ComparisonPlan, read_plan
from lossterm.store import Store
from lossterm.supervisor import comparisons
from lossterm.tui.screens.compare_dialog import CompareDialog
from lossterm.tui.screens.verdict_page import VerdictPage
from lossterm.tui.widgets.loss_chart import LossChart

from .conftest import Driver, opened
from .stores import add_comparison, train_queued

PLAN = ComparisonPlan(
    dataset="circles",
    losses=("bce", "hinge", "mse"),
    settings={"validation_fraction": 0.2, "epochs": 1},
    seeds=8,
    learning_rates=(0.01, 0.1, 1.0),
    tuning_seeds=1,
    metric="accuracy",
)
GAINS = {"bce": 0.10, "hinge": 0.0, "mse": 0.1005}


def metric(config: RunConfig) -> float:
    """bce and mse alike, hinge worse, the middle learning rate best; the seeds differ a little."""
    rate = {0.1: 0.0}.get(config.learning_rate, -0.05)
    return 0.8 + GAINS[config.loss_as_typed] + rate + config.seed % 7 * (0.001 if config.loss != "hinge" else 0.002)


@pytest.fixture
def compared(quiet_store: Path) -> Path:
    add_comparison(quiet_store, PLAN, metric)
    return quiet_store


def said(app: Driver, selector: str) -> str:
    return " ".join(str(app.app.screen.query_one(selector).render()).split())


async def typed(app: Driver, field: str, text: str) -> None:
    app.app.screen.query_one(f"#{field}-field", Input).value = text
    await app.pilot.pause()


async def test_the_dialog_says_what_a_comparison_costs_and_what_it_can_show(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("4", "A")
        assert isinstance(app.app.screen, CompareDialog)
        assert re.fullmatch(r"147 runs to tune, 70 to compare, about \d+ s", said(app, "#cost"))
        assert "0.041 after Holm's correction over 21 pairs of 7 losses" in said(app, "#power")
        assert "a clear difference can be shown" in said(app, "#power")
        await typed(app, "seeds", "5")
        assert "No difference can be shown: that takes 10 seeds or more" in said(app, "#power")
        await typed(app, "losses", "bce hinge huber:delta=2")
        assert said(app, "#cost").startswith("63 runs to tune, 15 to compare")
        await typed(app, "tune", "no")
        assert said(app, "#cost").startswith("15 runs to compare")
        assert "rate 0.01 for all: not fair" in said(app, "#tune-reason")


@pytest.mark.parametrize(
    ("field", "text", "line"),
    [
        ("losses", "bce", "loss: a comparison needs two losses or more, not 1"),
        ("losses", "bce nothing", "loss: "),
        ("losses", "bce 'hinge", "losses: a quotation mark is not closed"),
        ("seeds", "0", "seeds: must be a whole number from 1 to 1,000, not '0'"),
        ("seeds", "x\x1b", "seeds: must be a whole number"),
        ("tune", "maybe", "tune: must be yes or no, not 'maybe'"),
        ("metric", "mse", "metric: must be one of accuracy, "),
        ("baseline", "huber", "baseline: must be one of the losses compared"),
        ("same", "", "same data: must be yes or no"),
    ],
)
async def test_what_cannot_be_compared_is_said_and_not_begun(
    quiet_store: Path, field: str, text: str, line: str
) -> None:
    async with opened(quiet_store) as app:
        await app.press("4", "A")
        await typed(app, field, text)
        assert said(app, "#cost").startswith(line)
        await app.press("enter")
        assert isinstance(app.app.screen, CompareDialog)
        assert app.stored() == {}


async def test_a_comparison_is_queued_as_one_and_goes_on_from_stage_to_stage(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.set(epochs=1)
        await app.press("4", "A")
        await typed(app, "losses", "bce hinge")
        await typed(app, "seeds", "6")
        await typed(app, "baseline", "hinge")
        await app.press("enter")
        await app.until(lambda: len(app.stored()) == 2 * 7 * 3, "its tuning")
        await app.until(lambda: "circles: 2 losses compared, 6 seeds" in app.text("#runs"), "its row")
        with Store(quiet_store) as store:
            (experiment,) = store.experiments()
            plan = read_plan(experiment)
        assert plan is not None
        assert (plan.baseline, plan.seeds, plan.settings["epochs"]) == ("hinge", 6, 1)
        await app.until(lambda: "learning rates on validation rows: 0 of 42 runs" in app.text("#verdict"), "its state")
        for stage in ("beyond the edge", "final runs: 0 of 12"):
            train_queued(quiet_store, lambda config: 0.9 - config.learning_rate / 10)
            with Store(quiet_store) as store:
                comparisons.queue_stage(store, experiment.id, plan)
            await app.until(lambda stage=stage: stage in app.text("#verdict"), stage)  # type: ignore[misc]
        await app.press("x")
        await app.until(lambda: "12 stopped, r goes on with them" in " ".join(app.text("#verdict").split()), "the stop")
        await app.press("r")
        await app.until(lambda: "stopped" not in app.text("#verdict"), "that it goes on")
        train_queued(quiet_store, lambda config: metric(config) if config.seed < FIRST_TUNING_SEED else 0.5)
        await app.until(lambda: "bce is better than hinge" in app.text("#verdict"), "the verdict")


async def test_the_verdict_stands_in_place_of_the_plots_and_whole_on_its_page(compared: Path) -> None:
    async with opened(compared, (100, 30)) as app:
        await app.until(lambda: "better than hinge" in app.text("#verdict"), "the verdict")
        words = " ".join(app.text("#verdict").split())
        assert words.startswith("mse is better than hinge; mse and bce are equivalent.")
        assert re.search(r"◆ bce 0\.1 0\.90\d ● equivalent", words), "so small a difference stands on zero"
        assert re.search(r"▼ hinge 0\.1 0\.80\d ├?─*●─*┤? +│ worse", words)
        assert "not told apart: mse ~ bce" in words
        assert "mse is better than hinge" in app.text("#runs")
        await app.press("enter")
        assert isinstance(app.app.screen, VerdictPage)
        page = app.text("#whole-verdict")
        assert re.search(r"mse +· += 1\.000|mse +· += \.\d+", page)
        assert "+ the row is better, − worse" in page
        assert "learning rates" not in page
        plot = app.app.screen.query_one("#tuning", LossChart).plot
        assert [round(x) for x in plot.series[0].xs] == [-2, -1, 0]
        assert {each.best for each in plot.series} == {1}
        await app.press("o")
        await app.until(lambda: len(app.ids()) > 3, "its runs")
        await app.press("enter", "o")
        assert app.ids() == []


async def test_more_seeds_are_asked_for_from_its_page(compared: Path) -> None:
    async with opened(compared) as app:
        await app.until(lambda: "better than hinge" in app.text("#verdict"), "the verdict")
        await app.press("enter", "plus")
        assert "24 more runs. 16 seeds: p is at least 3e-05" in said(app, "#reason")
        assert "seeds were added after a look" in said(app, "#reason")
        app.app.screen.query_one("#answer", Input).value = "8"
        await app.press("enter")
        assert said(app, "#reason") == "seeds: must be from 9 to 1,000"
        app.app.screen.query_one("#answer", Input).value = "9"
        await app.press("enter")
        await app.until(lambda: sum(run.status == "queued" for run in app.stored().values()) == 3, "the new seeds")
        train_queued(compared, metric)
        await app.until(lambda: "after a look at 8" in app.text("#verdict"), "the new verdict")


async def test_a_report_is_written_from_its_page(compared: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    async with opened(compared) as app:
        await app.until(lambda: "better than hinge" in app.text("#verdict"), "the verdict")
        await app.press("enter", "E")
        app.app.screen.query_one("#answer", Input).value = str(target)
        await app.press("enter")
        await app.until(target.exists, "the report")
    assert "mse is better than hinge" in target.read_text()


@pytest.fixture
def left(quiet_store: Path, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A comparison whose tuning ended while nothing went on with it; what was asked to go on."""
    add_comparison(quiet_store, PLAN, metric, stages=0)
    train_queued(quiet_store, metric)
    asked: list[object] = []
    monkeypatch.setattr(comparisons, "ensure_process", lambda _store, _trainers, numbers: asked.extend(numbers))
    return asked


async def test_one_that_was_left_between_two_stages_goes_on_when_the_app_opens(
    left: list[object], quiet_store: Path
) -> None:
    async with opened(quiet_store) as app:
        await app.until(lambda: left == [1], "that it goes on")


async def test_a_plan_that_cannot_be_read_is_an_experiment_like_any_other(quiet_store: Path) -> None:
    with Store(quiet_store) as store:
        configs = [RunConfig.of("bce", epochs=1, seed=seed) for seed in (1, 2)]
        store.queue(configs, "odd", plan='{"version": 1, "losses": ["\x1b[31m"]}')
    train_queued(quiet_store, lambda _config: 0.9)
    async with opened(quiet_store) as app:
        await app.until(lambda: "best bce 0.900" in app.text("#runs"), "its row")
        await app.press("enter")
        assert "▾ odd" in app.text("#runs")
