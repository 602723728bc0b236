"""The chart as a widget: what it sends to the terminal, and how it answers to its methods and to the mouse."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from lossterm.chart import Series, ViewState
from lossterm.tui.widgets.loss_chart import LossChart

PATIENCE = 30.0


class Wire(HeadlessDriver):
    """A driver that keeps what would go to the terminal."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.sent: list[str] = []

    @property
    def is_headless(self) -> bool:
        """Not, as far as the app is concerned: it should write."""
        return False

    def write(self, data: str) -> None:
        self.sent.append(data)


class Chart(App[None]):
    """An app of nothing but a chart."""

    def __init__(self, ascii: bool = False) -> None:  # noqa: A002
        super().__init__(driver_class=Wire)
        self.chart = LossChart(ascii=ascii)
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_loss_chart_crosshair_moved(self, message: LossChart.CrosshairMoved) -> None:
        self.messages.append(("crosshair", message.epoch))

    def on_loss_chart_view_changed(self, message: LossChart.ViewChanged) -> None:
        self.messages.append(("view", message.view))

    def sent(self) -> str:
        """What has been sent."""
        assert isinstance(self._driver, Wire)
        return "".join(self._driver.sent)

    def take_sent(self) -> int:
        """The bytes sent since last asked."""
        count = len(self.sent().encode())
        assert isinstance(self._driver, Wire)
        self._driver.sent.clear()
        return count


Story = Callable[[Chart, Pilot[object]], Awaitable[None]]


async def play(story: Story, size: tuple[int, int] = (140, 40), ascii: bool = False) -> None:  # noqa: A002
    """Run a story in the app, and raise what it raises."""
    app = Chart(ascii)
    told: list[BaseException | None] = []

    async def pilot(pilot: Pilot[object]) -> None:
        try:
            await pilot.pause()
            await story(app, pilot)
        except BaseException as error:
            told.append(error)
        else:
            told.append(None)
        app.exit()

    await asyncio.wait_for(app.run_async(size=size, auto_pilot=pilot), PATIENCE)
    assert told, "the story was not played"
    if told[0] is not None:
        raise told[0]


