"""Runs that were queued together are one row of the table: opened, compared, renamed, deleted and exported as one."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.store.commands import RenameExperiment
from lossterm.tui.screens.dialogs import ConfirmScreen
from lossterm.tui.screens.run_page import RunPage

from .conftest import Driver, opened
from .stores import add_finished

NAME = "circles × 3 losses × 2 seeds"
LOSSES = ("bce", "hinge", "kld")


@pytest.fixture
def history(quiet_store: Path) -> Path:
    """Run 1 on its own, experiment 1 of runs 2 to 7, run 8 on its own."""
    add_finished(quiet_store, [RunConfig.of("bce", epochs=3, seed=9)])
    configs = [RunConfig.of(loss, dataset="circles", epochs=3, seed=seed) for seed in (1, 2) for loss in LOSSES]
    add_finished(quiet_store, configs, NAME)
    add_finished(quiet_store, [RunConfig.of("hinge", epochs=3, seed=9)])
    return quiet_store


def lines(app: Driver) -> list[str]:
    """The rows in view, by what stands first on them: a number or a title."""
    shown = [line for line in app.text("#runs").splitlines()[1:] if line.strip()]
    return [re.sub(r"^[●^ ]..", "", line).strip().split("  ")[0] for line in shown]


def titles(app: Driver) -> list[str]:
    return [line.split(" ", 1)[0] if line[0].isdigit() else line for line in lines(app)]


@asynccontextmanager
async def on_the_experiment(history: Path, size: tuple[int, int] = (140, 50)) -> AsyncIterator[Driver]:
    """The app with the cursor on the experiment's row."""
    async with opened(history, size) as app:
        await app.press("down")
        yield app


async def test_an_experiment_is_one_row_with_its_own_summary(history: Path) -> None:
    async with on_the_experiment(history) as app:
        assert titles(app) == ["8", f"▸ {NAME}", "1"]
        row = app.text("#runs").splitlines()[2]
        assert re.search(r"6/6  best bce 0\.\d+ ± .* experiment 1$", row)
        assert str(app.main.query_one("#runs").border_title) == "Runs 8"
        assert app.main.state.selection.marked == ()


async def test_enter_opens_it_as_the_compared_set_and_closes_it_again(history: Path) -> None:
    async with on_the_experiment(history) as app:
        await app.press("enter")
        assert titles(app) == ["8", f"▾ {NAME}", "▸ bce", "▸ hinge", "▸ kld", "1"]
        assert app.main.state.selection.marked == (2, 3, 4, 5, 6, 7)
        assert {run.id for run in app.main.state.shown} == {2, 3, 4, 5, 6, 7}
        await app.press("down", "enter")
        assert titles(app)[2:6] == ["▾ bce", "5", "2", "▸ hinge"]
        await app.press("up", "enter")
        assert titles(app) == ["8", f"▸ {NAME}", "1"]
        assert app.main.state.selection.marked == (2, 3, 4, 5, 6, 7), "it stays the compared set"
        await app.press("asterisk", "asterisk", "h")
        assert len(app.main.state.selection.marked) == 8, "the last comparison was that of all runs"


async def test_at_80_columns_its_name_and_its_state_are_there(history: Path) -> None:
    async with on_the_experiment(history, (80, 24)) as app:
        row = app.text("#runs").splitlines()[2]
        assert "▸ circles × 3" in row
        assert "6/6" in row


async def test_while_it_trains_its_line_is_whole_at_80_columns(quiet_store: Path) -> None:
    """The time that is left was cut to "about"."""
    with Store(quiet_store) as store:
        configs = [RunConfig.of(loss, dataset="circles", seed=s) for s in range(1, 6) for loss in LOSSES]
        run_ids = store.queue(configs, "circles × 3 losses × 5 seeds, a long name")
    async with opened(quiet_store, (80, 24)) as app:
        app.main.state.runs.seconds_left = lambda runs: 125.0  # type: ignore[method-assign]
        await app.press("up", "down")
        await app.until(lambda: "left" in app.text("#run"), "the time that is left")
        assert f"0/{len(run_ids)} about 2:05 left" in app.text("#run")


async def test_it_is_renamed_here_and_from_elsewhere(history: Path) -> None:
    async with on_the_experiment(history) as app:
        await app.press("n")
        app.app.screen.query_one("#answer", Input).value = "the \x1b[31mthree"
        await app.press("enter")
        await app.until(lambda: "▸ the ?[31mthree" in app.text("#runs"), "its name")
        with Store(history) as other:
            other.do(RenameExperiment(1, "from elsewhere"))
        await app.until(lambda: "▸ from elsewhere" in app.text("#runs"), "the other's name")
        await app.press("slash", *"elsewh", "enter")
        assert len(app.ids()) == 6, "the filter finds its runs by its name"


