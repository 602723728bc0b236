"""The picker of losses, the menu that keeps what was added, and the parameter that moves a loss's curve."""

from __future__ import annotations

import json
import math
import os
import re
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from lossterm.catalog import LOSSES
from lossterm.catalog.menu import ADDED_LOSSES
from lossterm.config import RunConfig
from lossterm.runs import loss_files
from lossterm.runs.loss_files import is_allowed
from lossterm.runs.records import Scores, Status
from lossterm.store import Store, TrainerSession
from lossterm.text import wrap
from lossterm.tui.widgets.draft_preview import PreviewPictures
from lossterm.tui.widgets.model_view import ModelView

from .conftest import Driver, opened
from .stores import add_finished

_KEYS = {"/": "slash", ".": "full_stop", "-": "minus", "_": "underscore"}


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
        assert seen == {"+", *(loss.short for loss in LOSSES)}, "and a row that leads to a file"
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


async def test_what_each_loss_is_for_and_takes_is_whole_at_80_columns(quiet_store: Path) -> None:
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("plus")
        for _ in LOSSES:
            words = driver.app.screen.query_one("#picked", Static)
            said = str(words.render())
            assert said.startswith("Use it")
            assert len(wrap(said, words.size.width)) <= words.size.height, said
            await driver.press("down")


