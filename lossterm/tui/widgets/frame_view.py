"""A widget that shows a frame of cells and sends only those that changed since the frame before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ...chart import Frame, changed_spans
from ...chart.ink import BLANK

TILES = 12
"""Into how many columns a frame is cut. More send less when little changes and more when all does; 12 sends least."""


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
    """Shows frames; what is in them, and which style an ink has, is for its subclasses to say."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "FrameView { layout: horizontal; overflow: hidden; }"

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._frame = Frame(0, 0, (), ())
        self._styles: Sequence[Style] | None = None

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

    def ink_styles(self) -> Sequence[Style]:
        """A style for each ink, in the present theme."""
        raise NotImplementedError

    def set_frame(self, frame: Frame) -> None:
        """Show another frame; only the cells that differ are drawn again."""
        old, self._frame = self._frame, frame
        for y, first, last in changed_spans(old, frame):
            for tile in self._tiles:
                start = max(first - tile.first_column, 0)
                end = min(last - tile.first_column, tile.size.width)
                if start < end:
                    tile.refresh(Region(start, y, end - start, 1))

    def strip(self, y: int, x: int, width: int) -> Strip:
        """Part of a row of the frame, with as few changes of style as its characters allow."""
        if self._styles is None:
            self._styles = self.ink_styles()
        styles = self._styles
        if not 0 <= y < self._frame.height:
            return Strip.blank(width, styles[BLANK])
        text = self._frame.rows[y][x : x + width].ljust(width)
        inks = self._frame.inks[y][x : x + width].ljust(width, b"\0")
        return Strip([Segment(text[first:last], styles[ink]) for first, last, ink in _stretches(inks, styles)], width)

    def notify_style_update(self) -> None:
        """Take the colours of a changed theme."""
        super().notify_style_update()
        self._styles = None
        for tile in self._tiles:
            tile.refresh()


def _stretches(inks: bytes, styles: Sequence[Style]) -> Iterator[tuple[int, int, int]]:
    """Cut a row into stretches of one style: first cell, cell after the last, ink.

    A blank shows nothing but its background, so it goes with whatever stands beside it on the same background: each
    change of style costs about forty bytes.
    """
    blank = styles[BLANK].bgcolor
    start, current = 0, BLANK
    for at, ink in enumerate(inks):
        if ink == current or (ink == BLANK and styles[current].bgcolor == blank):
            continue
        if current == BLANK and styles[ink].bgcolor == blank:
            current = ink
            continue
        if at > start:
            yield start, at, current
        start, current = at, ink
    if start < len(inks):
        yield start, len(inks), current
