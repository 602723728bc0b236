"""The table of runs: thousands of them scroll and sort at once, and a live one repaints only its own cells.

Runs that were queued together are one row, which can be opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ...runs.records import Run
from ...text import printable
from ..columns import COLUMNS, CURVE, RunColumn, in_view
from ..run_data import ShownRuns
from ..selection import Group, Row
from .group_line import GroupLine, group_pieces
from .lines import ROLES, changed_span, fit
from .palette import sixteen_colors, slot_style

_MARK_WIDTH = 3


@dataclass(frozen=True, eq=False)
class TableContent:
    """What the table shows; it works out only the rows that are in view.

    Attributes:
        rows: The rows, from the top.
        runs: All runs by id.
        columns: The columns, from the left.
        shown: The runs in the chart.
        marked: The ids of the marked runs.
        cursor: The row under the cursor.
        sort: The column that the rows are sorted by, and whether the greatest comes first.
        slot: The colour of a run that is in the chart.
        glyph: The marker of a slot's curve; empty where the chart needs none.
        group_line: What the row of a group says.
        empty: What is said where there are no rows.
    """

    rows: Sequence[Row] = ()
    runs: Mapping[int, Run] = field(default_factory=dict)
    columns: Sequence[RunColumn] = COLUMNS
    shown: ShownRuns = field(default_factory=ShownRuns)
    marked: frozenset[int] = frozenset()
    cursor: Row | None = None
    sort: tuple[str, bool] = ("id", True)
    slot: Callable[[Run], int] = lambda _: 0
    glyph: Callable[[int], str] = lambda _: ""
    group_line: Callable[[Group], GroupLine] | None = None
    empty: str = ""


class RunsTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Runs in rows, a highlighted one, and a heading that stays. Knows the runs it is shown, nothing else.

    The plain left and right arrows are the chart's, however wide the table is.
    """

    COMPONENT_CLASSES = {f"lines--{role}" for role in ROLES}
    BINDINGS = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home,g", "move(-1000000)", "first", show=False),
        Binding("end,G", "move(1000000)", "last", show=False),
        Binding("enter", "open", "open", show=False),
        Binding("shift+left", "scroll_left", "left", show=False),
        Binding("shift+right", "scroll_right", "right", show=False),
    ]

    class Highlighted(Message):
        """The cursor was put on another row by hand."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Opened(Message):
        """The row under the cursor is to be opened."""

    class Sorted(Message):
        """A heading was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self) -> None:
        super().__init__(id="runs")
        self._content = TableContent()
        self._painted: dict[int, Strip] = {}

    def show(self, content: TableContent) -> None:
        """Show this from now on; only the cells in view that differ are painted again."""
        old, self._content = self._content, content
        if len(old.rows) != len(content.rows) or old.columns != content.columns:
            self._measure()
        if old.cursor != content.cursor:
            self._scroll_to_cursor()
        self._repaint()

    # -- moving ---------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Put the cursor `step` rows further."""
        rows = self._content.rows
        if rows:
            at = min(max(self._cursor_row() + step, 0), len(rows) - 1)
            self.post_message(self.Highlighted(rows[at]))

    def action_page(self, pages: int) -> None:
        """Put the cursor a page further."""
        self.action_move(pages * max(self.size.height - 2, 1))

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self._content.rows:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        """Put the cursor on the row under the pointer, or sort by the heading under it; a second click opens it."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            column = self._column_at(place.x + self.scroll_offset.x)
            if column is not None:
                self.post_message(self.Sorted(column.name))
            return
        at = place.y - 1 + self.scroll_offset.y
        if at < len(self._content.rows):
            self.post_message(self.Highlighted(self._content.rows[at]))
            if event.chain > 1:
                self.post_message(self.Opened())

    def _cursor_row(self) -> int:
        try:
            return self._content.rows.index(self._content.cursor)
        except ValueError:
            return 0

    def _scroll_to_cursor(self) -> None:
        at, top, height = self._cursor_row(), self.scroll_offset.y, self.size.height - 1
        if height > 0 and not top <= at < top + height:
            self.scroll_to(y=at if at < top else at - height + 1, animate=False)

    # -- painting -------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self._measure()
        self._painted.clear()
        self.refresh()  # it may have been painted at this size already, and what is not in `_painted` is never again
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        """Paint again in the new theme's colours."""
        super().notify_style_update()
        self._painted.clear()

    def watch_has_focus(self, _focus: bool) -> None:
        """Show where the arrows go."""
        self._repaint()

    def render_line(self, y: int) -> Strip:
        """The heading, or a row."""
        strip = self._strip(y)
        self._painted[y] = strip
        return strip

    def _repaint(self) -> None:
        """Refresh the cells that changed since they were painted last."""
        width = self.size.width
        for y, old in list(self._painted.items()):
            if y >= self.size.height:
                continue
            span = changed_span(old, self._strip(y))
            if span is not None:
                self.refresh(Region(span[0], y, min(span[1], width) - span[0], 1))

    def _measure(self) -> None:
        width = _MARK_WIDTH + sum(column.cells(self._narrow) + 1 for column in self._columns)
        self.virtual_size = Size(width, len(self._content.rows) + 1)

    @property
    def _width(self) -> int:
        """In cells, without the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def _narrow(self) -> bool:
        return self._width + 1 < _MARK_WIDTH + sum(column.width + 1 for column in self._content.columns)

    @property
    def _columns(self) -> Sequence[RunColumn]:
        """The columns as they stand at this width."""
        columns = self._content.columns
        return in_view(columns, self._width + 1 - _MARK_WIDTH) if self._narrow else columns

    def _whole(self, at: int, width: int) -> bool:
        """Whether a column that begins at a cell is whole in view: half a number would be another number."""
        left = self.scroll_offset.x
        return left <= at and at + width <= left + self._width

    def _strip(self, y: int) -> Strip:
        left, width = self.scroll_offset.x, self._width
        at = y - 1 + self.scroll_offset.y
        rows = self._content.rows
        if y == 0:
            segments = self._heading()
        elif at < len(rows):
            row = rows[at]
            if isinstance(row, Group):
                return self._group(row, width)
            segments = self._row(self._content.runs[row])
        else:
            words = f" {self._content.empty}" if not rows and y == 1 else ""
            return Strip([Segment(fit(words, width), self._role("muted"))]).simplify()
        return Strip(segments).crop_extend(left, left + width, self.rich_style).simplify()

    def _heading(self) -> list[Segment]:
        segments = [Segment(" " * _MARK_WIDTH, self._role("title"))]
        name, descending = self._content.sort
        at = _MARK_WIDTH
        for column in self._columns:
            title = column.heading(self._narrow)
            width = column.cells(self._narrow)
            title = title if self._whole(at, width) else ""
            at += width + 1
            if title and column.name == name:
                title = fit(title, min(len(title), width - 1)) + ("▾" if descending else "▴")
            segments.append(Segment(fit(title, width, column.right) + " ", self._role("title")))
        return segments

    def _group(self, group: Group, width: int) -> Strip:
        """The row of an experiment or of a loss in it: not in columns, and not scrolled sideways."""
        assert self._content.group_line is not None
        line = self._content.group_line(group)
        cursor, (colour, glyph) = self._cursor_style(group), self._curve(line.run)
        segments = [Segment(("●" if line.marked else " ") + glyph + " ", colour + cursor)]
        for role, text in group_pieces(line, width - _MARK_WIDTH):
            segments.append(Segment(printable(text), (colour if role == CURVE else self._role(role)) + cursor))
        return Strip(segments).adjust_cell_length(width, self.rich_style).simplify()

    def _cursor_style(self, row: Row) -> Style:
        if row != self._content.cursor:
            return Style.null()
        return self._role("cursor" if self.has_focus else "selected")

    def _curve(self, run: Run | None) -> tuple[Style, str]:
        """The colour and the glyph of a run's curve, or plain text where it has none."""
        content = self._content
        if run is None or run.id not in content.shown.ids:
            return self._role("text"), " "
        slot = content.slot(run)
        return self._slot_style(slot), content.glyph(slot) or " "

    def _row(self, run: Run) -> list[Segment]:
        content = self._content
        cursor, (colour, glyph) = self._cursor_style(run.id), self._curve(run)
        mark = ("●" if run.id in content.marked else " ") + glyph + ("^" if run.pinned else " ")
        segments = [Segment(mark, colour + cursor)]
        narrow = self._narrow
        if run.unreadable:
            first = self._columns[0]
            number = fit(str(run.id), first.cells(narrow), first.right)
            words = f" {run.status}: {run.unreadable}" + (f" · {run.note}" if run.note else "")
            return [
                *segments,
                Segment(number, self._role("muted") + cursor),
                Segment(printable(words), self._role("bad") + cursor),
            ]
        at = _MARK_WIDTH
        for column in self._columns:
            width = column.cells(narrow)
            text = column.text(run, content.shown) if self._whole(at, width) else ""
            text = fit(text, width, column.right)
            at += width + 1
            role = column.role_of(run)
            segments.append(Segment(text + " ", (colour if role == CURVE else self._role(role)) + cursor))
        return segments

    def _role(self, role: str) -> Style:
        return self.get_component_rich_style(f"lines--{role}")

    def _slot_style(self, slot: int) -> Style:
        return slot_style(slot, self.background_colors[1], ansi=sixteen_colors(self.app))

    def _column_at(self, x: int) -> RunColumn | None:
        edge = _MARK_WIDTH
        for column in self._columns:
            edge += column.cells(self._narrow) + 1
            if _MARK_WIDTH <= x < edge:
                return column
        return None
