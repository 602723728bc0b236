"""Every text can be read in every theme of Textual's, and a change of theme leaves nothing of the one before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import ColorType
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from lossterm.catalog import MENU_LOSSES
from lossterm.config import RunConfig
from lossterm.store import Store
from lossterm.tui.contrast import LEAST_CONTRAST, contrast, legible

from .conftest import Driver, opened
from .stores import LOSSES, add_finished

THEMES = [name for name, theme in BUILTIN_THEMES.items() if not theme.ansi]
SIZE = (130, 28)


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
def history(quiet_store: Path) -> Path:
    """Runs of every state that has a colour, and a comparison."""
    add_finished(quiet_store, [RunConfig.of(loss, dataset="circles", epochs=30) for loss in LOSSES])
    with Store(quiet_store) as store:
        store.queue([RunConfig.of("mse")])
    return quiet_store


def painted(driver: Driver) -> list[list[tuple[str, Style]]]:
    """The screen as it is painted: pieces of text with their styles, line by line."""
    strips = driver.app.screen._compositor.render_strips(driver.app.size)
    return [[(text, style) for text, style, _ in strip if style is not None] for strip in strips]


def faint(lines: list[list[tuple[str, Style]]]) -> Iterator[str]:
    """The words with too little contrast."""
    for line in lines:
        for text, style in line:
            if not any(map(str.isalnum, text)) or style.color is None or style.bgcolor is None:
                continue
            assert style.color.type == style.bgcolor.type == ColorType.TRUECOLOR
            found = contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
            if found < LEAST_CONTRAST:
                yield f"{text.strip()!r}: {found:.2f}"


async def test_every_text_has_the_contrast_of_wcag_aa_in_every_theme(history: Path, colours: None) -> None:
    async with opened(history, SIZE) as driver:
        await driver.press("asterisk", "v")
        await driver.until(lambda: len(driver.marked()) >= len(MENU_LOSSES), "the comparison")
        for name in THEMES:
            driver.app.theme = name
            await driver.pilot.pause()
            seen = [word for line in painted(driver) for word, _ in line]
            assert len(" ".join(seen)) > 2000
            assert list(faint(painted(driver))) == [], name
        for name in ("textual-light",):
            driver.app.theme = name
            for key in ("s", "question_mark", "X", "i", "E", "A", "ctrl+p"):
                await driver.press(key)
                assert driver.app.screen is not driver.main
                assert list(faint(painted(driver))) == [], (name, key)
                await driver.press("escape")


async def test_a_change_of_theme_leaves_nothing_stale(history: Path, colours: None, tmp_path: Path) -> None:
    again = Path(shutil.copy(history, tmp_path / "again.db"))  # in the first one the app keeps the marks

    async def comparison(driver: Driver) -> None:
        await driver.press("asterisk", "v")
        await driver.until(lambda: len(driver.marked()) >= len(MENU_LOSSES), "the comparison")
        await driver.pilot.pause(0.3)

    async with opened(history, SIZE) as driver:
        await comparison(driver)
        dark = painted(driver)
        driver.app.theme = "textual-light"
        await driver.pilot.pause(0.3)
        light = painted(driver)
    async with opened(again, SIZE) as driver:
        driver.app.theme = "textual-light"
        await comparison(driver)
        assert painted(driver) == light != dark


@pytest.mark.unit
@pytest.mark.parametrize("ground", ["#000000", "#2e3440", "#777777", "#808080", "#e0e0e0", "#ffffff"])
def test_a_colour_changes_no_more_than_it_must(ground: str) -> None:
    behind = Color.parse(ground)
    for text in ("#fea62b", "#b93c5b", "#000000", "#ffffff", "#839496"):
        before = Color.parse(text)
        after = legible(before, behind)
        assert contrast(after, behind) >= LEAST_CONTRAST
        assert (after == before) == (contrast(before, behind) >= LEAST_CONTRAST)
