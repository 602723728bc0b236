"""The form of the settings: its keys, and what it says of a field."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len
from textual.widgets import Input, Label

from .conftest import Driver, opened


def note(driver: Driver) -> str:
    """What is said of the field that the keys go to."""
    return " ".join(driver.text("#form-note").split())


async def test_it_says_its_keys_and_which_tutorial_and_of_each_field_what_it_takes(quiet_store: Path) -> None:
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("s")
        keys = " ".join(driver.text("#form-keys").split())
        assert "tab ↑ ↓ fields" in keys
        assert "as in the tutorial, “Loss Functions in Deep Learning: An Overview”" in keys
        assert note(driver).startswith("a whole number from 1 to 1,000,000. ")
        for key, field in (("down", "batch_size"), ("tab", "early_stopping"), ("up", "batch_size"), ("up", "epochs")):
            await driver.press(key)
            assert driver.app.screen.focused is driver.app.screen.query_one(f"#{field}", Input)
        await driver.press("down", "down", "down")
        assert note(driver).startswith("one of sgd, adam")


async def test_what_each_field_takes_is_whole_at_80_columns(quiet_store: Path) -> None:
    """A range ended with "from 0 to"."""
    async with opened(quiet_store, (80, 24)) as driver:
        for keys in (("1",), ("5", "d"), ("plus", *"tversky", "enter")):
            await driver.press(*keys, "s")
            for label in driver.app.screen.query(".field Label").results(Label):
                words = str(label.render())
                assert cell_len(words) <= label.content_size.width or not label.region, words
            await driver.press("escape")


async def test_a_bad_value_is_refused_with_the_field_and_its_range(quiet_store: Path) -> None:
    async with opened(quiet_store, (80, 24)) as driver:
        await driver.press("s", "x")
        assert note(driver).startswith("epochs must be a whole number from 1 to 1,000,000. ")
        assert driver.text("#epochs-reason").startswith("a whole number from 1 to 1,000,000")
        await driver.press("ctrl+r")
        assert driver.app.screen.query_one("#epochs", Input).value == "50"
        assert "must be" not in note(driver)
