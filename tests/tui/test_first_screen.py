"""The first screen: what would be trained, its data once a trainer has it, and what to press next."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lossterm.config import RunConfig
from lossterm.runs.snapshots import pack_sample, take_sample
from lossterm.store import TrainerSession
from lossterm.tui.widgets.draft_preview import PreviewPictures

from .conftest import Driver, opened


def packed(config: RunConfig) -> bytes:
    """A made-up sample of a config's rows."""
    random = np.random.default_rng(1)
    x = random.normal(size=(150, config.dataset_entry.features)).astype(np.float32)
    y = np.eye(config.output_layer.units, dtype=np.float32)[random.integers(0, config.output_layer.units, 150)]
    return pack_sample(take_sample(x, y, x, y))


def picture(driver: Driver) -> str:
    return driver.main.query_one(PreviewPictures).frame.text


def title(driver: Driver) -> str:
    return str(driver.main.query_one("#plots").border_title)


@pytest.mark.parametrize(("size", "ascii_only"), [((140, 40), False), ((100, 30), False), ((80, 24), True)])
async def test_it_shows_the_loss_the_data_and_the_next_steps_with_their_cost(
    quiet_store: Path, size: tuple[int, int], ascii_only: bool
) -> None:
    async with opened(quiet_store, size, ascii_only) as driver:
        await driver.press("6")
        await driver.until(lambda: "on blobs: what enter trains" in title(driver), "the loss and its dataset")
        assert "its rows" in picture(driver)
        config = RunConfig.of("cce")
        with TrainerSession(quiet_store, "auto", "") as trainer:
            await driver.until(lambda: trainer.wanted() == config, "the wish for its data")
            trainer.keep_warm_sample(config, packed(config))
        await driver.until(lambda: driver.main.state.draft_sample, "the data")
        await driver.until(lambda: "feature 2 over feature 1" in picture(driver), "the picture of the data")
        assert "loss by p" in picture(driver)
        lines = driver.text("#preview-lines")
        assert "enter train it" in lines
        assert "compare 7 losses, 10 seeds" in lines
        assert "217 runs, about" in lines
        assert "5 experiments with a lesson" in lines
        await driver.press("enter")
        await driver.until(lambda: driver.ids() == [1], "the run")
        assert driver.main.query_one("#preview").size.height == 0
        assert driver.main.query_one("#chart").size.height > 0
        assert "what enter trains" not in title(driver)


async def test_what_cannot_be_trained_says_why_and_a_damaged_sample_is_none(quiet_store: Path) -> None:
    async with opened(quiet_store) as driver:
        config = RunConfig.of("mse")
        with TrainerSession(quiet_store, "auto", "") as trainer:
            await driver.until(lambda: trainer.wanted() == config, "the wish for its data")
            trainer.keep_warm_sample(config, b"no rows")
        await driver.until(lambda: driver.main.state.draft_sample, "the sample")
        assert "its rows show once the trainer is ready" in picture(driver)
        await driver.set(samples=10, batch_size=2)
        await driver.press("4")
        assert "circles" in title(driver)
