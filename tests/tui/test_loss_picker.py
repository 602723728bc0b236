"""The picker of losses, the menu that keeps what was added, and the parameter that moves a loss's curve."""

from __future__ import annotations

import json
from pathlib import Path

from textual.widgets import Input

from lossterm.catalog import LOSSES
from lossterm.catalog.menu import ADDED_LOSSES
from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.widgets.draft_preview import PreviewPictures
from lossterm.tui.widgets.model_view import ModelView

from .conftest import Driver, opened
from .stores import add_finished


def listed(driver: Driver) -> list[str]:
    """The losses in the picker's list, by their short names; the highlighted one begins with ▸."""
    lines = driver.text("#loss-list").splitlines()
    return [("▸" if line.startswith("▸") else "") + line[1:].replace("•", " ").split()[0] for line in lines if line]


async def test_it_is_opened_by_a_key_and_by_the_menus_title_and_lists_every_loss(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("plus")
        assert listed(driver)[0] == "▸mse"
        seen = set()
        for _ in LOSSES:
            seen |= {name.strip("▸") for name in listed(driver)}
            await driver.press("down")
        assert seen == {loss.short for loss in LOSSES}
        await driver.press("escape")
        assert driver.app.screen is driver.main
        await driver.pilot.click("#losses", offset=(12, 0))
        await driver.pilot.pause()
        assert listed(driver)[0] == "▸mse"


async def test_a_search_finds_by_any_name_and_a_refusal_gives_its_reason(quiet_store: Path) -> None:
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("plus", *"cross")
        assert "binary cross-entropy: needs targets in [0, 1]" in driver.text("#loss-list")
        assert {"▸bce", "cce"} <= set(listed(driver))
        driver.app.screen.query_one("#search", Input).value = "no such loss"
        await driver.pilot.pause()
        assert "no loss matches" in driver.text("#picked")
        await driver.press("enter")
        driver.app.screen.query_one("#search", Input).value = "huber"
        await driver.pilot.pause()
        await driver.press("enter")
        assert driver.app.screen is driver.main
        assert driver.main.state.draft.loss.short == "huber"
        assert driver.chosen() == ("huber", "regression")
        await driver.press("plus", *"bce", "enter")
        assert driver.chosen() == ("bce", "circles")
        assert "moved to circles" in driver.text("#preview-lines")


async def test_what_is_added_is_in_the_menu_has_a_digit_counts_among_all_losses_and_is_kept(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("plus", *"huber", "plus", "escape")
        assert "8 huber" in driver.text("#losses")
        await driver.press("8")
        assert driver.chosen() == ("huber", "regression")
        assert "all 4 losses" in driver.text("#preview-lines")
        with Store(quiet_store) as store:
            await driver.until(lambda: store.preferences().get(ADDED_LOSSES) == ["huber"], "that it is kept")
    async with opened(quiet_store) as driver:
        await driver.until(lambda: "8 huber" in driver.text("#losses"), "the menu as it was")
        await driver.press("plus", "plus", "escape")
        assert "8 huber" not in driver.text("#losses")
        with Store(quiet_store) as store:
            await driver.until(lambda: store.preferences().get(ADDED_LOSSES) == [], "that it is forgotten")


async def test_the_tutorials_losses_stay_in_the_menu(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("plus", "plus")
        assert "of the tutorial stay" in driver.notices()
        await driver.press("escape", "8")
        assert "the menu has no such loss" in driver.notices()


async def test_a_file_of_ones_own_lists_its_losses_and_says_what_is_wrong_with_it(
    quiet_store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "losses.py"
    file.write_text("def steep(y_true, y_pred):\n    return abs(y_true - y_pred)\n")
    async with opened(quiet_store) as driver:
        await driver.press("plus")
        search = driver.app.screen.query_one("#search", Input)
        search.value = str(tmp_path / "absent.py")
        await driver.pilot.pause()
        assert "absent.py" in "".join(driver.text("#picked").split())  # a long path is broken anywhere
        search.value = f"{file}:st"
        await driver.pilot.pause()
        assert "steep of losses.py" in driver.text("#loss-list")
        await driver.press("enter")
        assert driver.app.screen is driver.main
        (run_id,) = await driver.queued("enter")
        assert driver.stored()[run_id].config.loss == f"{file}:steep"


async def test_the_parameter_is_stepped_and_the_curve_moves(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("greater_than_sign")
        assert "mse has no parameter" in driver.text("#preview-lines")
        await driver.press("plus", *"huber", "enter")
        pictures = driver.main.query_one(PreviewPictures)
        before = pictures.frame.text
        await driver.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert "huber: delta 0.512" in driver.text("#preview-lines")
        assert pictures.frame.text != before
        assert dict(driver.main.state.draft.config().loss_parameters)["delta"] == 0.512


async def test_a_parameter_that_is_tried_out_has_its_curve_beside_those_of_the_runs(quiet_store: Path) -> None:
    add_finished(quiet_store, [RunConfig.of("huber"), RunConfig.of("mse")])
    async with opened(quiet_store) as driver:
        await driver.press("asterisk", "v")
        view = driver.main.query_one(ModelView)
        await driver.until(lambda: "huber" in view.frame.text, "the losses of the runs")
        await driver.press("plus", *"huber", "enter")
        assert "huber:delta" not in view.frame.text
        await driver.press("greater_than_sign")
        await driver.until(lambda: "huber:delta=1.25" in view.frame.text, "the curve that is tried out")


def test_all_on_the_command_line_means_the_menu_with_what_was_added(quiet_store: Path, program) -> None:
    with Store(program.store_path, True) as store:
        store.set_preference(ADDED_LOSSES, ["huber", "mse", "no such loss", 7])
    done = program("run", "--loss", "all", "--dataset", "regression", "--epochs", 1, "--detach", "--json")
    assert [json.loads(line)["loss"] for line in done.stdout.splitlines()] == [
        "mean_squared_error",
        "mean_squared_logarithmic_error",
        "mean_absolute_error",
        "huber",
    ]
