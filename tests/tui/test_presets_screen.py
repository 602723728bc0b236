"""Choosing a preset by keys, on a screen of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App
from textual.widgets import Static

from lossterm.experiments.presets import PRESETS, Preset
from lossterm.tui.screens.presets import PresetsScreen


class Host(App[None]):
    """Opens the presets and keeps what was chosen."""

    CSS_PATH = "../../lossterm/tui/lossterm.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.chosen: list[Preset | None] = []

    def on_mount(self) -> None:
        self.push_screen(PresetsScreen(), self.chosen.append)


@asynccontextmanager
async def opened(size: tuple[int, int] = (100, 30)) -> Any:
    host = Host()
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        yield host, pilot


def said(host: Host, widget: str) -> str:
    return str(host.screen.query_one(widget, Static).visual)


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        ((), 0),
        (("down",), 1),
        (("j", "j", "k"), 1),
        (("up",), 4),
        (("down",) * 5, 0),
        (("4",), 3),
        (("G",), 4),
        (("end", "g"), 0),
        (("5", "1", "2"), 1),
    ],
)
async def test_keys_go_to_a_preset_and_enter_takes_it(keys: tuple[str, ...], at: int) -> None:
    async with opened() as (host, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        (line,) = (line for line in said(host, "#presets").splitlines() if line.startswith("▸"))
        assert line.split()[:2] == [f"▸{at + 1}", PRESETS[at].name]
        assert said(host, "#watch") == PRESETS[at].watch
        assert said(host, "#trained") == PRESETS[at].words
        await pilot.press("enter")
        await pilot.pause()
        assert host.chosen == [PRESETS[at]]


@pytest.mark.parametrize("key", ["escape", "q", "X"])
async def test_leaving_trains_nothing(key: str) -> None:
    async with opened() as (host, pilot):
        await pilot.press("down", key)
        await pilot.pause()
        assert host.chosen == [None]


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (140, 40)])
async def test_everything_can_be_read(size: tuple[int, int]) -> None:
    async with opened(size) as (host, pilot):
        for number, preset in enumerate(PRESETS, start=1):
            await pilot.press(str(number))
            await pilot.pause()
            words = " ".join(" ".join(shown(host, size)).split())
            listed = [f"{number} {p.name} {p.title}" for number, p in enumerate(PRESETS, start=1)]
            for part in (preset.watch, preset.words, "enter train", *listed):
                assert part in words


def shown(host: Host, size: tuple[int, int]) -> Iterator[str]:
    """The lines inside the dialog's frame, as they stand on the screen."""
    for y in range(size[1]):
        line = "".join(segment.text for segment in host.screen._compositor.render_strips()[y])
        if line.count("│") == 2:
            yield line.split("│")[1]
