"""A widget that shows a frame of cells, now and then a new one, and sends only what changed since the one before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from ...chart import Frame, changed_spans
from ...chart import styles as chart_styles
from ...chart.styles import BLANK
from .palette import cell_styles, sixteen_colors

TILES = 12
"""Into how many columns a frame is cut. More send less when little changes and more when all does; 12 sends least."""


_PARTS = {
    chart_styles.AXIS: "frame-view--axis",
    chart_styles.TICK_LABEL: "frame-view--tick",
    chart_styles.GRID: "frame-view--grid",
    chart_styles.TITLE: "frame-view--title",
    chart_styles.TEXT: "frame-view--text",
    chart_styles.NOTE: "frame-view--note",
    chart_styles.CROSSHAIR: "frame-view--cross",
}


class Tile(Widget):
    """A column of the frame, from top to bottom.

    The frame is cut into columns because of what a partial update sends: Textual (8.2, `ChopsUpdate`) cuts a changed
    row at the right end of the change but not at its left, so all from the widget's left edge on goes out again.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "Tile { width: 1fr; height: 1fr; }"

    def __init__(self, view: FrameView) -> None:
        super().__init__()
        self._view = view

    def render_line(self, y: int) -> Strip:
        """The tile's part of a row of the frame."""
        return self._view.strip(y, self.first_column, self.size.width)

    @property
    def first_column(self) -> int:
        """Where in the frame the tile begins."""
        return self.region.x - self._view.content_region.x


class FrameView(Widget):
    """Shows frames; what is in them is for its subclasses to say, and so are style ids beyond the chart's.

    LEAST_SECONDS: between two pictures of something that keeps changing. What a person asks for is drawn at once.
    SECONDS_A_CELL: how much longer, for each cell that the last picture changed: what sends much is sent less often.
    """

    LEAST_SECONDS: ClassVar[float] = 0.1
    SECONDS_A_CELL: ClassVar[float] = 0.0

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(_PARTS.values())
    DEFAULT_CSS = """
    FrameView { layout: horizontal; overflow: hidden; width: 1fr; height: 1fr; }
    FrameView .frame-view--axis { color: $foreground 40%; }
    FrameView .frame-view--tick { color: $foreground 65%; }
    FrameView .frame-view--grid { color: $foreground 22%; }
    FrameView .frame-view--title { color: $foreground; text-style: bold; }
    FrameView .frame-view--text { color: $foreground 75%; }
    FrameView .frame-view--note { color: $text-warning; }
    FrameView .frame-view--cross { color: $foreground 55%; }
    """

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._frame = Frame(0, 0, (), ())
        self._styles: Mapping[int, Style] | None = None
        self._timer: Timer | None = None
        self._rest_until = 0.0

    def compose(self) -> ComposeResult:
        """Cut the widget into tiles."""
        yield from self._tiles

    @cached_property
    def _tiles(self) -> tuple[Tile, ...]:
        return tuple(Tile(self) for _ in range(TILES))

    @property
    def frame(self) -> Frame:
        """The frame that is shown."""
        return self._frame

    def cell_styles(self) -> Mapping[int, Style]:
        """A style for each style id, in the present theme: the parts of a chart from CSS, series from the palette."""
        parts = {number: self.get_component_rich_style(name) for number, name in _PARTS.items()}
        return dict(enumerate(cell_styles(parts, self.background_colors[1], ansi=sixteen_colors(self.app))))

    def paint_frame(self) -> Frame:
        """The picture as it should be now, of `content_size`."""
        raise NotImplementedError

    @property
    def is_up_to_date(self) -> bool:
        """Whether the picture shows what was given last."""
        return self._timer is None

    def draw_soon(self) -> None:
        """Draw, though not within LEAST_SECONDS of the last picture. Cheap to call often."""
        if self._timer is None:
            wait = self._rest_until - monotonic()
            if wait > 0:
                self._timer = self.set_timer(wait, self.draw)
            else:
                self.draw()

    def draw(self) -> None:
        """Draw at once."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.is_mounted and self.content_size:
            changed = self.set_frame(self.paint_frame())
            self._rest_until = monotonic() + self.LEAST_SECONDS + changed * self.SECONDS_A_CELL

    def on_resize(self) -> None:
        """Draw for the new size."""
        self.draw()

    def set_frame(self, frame: Frame) -> int:
        """Show another frame; only the cells that differ are drawn again. Returns how many."""
        old, self._frame = self._frame, frame
        spans = changed_spans(old, frame)
        for y, first, last in spans:
            for tile in self._tiles:
                start = max(first - tile.first_column, 0)
                end = min(last - tile.first_column, tile.size.width)
                if start < end:
                    tile.refresh(Region(start, y, end - start, 1))
        return sum(last - first for _, first, last in spans)

    def strip(self, y: int, x: int, width: int) -> Strip:
        """Part of a row of the frame, with as few changes of style as its characters allow.

        A cell whose style has no colour but its background's is shown as blanks: half the bytes.
        """
        if self._styles is None:
            self._styles = self.cell_styles()
        styles = self._styles
        if not 0 <= y < self._frame.height:
            return Strip.blank(width, styles[BLANK])
        text = self._frame.rows[y][x : x + width].ljust(width)
        style_ids = self._frame.style_ids(y, x, x + width)
        return Strip(
            [
                Segment(text[first:last] if styles[each].color or each == BLANK else " " * (last - first), styles[each])
                for first, last, each in _stretches(style_ids, styles)
            ],
            width,
        )

    def notify_style_update(self) -> None:
        """Take the colours of a changed theme."""
        super().notify_style_update()
        self._styles = None
        for tile in self._tiles:
            tile.refresh()


def _stretches(style_ids: Sequence[int], styles: Mapping[int, Style]) -> Iterator[tuple[int, int, int]]:
    """Cut a row into stretches of one style: first cell, cell after the last, style id.

    A blank shows nothing but its background, so it goes with whatever stands beside it on the same background: each
    change of style costs about forty bytes.
    """
    blank = styles[BLANK].bgcolor
    start, current = 0, BLANK
    for at, style_id in enumerate(style_ids):
        if style_id == current or (style_id == BLANK and styles[current].bgcolor == blank):
            continue
        if current == BLANK and styles[style_id].bgcolor == blank:
            current = style_id
            continue
        if at > start:
            yield start, at, current
        start, current = at, style_id
    if start < len(style_ids):
        yield start, len(style_ids), current