async def test_what_is_added_is_in_the_menu_has_a_digit_counts_among_all_losses_and_is_kept(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        await driver.press("plus", *"huber", "plus", "escape")
        assert "8 huber" in driver.text("#losses")
        await driver.press("8")
        assert driver.chosen() == ("huber", "regression")
        assert "compare 4 losses" in driver.text("#preview-lines")
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


def unfold(text: str) -> str:
    """A text of several lines without its breaks: a long path is broken anywhere."""
    return "".join(text.split())


def said(driver: Driver, reason: str) -> bool:
    """Whether the picker says so."""
    return unfold(reason) in unfold(driver.text("#picked"))


async def type_file(driver: Driver, path: object) -> None:
    """Open the picker and type a file."""
    await driver.press("plus")
    driver.app.screen.query_one("#search", Input).value = str(path)
    await driver.pilot.pause()


async def test_a_file_of_ones_own_lists_its_losses_and_is_trained_with(quiet_store: Path, tmp_path: Path) -> None:
    file = tmp_path / "losses.py"
    file.write_text("def steep(y_true, y_pred):\n    return abs(y_true - y_pred)\n\ndef flat(t, p): return t - p\n")
    async with opened(quiet_store) as driver:
        await type_file(driver, file)
        await driver.until(lambda: "flat of losses.py" in driver.text("#loss-list"), "both losses")
        driver.app.screen.query_one("#search", Input).value = f"{file}:st"
        await driver.until(lambda: "flat of losses.py" not in driver.text("#loss-list"), "the one that is typed")
        assert "steep of losses.py" in driver.text("#loss-list")
        await driver.press("enter")
        assert driver.app.screen is driver.main
        (run_id,) = await driver.queued("enter")
        config = driver.stored()[run_id].config
        assert config.loss == f"{file}:steep"
        assert config.loss_file is not None
        assert is_allowed(config.loss_file)
        assert kept_text(quiet_store, config) == file.read_text()


async def test_the_last_row_leads_to_a_file(quiet_store: Path, tmp_path: Path) -> None:
    file = tmp_path / "losses.py"
    file.write_text("def steep(t, p): return t - p\n")
    async with opened(quiet_store) as driver:
        await driver.press("plus", *"huber", "down")
        assert "▸+ from a Python file …" in driver.text("#loss-list")
        await driver.press("enter")
        search = driver.app.screen.query_one("#search", Input)
        assert (search.value, search.placeholder) == ("", "the path of a Python file, as losses.py")
        await driver.press(*(_KEYS.get(letter, letter) for letter in str(file)))
        await driver.until(lambda: "steep of losses.py" in driver.text("#loss-list"), "the file's losses")
        await driver.press("down", "enter")
        assert driver.main.state.draft.loss.title == "steep of losses.py"
        assert re.search(r"▸\+ steep@[0-9a-f]{4} steep", driver.text("#losses"))


async def test_a_file_that_is_edited_is_trained_as_it_is_now_and_the_old_text_is_kept(
    quiet_store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "losses.py"
    file.write_text("def steep(y_true, y_pred):\n    return abs(y_true - y_pred)\n")
    async with opened(quiet_store) as driver:
        await type_file(driver, file)
        await driver.press("enter")  # before it has been read: taken then
        await driver.until(lambda: driver.app.screen is driver.main, "the only loss of the file")
        (first,) = await driver.queued("enter")
        old = file.read_text()
        file.write_text(f"{old}# edited\n")
        (second,) = await driver.queued("enter")
        await driver.until(lambda: "wasedited" in unfold(driver.notices()), "that it is another loss")
        configs = [driver.stored()[run_id].config for run_id in (first, second)]
        assert [kept_text(quiet_store, config) for config in configs] == [old, file.read_text()]
        assert configs[0].loss_entry.short != configs[1].loss_entry.short
        file.unlink()
        await driver.press("enter")
        await driver.until(lambda: "nosuchfile" in unfold(driver.notices()), "why it cannot be trained")
        assert max(driver.stored()) == second


async def test_a_file_that_cannot_be_read_is_said_and_never_read_in_the_app(
    quiet_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that nobody writes, a file too long, and one that is gone: the reason stands where the loss would."""
    monkeypatch.setattr(loss_files, "_bytes_of", None)  # of the app's process; a tool has its own
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "long.py").write_bytes(b"#" * (loss_files.MOST_BYTES + 1))
    (tmp_path / "syntax.py").write_text("def f(t, p)\n    return 1\n")
    (tmp_path / "none.py").write_text("x = 1\n")
    words = {
        "pipe": "is no regular file",
        "long": "is longer than 1,000,000 bytes",
        "syntax": "line 1: expected ':'",
        "none": "has no function and no Loss",
        "absent": "no such file or directory",
    }
    async with opened(quiet_store) as driver:
        await driver.press("plus")
        for name, reason in words.items():
            driver.app.screen.query_one("#search", Input).value = str(tmp_path / f"{name}.py")
            await driver.until(partial(said, driver, reason), reason)
            await driver.press("enter")
            assert driver.app.screen is not driver.main


def kept_text(path: Path, config: RunConfig) -> str:
    """The text that the store keeps for a run's own loss."""
    assert config.loss_file is not None
    with Store(path) as store:
        kept = store.loss_file(config.loss_file.sha256)
    assert kept is not None
    return kept.text


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


async def test_the_table_tells_runs_of_one_loss_apart(quiet_store: Path, tmp_path: Path) -> None:
    """By the parameters and by the version of the file, whatever is marked; where all are plain there is no column."""
    file = tmp_path / "losses.py"
    file.write_text("def steep(t, p): return t - p\n")
    old = RunConfig.of("losses.py:steep", loss_file=loss_files.read_loss_file(file).file)
    file.write_text("def steep(t, p): return p - t\n")
    new = RunConfig.of("losses.py:steep", loss_file=loss_files.read_loss_file(file).file)
    add_finished(quiet_store, [RunConfig.of("mse")])
    async with opened(quiet_store) as driver:
        assert "loss in full" not in driver.text("#runs")
    add_finished(quiet_store, [old, new, RunConfig.of("huber:delta=0.5"), RunConfig.of("mae")])
    async with opened(quiet_store) as driver:
        rows = "\n".join(driver.rows())
        assert {old.loss_as_typed, new.loss_as_typed, "huber:delta=0.5"} <= set(rows.split())
        assert "loss in full" in driver.text("#runs")


@pytest.mark.parametrize("status", ["failed", "diverged"])
async def test_why_a_run_ended_badly_is_read_to_its_end(status: Status, quiet_store: Path) -> None:
    words = "losses.py, line 1: it returns shape (32, 1) for 32 rows; it must return (32,) or one number; the end"
    nothing = Scores(math.nan, math.nan, math.nan, math.nan) if status == "diverged" else None
    with Store(quiet_store) as store, TrainerSession(quiet_store, "auto", "") as trainer:
        (run_id,) = store.queue([RunConfig.of("mse")])
        trainer.claim(("auto",), "cpu", "")
        trainer.finish(run_id, status, words, 1.0, nothing)
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.until(lambda: unfold(words) in unfold(driver.text("#run")), "all of it")
