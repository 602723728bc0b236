"""Choosing: losses, datasets, settings, and what is said about pairings that mean nothing."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from textual.widgets import Input, Label

from lossterm.catalog import MENU_LOSSES
from lossterm.tui.keymap import KEYS, footer_keys
from lossterm.tui.screens.settings import SettingsScreen

from .conftest import opened


async def test_a_digit_picks_a_loss_and_moves_to_a_dataset_that_fits(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        for digit, loss in enumerate(MENU_LOSSES, start=1):
            await app.press("1")
            while app.chosen() != ("mse", "regression"):
                await app.press("d")
            await app.press(str(digit))
            assert app.chosen() == (loss.short, loss.default_dataset)
            assert f"▸{digit} {loss.short}" in app.text("#losses")


async def test_a_loss_that_fits_stays_on_the_dataset(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("5", "1")
        assert app.chosen() == ("mse", "circles")


async def test_pairings_that_mean_nothing_say_why(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("1")
        assert "4 bce   needs targets in [0, 1]" in app.text("#losses")
        assert "6 cce   needs one-hot targets" in app.text("#losses")
        await app.press("4")
        assert "regression not for bce" in app.text("#datasets")
        assert "make_regression's are real numbers: moved to circles" in app.text("#preview-lines")


async def test_d_goes_round_the_datasets_that_fit(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        seen = [app.chosen()[1]]
        for _ in range(3):
            await app.press("d")
            seen.append(app.chosen()[1])
        assert seen == ["regression", "circles", "blobs", "regression"]
        await app.press("4", "d", "d")
        assert app.chosen()[1] == "circles"
        assert "regression passed over: binary cross-entropy needs targets in [0, 1]" in app.text("#preview-lines")


async def test_arrows_choose_in_the_focused_menu(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("down", "down")
        assert app.chosen()[0] == "mae"
        await app.press("tab", "down")
        assert app.chosen()[1] == "circles"


BAD_SETTINGS = [
    ("epochs", "0", "a whole number from 1 to 1,000,000"),
    ("epochs", "ten", "a whole number from 1 to 1,000,000"),
    ("epochs", "", "a whole number from 1 to 1,000,000"),
    ("learning_rate", "-1", "a number above 0 and at most 100"),
    ("learning_rate", "1e9", "a number above 0 and at most 100"),
    ("batch_size", "2501", "a whole number from 1 to 2500 (the training set)"),
    ("hidden_layers", "0", "none, or up to 16 widths from 1 to 65,536, as 64,32"),
    ("device", "tpu", "auto, cpu, gpu or gpu:N"),
    ("train_fraction", "1", "a number from 0.001 to 0.999"),
    ("outlier_fraction", "0.6", "a number from 0 to 0.5"),
]


async def test_bad_settings_are_explained_beside_the_field_and_not_taken(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        for field, typed, reason in BAD_SETTINGS:
            await app.press("s")
            app.app.screen.query_one(f"#{field}", Input).value = typed
            await app.pilot.pause()
            assert str(app.app.screen.query_one(f"#{field}-reason", Label).content) == reason
            await app.press("enter")
            assert isinstance(app.app.screen, SettingsScreen), f"{field} = {typed!r} was taken"
            await app.press("escape")
            assert app.changed() == {}


async def test_changed_settings_are_taken_and_marked(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("s", "backspace", "backspace", "7", "enter")
        assert app.changed() == {"epochs": "7"}
        await app.press("s", "ctrl+r", "enter")
        assert app.changed() == {}


async def test_parameters_of_the_loss_are_among_its_settings(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("4")
        await app.set(label_smoothing=0.1)
        assert app.changed() == {"label smoothing": "0.1"}
        assert app.main.state.draft.config().loss_as_typed == "bce:label_smoothing=0.1"
        await app.press("5")
        assert app.changed() == {}
        await app.press("4", "s")
        assert app.app.screen.query_one("#label_smoothing", Input).value == "0.1"
        app.app.screen.query_one("#label_smoothing", Input).value = "2"
        await app.pilot.pause()
        assert str(app.app.screen.query_one("#label_smoothing-reason", Label).content) == "a number from 0 to 1"
        await app.press("enter")
        assert isinstance(app.app.screen, SettingsScreen)
        await app.press("ctrl+r", "enter")
        assert app.changed() == {}


async def test_settings_that_do_not_fit_the_next_dataset_block_it_with_the_reason(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.set(batch_size=1000)
        await app.press("6", "enter")
        assert "from 1 to 500" in " ".join(app.text("#settings").split())
        assert not app.stored()


async def test_spoiled_targets_are_set_where_they_mean_something_and_remembered_elsewhere(quiet_store: Path) -> None:
    async with opened(quiet_store) as app:
        await app.press("1", "s")
        assert not app.app.screen.query("#label_noise")
        await app.press("escape")
        await app.set(outlier_fraction=0.05)
        assert app.changed() == {"outlier fraction": "0.05"}
        await app.press("4")
        assert (app.chosen()[1], app.changed()) == ("circles", {})
        assert ["label", "noise", "0"] in [line.split() for line in app.text("#settings").splitlines()]
        await app.press("s")
        assert not app.app.screen.query("#outlier_fraction")
        await app.press("escape")
        await app.set(label_noise=0.2)
        assert app.changed() == {"label noise": "0.2"}
        ids = await app.queued("a")
        assert {app.stored()[run_id].config.label_noise for run_id in ids} == {0.2}
        await app.press("1", "d", "d")
        assert app.chosen()[1] == "regression"
        assert app.changed() == {"outlier fraction": "0.05"}
        await app.press("s", "ctrl+r", "enter", "4")
        assert app.changed() == {}


async def test_what_was_changed_comes_first_where_not_all_settings_fit(quiet_store: Path) -> None:
    async with opened(quiet_store, (80, 24)) as app:
        await app.press("1")
        assert app.text("#settings").startswith(" 20-25-1 ReLU\n SGD 0.01")
        await app.set(outlier_fraction=0.05)
        assert app.text("#settings").startswith(" outl 0.05*  20-25-1 ReLU")


async def test_every_action_can_be_done_by_its_owner_and_no_key_means_two_things(quiet_store: Path) -> None:
    keys = [name for key in KEYS for name in key.keys]
    assert len(keys) == len(set(keys))
    async with opened(quiet_store) as app:
        for key in KEYS:
            owner = {"app": app.app, "screen": app.main}.get(key.owner) or app.main.query_one(f"#{key.owner}")
            name, arguments = key.action.removesuffix(")").partition("(")[::2]
            method = getattr(owner, f"action_{name}")
            wanted = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
            assert len(wanted) == bool(arguments), key


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_the_footer_fits_and_keeps_what_matters_most(width: int) -> None:
    shown = footer_keys(width)
    assert sum(len(key) + len(label) + 2 for key, label in shown) <= width
    assert {"1-7", "enter", "?", "q"} <= {key for key, _ in shown}


async def test_help_lists_every_key(quiet_store: Path) -> None:
    async with opened(quiet_store, size=(100, 120)) as app:
        await app.press("question_mark")
        from textual.widgets import Static

        words = "\n".join(str(static.visual) for static in app.app.screen.query(Static))
        for key in KEYS:
            assert f"{key.shown}  {key.help}" in words