async def until(pilot: Pilot[object], condition: Callable[[], object]) -> None:
    """Let the app run until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await pilot.pause(LossChart.LEAST_SECONDS / 10)


def run_of(epochs: int) -> tuple[Series, Series]:
    """The train and the test curve of a run that has come as far as that."""
    xs = list(range(1, epochs + 1))
    train = [0.3 + 0.4 * math.exp(-epoch / 12) for epoch in xs]
    test = [0.35 + 0.4 * math.exp(-epoch / 15) + 0.01 * math.sin(epoch) for epoch in xs]
    return Series("train", xs, train, line_style="dotted"), Series("test", xs, test)


async def shown(app: Chart, pilot: Pilot[object], series: tuple[Series, ...], planned: int = 100) -> str:
    """Show series, wait until they are painted, and give the picture."""
    before = app.chart.frame
    app.chart.show(series, x_range=(1, planned), y_label="loss", floor=0.0)
    await until(pilot, lambda: app.chart.frame is not before)
    await pilot.pause()
    return app.chart.frame.text


async def test_a_live_run_sends_few_bytes_a_paint() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        await shown(app, pilot, run_of(30))
        app.take_sent()
        sent = []
        for epochs in range(31, 61):
            await shown(app, pilot, run_of(epochs))
            sent.append(app.take_sent())
        assert all(sent)
        assert sum(sent) / len(sent) <= 600

    await play(story)


async def test_what_is_sent_is_what_changed_and_not_the_row_before_it() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        flat = Series("flat", list(range(1, 100)), [0.5] * 99)
        longer = Series("flat", list(range(1, 101)), [0.5] * 100)
        await shown(app, pilot, (flat,))
        app.take_sent()
        await shown(app, pilot, (longer,))
        assert app.take_sent() <= 250

    await play(story)


async def test_nothing_new_sends_nothing() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        await shown(app, pilot, run_of(30))
        app.take_sent()
        for _ in range(3):
            app.chart.show(run_of(30), x_range=(1, 100), y_label="loss", floor=0.0)
            await until(pilot, lambda: app.chart.is_up_to_date)
        await pilot.hover(LossChart, offset=(50, 10))
        await pilot.hover(LossChart, offset=(90, 20))
        await pilot.pause()
        assert app.take_sent() == 0

    await play(story)


async def test_many_updates_are_painted_as_one() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        await shown(app, pilot, run_of(10))
        frames = {id(app.chart.frame)}
        for epochs in range(11, 60):
            app.chart.show(run_of(epochs), x_range=(1, 100), y_label="loss", floor=0.0)
            frames.add(id(app.chart.frame))
        assert len(frames) <= 2
        await until(pilot, lambda: f"test {run_of(59)[1].ys[-1]:.3f}" in app.chart.frame.text)

    await play(story)


async def test_the_screen_shows_the_frame() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        for size in ((140, 40), (61, 17), (7, 3)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: (app.chart.frame.width, app.chart.frame.height) == size)  # noqa: B023
            for epochs in (10, 50):
                await shown(app, pilot, run_of(epochs))
                assert screen_text(app) == app.chart.frame.text

    await play(story)


def screen_text(app: Chart) -> str:
    """What the tiles say side by side."""
    tiles = sorted(app.chart.children, key=lambda tile: tile.region.x)
    height = app.chart.size.height
    return "\n".join("".join(tile.render_line(y).text for tile in tiles if tile.size.width) for y in range(height))


async def test_each_key_s_method_changes_the_picture_and_says_so() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        chart = app.chart
        first = await shown(app, pilot, run_of(50))
        chart.toggle_log()
        assert "log" in chart.frame.text
        chart.smooth(1)
        assert "smooth 0.30" in chart.frame.text
        chart.smooth(-1)
        chart.toggle_log()
        chart.zoom(1)
        assert "zoom 21-80" in chart.frame.text
        chart.sideways(1)
        assert "zoom 33-92" in chart.frame.text
        chart.reset_zoom()
        chart.toggle_legend()
        assert "━━━ test" not in chart.frame.text
        chart.toggle_legend()
        chart.set_ascii(True)
        assert chart.frame.text.isascii()
        chart.set_ascii(False)
        assert chart.frame.text == first
        await pilot.pause()
        assert [kind for kind, _ in app.messages] == ["view"] * 11
        assert app.messages[-1] == ("view", ViewState())

    await play(story)


async def test_the_crosshair_reads_out_and_moves() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        chart = app.chart
        await shown(app, pilot, run_of(50))
        chart.toggle_crosshair()
        assert "epoch 50" in chart.frame.text
        chart.sideways(-1)
        assert "epoch 49" in chart.frame.text
        assert f"{run_of(50)[1].ys[48]:.6g}" in chart.frame.text.splitlines()[0]
        chart.toggle_crosshair()
        assert "epoch 49" not in chart.frame.text
        await pilot.pause()
        assert [message for message in app.messages if message[0] == "crosshair"] == [
            ("crosshair", 50.0),
            ("crosshair", 49.0),
            ("crosshair", None),
        ]

    await play(story)


async def test_a_click_puts_the_crosshair_and_the_wheel_zooms_around_the_pointer() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        chart = app.chart
        await shown(app, pilot, run_of(50))
        column = chart.frame.rows[-2].index("┬") + 1
        await pilot.click(LossChart, offset=(column - 1, 10))
        assert chart.view.crosshair == 1
        await pilot.click(LossChart, offset=(0, 10))
        assert chart.view.crosshair == 1
        chart.post_message(MouseScrollUp(chart, column - 1, 10, 0, 0, 0, False, False, False))
        await until(pilot, lambda: chart.view.window is not None)
        assert chart.view.window is not None
        assert chart.view.window[0] == pytest.approx(1.0, abs=0.5)
        assert chart.view.window[1] < 100

    await play(story)


async def test_a_theme_changes_the_colours_and_not_the_text() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        app.theme = "textual-dark"
        text = await shown(app, pilot, run_of(50))
        dark = inks_on_screen(app)
        app.theme = "textual-light"
        await pilot.pause()
        assert app.chart.frame.text == text
        assert not dark & inks_on_screen(app)

    await play(story)


def inks_on_screen(app: Chart) -> set[Any]:
    """The foreground colours of the plot's cells that aren't blank."""
    return {
        segment.style.color
        for tile in app.chart.children
        for y in range(app.chart.size.height)
        for segment in tile.render_line(y)
        if segment.style and segment.text.strip()
    }


async def test_no_colour_leaves_greys_and_glyphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLORTERM", "truecolor")

    async def story(app: Chart, pilot: Pilot[object]) -> None:
        several = tuple(Series(name, [1, 2], [at, at], slot=at) for at, name in enumerate(("mse", "bce", "hinge")))
        text = await shown(app, pilot, several, planned=2)
        assert all(sign in text for sign in ("● mse", "▲ bce", "■ hinge"))
        colours = re.findall(r"[34]8;2;(\d+);(\d+);(\d+)", app.sent())
        assert colours
        assert all(red == green == blue for red, green, blue in colours)

    await play(story)


async def test_ascii_from_the_start() -> None:
    async def story(app: Chart, pilot: Pilot[object]) -> None:
        assert (await shown(app, pilot, run_of(50))).isascii()

    await play(story, ascii=True)