async def test_it_is_deleted_after_a_question_and_comes_back(history: Path) -> None:
    async with on_the_experiment(history) as app:
        await app.press("enter", "D")
        assert isinstance(app.app.screen, ConfirmScreen)
        await app.press("escape")
        assert len(app.stored()) == 8
        await app.press("D", "y")
        await app.until(lambda: titles(app) == ["8", "1"], "the deletion")
        assert app.highlighted() == 1
        assert sorted(app.stored()) == [1, 8]
        await app.press("u")
        await app.until(lambda: len(app.stored()) == 8 and len(titles(app)) == 6, "its return")
        assert app.main.state.selection.marked == (2, 3, 4, 5, 6, 7)


async def test_it_is_exported_as_one(history: Path, tmp_path: Path) -> None:
    target = tmp_path / "all.json"
    async with on_the_experiment(history) as app:
        await app.press("E")
        await app.until(lambda: app.app.screen.query("#path"), "the dialog")
        await app.press("down")
        app.app.screen.query_one("#path", Input).value = str(target)
        await app.press("enter")
        await app.until(target.exists, "the file")
    assert [run["id"] for run in json.loads(target.read_text())] == [2, 3, 4, 5, 6, 7]


async def test_several_marked_runs_are_deleted_after_a_question_one_at_once(history: Path) -> None:
    async with opened(history) as app:
        await app.press("space", "end", "space", "D", "n")
        assert len(app.stored()) == 8
        await app.press("D", "enter")
        await app.until(lambda: sorted(app.stored()) == [2, 3, 4, 5, 6, 7], "the deletion")


async def test_the_keys_of_a_run_mean_all_runs_of_an_experiment(quiet_store: Path) -> None:
    async with opened(quiet_store, (140, 50)) as app:
        await app.press("4")
        ids = await app.queued("a")
        title = f"circles × {len(ids)} losses"
        await app.until(lambda: f"▸ {title}" in app.text("#runs"), "its row")
        assert f"0/{len(ids)}" in app.text("#run")
        assert app.ids() == [], "its runs are in their experiment"
        await app.press("tab", "tab", "x")
        await app.until(lambda: {run.status for run in app.stored().values()} == {"stopped"}, "their end")
        await app.press("r")
        await app.until(lambda: {run.status for run in app.stored().values()} == {"queued"}, "their return")


async def test_enter_in_the_runs_shows_the_page_of_a_run_and_trains_nothing(history: Path) -> None:
    with Store(history) as store:
        store.annotate(8, "the [b]last\x1b one")
    async with opened(history, (100, 60)) as app:
        await app.press("enter")
        assert isinstance(app.app.screen, RunPage)
        await app.until(lambda: "no trainer has run it yet" not in "reading", "the log")
        page = str(app.app.screen.query_one("#page").render())
        for words in (
            "hinge on circles, seed 9",
            "the [b]last? one",
            "finished, epoch 3 of 3",
            "learning rate",
            "Train:",
        ):
            assert words in page
        await app.press("escape", "down", "enter", "down", "enter", "down", "enter")
        assert isinstance(app.app.screen, RunPage)
        assert NAME in str(app.app.screen.query_one("#page").render())
        await app.press("j", "G", "g", "k", "escape")
        assert len(app.stored()) == 8


@pytest.mark.parametrize("size", [(80, 24), (140, 50)])
async def test_the_footer_says_what_enter_does_now(history: Path, size: tuple[int, int]) -> None:
    async with opened(history, size) as app:
        name = "exp 1" if size[0] == 80 else "experiment 1"
        for keys, words in (
            ((), "open run 8"),
            (("down",), f"open {name}"),
            (("enter",), f"close {name}"),
            (("down",), "open bce"),
            (("slash",), "keep the filter"),
            (("escape", "5"), "train hinge"),
            (("d",), "train hinge"),
        ):
            await app.press(*keys)
            assert f" enter {words} " in app.text("#keys"), keys


async def test_one_marked_run_is_compared_with_the_experiment_under_the_cursor(history: Path) -> None:
    """The chart showed the marked run alone, and the line above it the experiment."""
    async with opened(history) as app:
        await app.press("space", "down")
        assert [run.id for run in app.main.state.shown] == [8, 2, 3, 4, 5, 6, 7]
        assert str(app.main.query_one("#plots").border_title).startswith("7 runs on circles")
        await app.press("end", "space", "up")
        assert [run.id for run in app.main.state.shown] == [8, 1], "two that are marked are what is compared"


async def test_what_is_picked_takes_the_keys_so_that_enter_trains_it(history: Path) -> None:
    async with opened(history) as app:
        await app.press("down", "5")
        (run_id,) = await app.queued("enter")
        assert app.stored()[run_id].config.loss == "hinge"
        for keys in (("tab", "tab", "down", "d"), ("tab", "tab", "s", "backspace", "backspace", "7", "enter")):
            await app.press(*keys)
            await app.queued("enter")
        assert app.newest().config.epochs == 7
        await app.press("z", "z", "z", "4")
        (run_id,) = await app.queued("enter")
        assert app.stored()[run_id].config.loss_entry.short == "bce", "the menu need not be in view"
