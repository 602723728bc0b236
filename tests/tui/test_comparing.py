"""Comparing through the app: filter, sort, pin, notes, delete and undo, marks, differing settings, ranking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lossterm.config import RunConfig
from lossterm.runs.records import Best, Epoch, Scores
from lossterm.store import Store, TrainerSession
from lossterm.tui.screens.dialogs import TextScreen
from lossterm.tui.widgets.loss_chart import LossChart
from lossterm.tui.widgets.runs_table import RunsTable

from .conftest import Driver, opened


def add_runs(path: Path, *runs: tuple[RunConfig, float]) -> None:
    """Finished runs with a given test metric, written as a trainer writes them."""
    with Store(path) as store:
        store.queue([config for config, _ in runs])
    with TrainerSession(path, "auto", "") as store:
        for config, metric in runs:
            run = store.claim(["auto"], "cpu", "a CPU")
            assert run is not None
            done = [Epoch(n, 1 / n, 0.5, 1 / n, metric - 0.1 / n, 0.01) for n in range(1, config.epochs + 1)]
            store.record(run.id, done, 1.0, 0.0, Best(config.epochs, metric))
            store.finish(run.id, "finished", "", 1.0, Scores(0.1, 0.9, 0.2, metric))


async def sort_by(app: Driver, title: str) -> None:
    """Press `t` until the table is sorted by a column."""
    for _ in range(30):
        if re.search(rf"\b{title}\S*[▴▾]", app.text("#runs").splitlines()[0]):
            return
        await app.press("t")
    raise AssertionError(f"there is no column {title}")


@pytest.fixture
def compared(quiet_store: Path) -> Path:
    add_runs(
        quiet_store,
        (RunConfig.of("bce", epochs=5), 0.84),
        (RunConfig.of("hinge", epochs=5), 0.86),
        (RunConfig.of("mse", dataset="circles", epochs=5, learning_rate=0.1), 0.85),
        (RunConfig.of("mse", epochs=5), 0.01),
    )
    return quiet_store


async def test_history_is_newest_first_and_the_newest_is_highlighted(compared: Path) -> None:
    async with opened(compared) as app:
        assert app.ids() == [4, 3, 2, 1]
        assert app.highlighted() == 4
        assert "Train: 0.100, Test: 0.200" in app.text("#run")


async def test_filtering_by_typing(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("slash", *"circles")
        assert app.ids() == [3, 2, 1]
        await app.press("space", *"hinge", "enter")
        assert app.ids() == [2]
        await app.press("escape")
        assert app.ids() == [4, 3, 2, 1]
        await app.press("slash", *"nothing", "enter")
        assert "no run matches “nothing”" in app.text("#runs")


async def test_sorting_by_any_column(compared: Path) -> None:
    async with opened(compared) as app:
        await sort_by(app, "test metr")
        assert app.ids() == [4, 1, 3, 2]
        await app.press("T")
        assert app.ids() == [2, 3, 1, 4]
        await app.press("P")
        await app.until(lambda: app.ids()[0] == 4, "the pinned run on top")


async def test_delete_takes_back_with_undo(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("D")
        await app.until(lambda: app.ids() == [3, 2, 1], "the deletion")
        with Store(compared) as store:
            assert [run.id for run in store.runs()] == [3, 2, 1]
        await app.press("u")
        await app.until(lambda: app.ids() == [4, 3, 2, 1], "its return")


async def test_a_note_is_kept_shown_and_found(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("n", *"odd", "enter")
        await app.until(lambda: "odd" in app.text("#runs"), "the note")
        await app.press("slash", *"odd")
        assert app.ids() == [4]


async def test_marked_runs_are_ranked_and_their_differing_settings_stand_out(compared: Path) -> None:
    async with opened(compared) as app:
        app.main.query_one(RunsTable).focus()
        await app.press("down", "space", "down", "space", "down", "space")
        await app.until(lambda: len(app.main.query_one(LossChart).plot.series) == 3, "three curves")
        await app.until(lambda: all(s.ys for s in app.main.query_one(LossChart).plot.series), "their epochs")
        table = app.text("#comparison")
        assert re.findall(r"\S (\w+) +(0\.\d+) +(best|−0\.\d+)", table) == [
            ("hinge", "0.860", "best"),
            ("mse", "0.850", "−0.010"),
            ("bce", "0.840", "−0.020"),
        ]
        assert "lr" in app.text("#runs").splitlines()[0].split()
        assert str(app.main.query_one(RunsTable).border_title) == "Runs 4 · 3 marked"
        await app.press("asterisk")
        assert app.marked() == [4, 3, 2, 1]
        await app.press("asterisk")
        assert app.marked() == []


async def test_a_setting_that_differs_sorts_too_and_may_go_again(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("asterisk")
        await sort_by(app, "lr")
        assert app.ids() == [4, 2, 1, 3]
        await app.press("asterisk")
        assert app.ids() == [1, 2, 3, 4]
        await app.press("t")
        assert "loss▴" in app.text("#runs").splitlines()[0]


async def test_runs_on_another_metric_are_named_and_left_out(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("asterisk")
        await app.until(lambda: "another metric" in app.text("#comparison"), "the words")
        assert "3 marked on another metric than MSE: not shown" in app.text("#comparison")


async def test_seeds_of_one_loss_are_one_curve_with_a_band(quiet_store: Path) -> None:
    metrics = [0.80, 0.82, 0.84]
    add_runs(
        quiet_store,
        *[(RunConfig.of("bce", epochs=4, seed=seed), metric) for seed, metric in enumerate(metrics, start=1)],
        *[(RunConfig.of("hinge", epochs=4, seed=seed), metric) for seed, metric in enumerate(metrics, start=1)],
    )
    async with opened(quiet_store) as app:
        await app.press("asterisk")
        chart = app.main.query_one(LossChart)
        await app.until(lambda: all(len(s.ys) == 4 for s in chart.plot.series), "the epochs")
        assert [s.end_label for s in chart.plot.series] == ["bce", "hinge"]
        assert chart.plot.series[0].ys[-1] == pytest.approx(0.82 - 0.1 / 4)
        low, high = chart.plot.series[0].band or ((), ())
        assert (low[-1], high[-1]) == pytest.approx((0.80 - 0.1 / 4, 0.84 - 0.1 / 4))
        assert app.text("#comparison").startswith(" bce ~ hinge: no clear difference over 3 seeds")
        assert "mean ± sd" in app.text("#runs")
        assert app.text("#runs").count("0.820 ± 0.020") == 6
        await app.press("b")
        low, high = chart.plot.series[0].band or ((), ())
        assert (low[-1], high[-1]) == pytest.approx((0.80 - 0.1 / 4, 0.84 - 0.1 / 4))
        await app.press("b")
        assert len(chart.plot.series) == 6
        assert len({s.slot for s in chart.plot.series}) == 2
        assert len({(s.slot, s.variant) for s in chart.plot.series}) == 6


async def test_the_marked_runs_are_compared_and_the_cursor_changes_nothing_but_what_is_in_front(compared: Path) -> None:
    async with opened(compared) as app:
        app.main.query_one(RunsTable).focus()
        await app.press("down", "space", "down", "space")
        await app.until(lambda: "best" in app.text("#comparison"), "the table")
        chart = app.main.query_one(LossChart)
        title, table = str(app.main.query_one("#plots").border_title), app.text("#comparison")
        assert title.startswith("2 runs on circles")
        assert [s.label for s in chart.plot.series if s.front] == ["hinge"]
        for _ in range(2):
            await app.press("down")
        assert app.highlighted() == 1
        assert [s.label for s in chart.plot.series] == ["mse", "hinge"]
        assert not any(s.front for s in chart.plot.series)
        assert (str(app.main.query_one("#plots").border_title), app.text("#comparison")) == (title, table)


async def test_the_same_settings_and_seed_again_are_one_observation(quiet_store: Path) -> None:
    add_runs(quiet_store, *[(RunConfig.of("bce", epochs=4), 0.84)] * 2, (RunConfig.of("hinge", epochs=4), 0.86))
    async with opened(quiet_store) as app:
        await app.press("asterisk")
        await app.until(lambda: "best" in app.text("#comparison"), "the table")
        chart = app.main.query_one(LossChart)
        assert [(s.label, s.band) for s in chart.plot.series] == [("bce", None), ("hinge", None)]
        assert "±" not in app.text("#comparison") + app.text("#runs")


async def test_a_curve_is_isolated_and_the_crosshair_is_read_in_the_table(compared: Path) -> None:
    async with opened(compared) as app:
        await app.press("slash", *"circles", "enter", "asterisk")
        chart = app.main.query_one(LossChart)
        await app.until(lambda: chart.plot.series and all(s.ys for s in chart.plot.series), "the epochs")
        await app.press("S")
        assert [s.label for s in chart.plot.series if not s.dim] == ["hinge"]
        await app.press("S", "S", "S")
        assert not any(s.dim for s in chart.plot.series)
        await app.press("c", "left", "left")
        assert "ep 3" in app.text("#comparison")
        assert re.findall(r"\S (\w+) .* (0\.\d+)$", app.text("#comparison"), re.M) == [
            ("hinge", "0.82667"),
            ("mse", "0.81667"),
            ("bce", "0.80667"),
        ]


async def test_what_is_cut_of_a_comparison_is_read_with_tab_and_enter(quiet_store: Path) -> None:
    losses = ("mse", "msle", "mae", "bce", "hinge", "cce", "kld")
    add_runs(quiet_store, *[(RunConfig.of(loss, dataset="circles", epochs=4), 0.8) for loss in losses])
    async with opened(quiet_store, (80, 24)) as app:
        await app.press("asterisk")
        await app.until(lambda: "w: all of it" in app.text("#comparison"), "the comparison")
        await app.press("1", "tab", "tab")
        assert " enter read all of it " in app.text("#keys")
        await app.press("enter")
        assert isinstance(app.app.screen, TextScreen)
        await app.press("escape", "z")
        await app.until(lambda: "w: all of it" not in app.text("#comparison"), "the whole of it")
        assert not app.main.query_one("#comparison").can_focus
        assert len(app.stored()) == len(losses), "nothing was trained"


async def test_edit_and_rerun_fills_the_settings_from_the_run(compared: Path) -> None:
    async with opened(compared) as app:
        app.main.query_one(RunsTable).focus()
        await app.press("down", "e", "escape")
        assert app.chosen() == ("mse", "circles")
        assert app.changed() == {"epochs": "5", "optimizer": "SGD 0.1 m 0.9"}


async def test_two_apps_show_the_same_runs(compared: Path) -> None:
    async with opened(compared) as app:
        with Store(compared) as other:
            other.annotate(2, "from elsewhere")
        await app.until(lambda: "from elsewhere" in app.text("#runs"), "the other's note")


async def test_a_store_that_is_replaced_is_said_and_the_app_stays_up(compared: Path) -> None:
    async with opened(compared) as app:
        chart = app.main.query_one(LossChart)
        await app.until(lambda: chart.plot.series and chart.plot.series[0].ys, "the highlighted run's curve")
        for path in compared.parent.glob("store.db*"):
            if path.is_file():
                path.unlink()
        add_runs(compared, (RunConfig.of("kld", epochs=2), 0.7))
        await app.until(lambda: "was deleted or replaced" in app.notices(), "the trouble")
        await app.until(lambda: "kld" in app.text("#runs"), "what is there now")
        assert app.ids() == [1], "nothing of the old store is left"
        await app.until(lambda: "deleted or replaced" not in app.text("#head"), "the end of the trouble")
        await app.until(lambda: list(chart.plot.series[0].xs) == [1, 2], "its curve")


async def test_export_writes_the_highlighted_run(compared: Path, tmp_path: Path) -> None:
    async with opened(compared) as app:
        await app.press("E")
        from textual.widgets import Input

        app.app.screen.query_one("#path", Input).value = str(tmp_path / "out.csv")
        await app.press("enter")
        await app.until(lambda: (tmp_path / "out.csv").exists(), "the file")
        assert "mean_squared_error" in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    ("loss", "changes", "heading"),
    [("mae", {"outlier_fraction": 0.05}, "outlier"), ("bce", {"label_noise": 0.2}, "l.noise")],
)
async def test_the_share_that_is_spoiled_has_a_column_where_it_differs(
    quiet_store: Path, loss: str, changes: dict[str, float], heading: str
) -> None:
    with Store(quiet_store) as store:
        store.queue([RunConfig.of(loss), RunConfig.of(loss, **changes)])
    async with opened(quiet_store) as app:
        assert heading not in app.text("#runs")
        await app.press("asterisk")
        head, *lines = (line.split() for line in app.text("#runs").splitlines())
        assert heading in head
        (share,) = changes.values()
        assert {f"{share:g}" in line for line in lines[:2]} == {True, False}
