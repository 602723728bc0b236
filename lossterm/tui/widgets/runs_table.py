"""The table of runs: a hundred of them scroll and sort at once, and a live one repaints only its own cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ...records import Run
from ..columns import COLUMNS, Column
from .lines import ROLES, changed_span, fit
from .palette import sixteen_colors, slot_style

_MARK_WIDTH = 3


@dataclass(frozen=True)
class Row:
    """One run in the table; `glyph` is its curve's marker where it is in the chart, `slot` its colour."""

    run: Run
    marked: bool
    slot: int | None
    glyph: str


class RunsTable(ScrollView, can_focus=True):
    """Runs in rows, a highlighted one, and a heading that stays. Knows the runs it is shown, nothing else."""

    COMPONENT_CLASSES = {f"lines--{role}" for role in ROLES}
    BINDINGS = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "move(-1000000)", "first", show=False),
        Binding("end", "move(1000000)", "last", show=False),
        Binding("shift+left", "scroll_left", "left", show=False),
        Binding("shift+right", "scroll_right", "right", show=False),
    ]

    class Highlighted(Message):
        """Another run was highlighted by hand."""

        def __init__(self, run_id: int) -> None:
            super().__init__()
            self.run_id = run_id

    class Sorted(Message):
        """A heading was clicked."""

        def __init__(self, column: str) -> None:
            super().__init__()
            self.column = column

    def __init__(self) -> None:
        super().__init__(id="runs")
        self._rows: list[Row] = []
        self._columns: tuple[Column, ...] = COLUMNS
        self._cursor: int | None = None
        self._sort = ("id", True)
        self._empty = ""
        self._painted: dict[int, Strip] = {}

    def show(
        self,
        rows: Sequence[Row],
        columns: Sequence[Column],
        cursor: int | None,
        sort: tuple[str, bool],
        empty: str,
    ) -> None:
        """Show rows, the run `cursor` highlighted; `sort` is (column, descending); `empty` is said without rows."""
        names = [column.name for column in columns]
        rearranged = names != [column.name for column in self._columns]
        if not rearranged and (list(rows), cursor, sort, empty) == (self._rows, self._cursor, self._sort, self._empty):
            return
        moved = cursor != self._cursor
        resized = rearranged or len(rows) != len(self._rows)
        self._rows, self._cursor, self._sort, self._empty = list(rows), cursor, sort, empty
        self._columns = tuple(columns)
        if resized:
            self._measure()
        if moved:
            self._scroll_to_cursor()
        self._repaint()

    # -- moving ---------------------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Highlight the run `step` rows further."""
        if not self._rows:
            return
        at = min(max(self._cursor_row() + step, 0), len(self._rows) - 1)
        self.post_message(self.Highlighted(self._rows[at].run.id))

    def action_page(self, pages: int) -> None:
        """Highlight the run a page further."""
        self.action_move(pages * max(self.size.height - 2, 1))

    def on_click(self, event: Click) -> None:
        """Highlight the run under the pointer, or sort by the heading under it."""
        if event.y == 0:
            column = self._column_at(event.x + self.scroll_offset.x)
            if column is not None:
                self.post_message(self.Sorted(column.name))
            return
        at = event.y - 1 + self.scroll_offset.y
        if 0 <= at < len(self._rows):
            self.post_message(self.Highlighted(self._rows[at].run.id))

    def _cursor_row(self) -> int:
        return next((at for at, row in enumerate(self._rows) if row.run.id == self._cursor), 0)

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
        width = _MARK_WIDTH + sum(column.cells(self._brief) + 1 for column in self._columns)
        self.virtual_size = Size(width, len(self._rows) + 1)

    @property
    def _brief(self) -> bool:
        return self.size.width < _MARK_WIDTH + sum(column.width + 1 for column in self._columns)

    def _strip(self, y: int) -> Strip:
        left, width = self.scroll_offset.x, self.size.width
        at = y - 1 + self.scroll_offset.y
        base = self.rich_style
        if y == 0:
            segments = self._heading()
        elif at < len(self._rows):
            segments = self._row(self._rows[at])
        else:
            words = f" {self._empty}" if not self._rows and y == 1 else ""
            return Strip([Segment(fit(words, width), self._role("dim"))]).simplify()
        return Strip(segments).crop_extend(left, left + width, base).simplify()

    def _heading(self) -> list[Segment]:
        segments = [Segment(" " * _MARK_WIDTH, self._role("title"))]
        name, descending = self._sort
        for column in self._columns:
            title = column.heading(self._brief)
            width = column.cells(self._brief)
            if column.name == name:
                title = fit(title, min(len(title), width - 1)) + ("▾" if descending else "▴")
            segments.append(Segment(fit(title, width, column.right) + " ", self._role("title")))
        return segments

    def _row(self, row: Row) -> list[Segment]:
        run = row.run
        cursor = self._role("cursor") if run.id == self._cursor else Style.null()
        if run.id == self._cursor and not self.has_focus:
            cursor = self._role("selected")
        mark = (
            ("●" if row.marked else " ") + (row.glyph if row.slot is not None else " ") + ("^" if run.pinned else " ")
        )
        colour = self._role("text") if row.slot is None else self._slot_style(row.slot)
        segments = [Segment(mark, colour + cursor)]
        for column in self._columns:
            text = fit(column.text(run), column.cells(self._brief), column.right)
            segments.append(Segment(text + " ", self._cell_style(column, run, colour) + cursor))
        return segments

    def _cell_style(self, column: Column, run: Run, colour: Style) -> Style:
        if column.name == "loss":
            return colour
        if column.name == "status":
            bad = {"failed": "bad", "diverged": "bad", "interrupted": "bad", "finished": "good"}
            return self._role(bad.get(run.status, "accent" if run.status in ("running", "starting") else "dim"))
        if column.setting:
            return self._role("changed")
        return self._role("text" if column.name in ("test_metric", "best", "dataset") else "dim")

    def _role(self, role: str) -> Style:
        return self.get_component_rich_style(f"lines--{role}")

    def _slot_style(self, slot: int) -> Style:
        return slot_style(slot, self.background_colors[1], ansi=sixteen_colors(self.app))

    def _column_at(self, x: int) -> Column | None:
        edge = _MARK_WIDTH
        for column in self._columns:
            edge += column.cells(self._brief) + 1
            if _MARK_WIDTH <= x < edge:
                return column
        return None
