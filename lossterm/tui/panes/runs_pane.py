"""The pane of the runs: the table with its filter, and the keys that choose among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from ...runs.records import Run
from ..messages import DeleteRuns, ExportRuns, Request, Requested, RestoreRuns
from ..run_list import RunOrder
from ..screens.dialogs import Export, ExportScreen
from ..state import Selection
from ..widgets.lines import set_title
from ..widgets.runs_table import RunsTable, TableContent


@dataclass(frozen=True, eq=False)
class RunsContent:
    """What the pane shows and acts on.

    Attributes:
        table: What the table shows.
        selection: The marked and the highlighted runs.
        order: The order and the filter of the table.
        busy: The runs that are queued or active.
    """

    table: TableContent = field(default_factory=TableContent)
    selection: Selection = field(default_factory=Selection)
    order: RunOrder = field(default_factory=RunOrder)
    busy: Sequence[Run] = ()

    @property
    def current(self) -> Run | None:
        """The highlighted run."""
        highlighted = self.selection.highlighted
        return None if highlighted is None else self.table.runs.get(highlighted)


class RunsPane(Vertical):
    """Shows the runs, and asks for what a person wants done with them."""

    class SelectionChanged(Message):
        """Other runs are marked or highlighted. `by_cursor`: whether the cursor was moved by hand."""

        def __init__(self, selection: Selection, by_cursor: bool = False) -> None:
            super().__init__()
            self.selection, self.by_cursor = selection, by_cursor

    class OrderChanged(Message):
        """The table is to be ordered or filtered in another way."""

        def __init__(self, order: RunOrder) -> None:
            super().__init__()
            self.order = order

    def __init__(self) -> None:
        super().__init__(id="runs-pane")
        self._content = RunsContent()
        self._deleted: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    def compose(self) -> ComposeResult:
        """The table, and below it the filter while it is open."""
        yield RunsTable()
        yield Input(id="filter", placeholder="filter: words in loss, dataset, status, note …", compact=True)

    def show_content(self, content: RunsContent) -> None:
        """Show this from now on."""
        self._content = content
        table = self.query_one(RunsTable)
        table.show(content.table)
        marked, words = content.selection.marked, content.order.filter
        title = f"Runs {len(content.table.rows)}"
        title += (f" · {len(marked)} marked" if marked else "") + (f" · filter: {words}" if words else "")
        set_title(table, title)

    def forget(self) -> None:
        """Forget what was deleted: the store that it could come back from was replaced."""
        self._deleted.clear()

    def focus_table(self) -> None:
        """Give the arrows to the table."""
        self.query_one(RunsTable).focus()

    def _request(self, request: Request) -> None:
        self.post_message(Requested(request))

    def _warn(self, words: str) -> None:
        self.notify(words, severity="warning", markup=False)

    def _current(self) -> Run | None:
        """The highlighted run; says so if there is none."""
        if self._content.current is None:
            self._warn("no run is highlighted")
        return self._content.current

    def _marked_or_current(self) -> tuple[int, ...]:
        """The ids of the marked runs, or of the highlighted one."""
        run = self._content.current
        return self._content.selection.marked or ((run.id,) if run is not None else ())

    # -- choosing runs --------------------------------------------------------------------------------------

    @on(RunsTable.Highlighted)
    def _highlighted(self, event: RunsTable.Highlighted) -> None:
        event.stop()
        self.post_message(self.SelectionChanged(self._content.selection.highlight(event.run_id), by_cursor=True))

    def action_mark(self) -> None:
        """Mark the highlighted run, or unmark it."""
        run = self._current()
        if run is not None and run.unreadable:
            self._warn(f"run {run.id} cannot be read: it takes part in nothing")
        elif run is not None:
            self.post_message(self.SelectionChanged(self._content.selection.toggle(run.id)))

    def action_mark_all(self) -> None:
        """Mark what the table shows, from the bottom up; unmark all if it is marked already."""
        runs = self._content.table.runs
        rows = [run_id for run_id in reversed(self._content.table.rows) if not runs[run_id].unreadable]
        everything = self._content.selection.marked_set.issuperset(rows)
        self.post_message(self.SelectionChanged(self._content.selection.mark(() if everything else rows)))

    # -- order and filter -----------------------------------------------------------------------------------

    @on(RunsTable.Sorted)
    def _sorted(self, event: RunsTable.Sorted) -> None:
        event.stop()
        self.post_message(self.OrderChanged(self._content.order.by(event.column)))

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.post_message(self.OrderChanged(self._content.order.by_next(self._content.table.columns)))

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.post_message(self.OrderChanged(self._content.order.reversed()))

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one("#filter", Input)
        field.add_class("open")
        field.value = self._content.order.filter
        field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._content.order.filter:
            self.post_message(self.OrderChanged(self._content.order.filtered(event.value)))

    @on(Input.Submitted, "#filter")
    def _close_filter(self) -> None:
        """Go back to the table; the filter stays."""
        self.query_one("#filter").remove_class("open")
        self.focus_table()

    def clear_filter(self) -> None:
        """Close the filter, and show every run again."""
        field = self.query_one("#filter", Input)
        if field.has_class("open") or self._content.order.filter:
            field.value = ""
            self.post_message(self.OrderChanged(self._content.order.filtered("")))
            self._close_filter()

    # -- keeping --------------------------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Delete the marked runs, or else the highlighted one; `u` brings them back."""
        busy = {run.id for run in self._content.busy}
        runs = self._content.table.runs
        ended = tuple(i for i in self._marked_or_current() if i in runs and i not in busy)
        if not ended:
            self._warn("nothing to delete: a queued or training run must end first")
            return
        marked = tuple(i for i in self._content.selection.marked if i in ended)
        self._deleted.append((ended, marked))
        self._request(DeleteRuns(ended))
        self.notify(f"deleted {len(ended):,} run{'s' if len(ended) > 1 else ''}; u brings them back")

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if not self._deleted:
            self._warn("nothing was deleted")
            return
        run_ids, marked = self._deleted.pop()
        self._request(RestoreRuns(run_ids))
        selection = self._content.selection
        self.post_message(self.SelectionChanged(selection.mark(dict.fromkeys((*selection.marked, *marked)))))

    def action_export(self) -> None:
        """Export the marked runs, or else the highlighted one."""
        run_ids = self._marked_or_current()
        if not run_ids:
            self._warn("nothing to export: no run is highlighted")
            return

        def chosen(export: Export | None) -> None:
            if export is not None:
                self._request(ExportRuns(run_ids, export.format, export.path, export.replace))

        self.app.push_screen(ExportScreen(run_ids), chosen)
