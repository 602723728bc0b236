"""The pane of the runs: the table with its filter, and the keys that choose among them."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from ...runs.records import Run
from ..messages import DeleteRuns, ExportRuns, ReadRunPage, Request, Requested, RestoreRuns
from ..run_list import RunOrder
from ..runs_content import RunsContent
from ..screens.dialogs import ConfirmScreen, Export, ExportScreen
from ..screens.run_page import RunPage
from ..selection import Group, Selection
from ..widgets.lines import set_title
from ..widgets.runs_table import RunsTable


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

    class GroupToggled(Message):
        """The rows of a group are to be shown below its own (`opened`), or hidden."""

        def __init__(self, group: Group, opened: bool) -> None:
            super().__init__()
            self.group, self.opened = group, opened

    class VerdictWanted(Message):
        """The page of a comparison is to be shown."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="runs-pane")
        self._content = RunsContent()
        self._deleted: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    def compose(self) -> ComposeResult:
        """The table, and below it the filter while it is open."""
        yield RunsTable()
        yield Input(id="filter", placeholder="filter: words, or seed:3 loss:mse status:finished note:…", compact=True)

    def show_content(self, content: RunsContent) -> None:
        """Show this from now on."""
        self._content = content
        table = self.query_one(RunsTable)
        table.show(content.table)
        marked, words = content.selection.marked, content.order.filter
        title = f"Runs {len(content.listed)}"
        title += (f" · {len(marked)} marked" if marked else "") + (f" · filter: {words}" if words else "")
        set_title(table, title)

    def forget(self) -> None:
        """Forget what was deleted: the store that it could come back from was replaced."""
        self._deleted.clear()

    def enter_words(self, short: bool) -> str:
        """What Enter does where the keys go now: in the filter, or in the table."""
        return "keep the filter" if self.query_one("#filter").has_focus else self._content.enter_words(short)

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

    # -- choosing runs --------------------------------------------------------------------------------------

    @on(RunsTable.Highlighted)
    def _highlighted(self, event: RunsTable.Highlighted) -> None:
        event.stop()
        self.post_message(self.SelectionChanged(self._content.selection.highlight(event.row), by_cursor=True))

    @on(RunsTable.Opened)
    def _opened(self, event: RunsTable.Opened) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Open the highlighted experiment and compare its runs, close it again, or show the highlighted run's page."""
        group, content = self._content.selection.group, self._content
        if group is None:
            self._show_page()
            return
        if group.settings is None and content.experiments.is_comparison(group.experiment):
            self.post_message(self.VerdictWanted(group.experiment))
            return
        ids = content.readable(content.group_ids)
        if group.settings is None and content.selection.marked_set != set(ids):
            self.post_message(self.SelectionChanged(content.selection.mark(ids)))
        self.post_message(self.GroupToggled(group, not content.closes))

    def _show_page(self) -> None:
        run = self._current()
        if run is not None:
            experiments = self._content.experiments
            name = "" if run.experiment_id is None else experiments.named(run.experiment_id).title
            self.app.push_screen(RunPage(run, name))
            self._request(ReadRunPage(run.id))

    def action_reopen(self) -> None:
        """Mark the runs again that were compared last."""
        ids = self._content.readable(self._content.comparison)
        if not ids:
            self._warn("nothing was compared yet: mark runs with space, or train several with a")
            return
        self.post_message(self.SelectionChanged(self._content.selection.mark(ids)))

    def action_mark(self) -> None:
        """Mark the highlighted run, or all of the highlighted group, or unmark them."""
        if self._content.group_ids:
            ids: Sequence[int] = self._content.readable(self._content.group_ids)
        elif (run := self._current()) is None:
            return
        elif run.unreadable:
            self._warn(f"run {run.id} cannot be read: it takes part in nothing")
            return
        else:
            ids = [run.id]
        self.post_message(self.SelectionChanged(self._content.selection.toggle(ids)))

    def action_mark_all(self) -> None:
        """Mark what the table has, from the bottom up; unmark all if it is marked already."""
        rows = self._content.readable(reversed(self._content.listed))
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
        """Delete the highlighted experiment, the marked runs, or else the highlighted one; asks about several."""
        content = self._content
        busy = {run.id for run in content.busy}
        group = content.selection.group
        ids = content.chosen
        ended = tuple(i for i in ids if i in content.table.runs and i not in busy)
        if not ended:
            self._warn("nothing to delete: a queued or training run must end first")
        elif group is not None and len(ended) < len(ids):
            self._warn("some of its runs are queued or training: x stops them")
        elif len(ended) == 1:
            self._delete(ended)
        else:
            words = f"{len(ended):,} marked runs"
            if group is not None:
                words = f"{len(ended):,} runs of “{content.experiments.title(group)}”"
            question = ConfirmScreen(f"Delete the {words}?", "u brings them back.", "delete")
            self.app.push_screen(question, lambda wanted: self._delete(ended) if wanted else None)

    def _delete(self, run_ids: tuple[int, ...]) -> None:
        marked = tuple(i for i in self._content.selection.marked if i in run_ids)
        self._deleted.append((run_ids, marked))
        self._request(DeleteRuns(run_ids))
        self.notify(f"deleted {len(run_ids):,} run{'s' if len(run_ids) > 1 else ''}; u brings them back")

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
        """Export the highlighted experiment, the marked runs, or else the highlighted one."""
        run_ids = self._content.chosen
        if not run_ids:
            self._warn("nothing to export: no run is highlighted")
            return

        def chosen(export: Export | None) -> None:
            if export is not None:
                self._request(ExportRuns(run_ids, export.format, export.path, export.replace))

        group = self._content.selection.group
        of = "" if group is None else f"of “{self._content.experiments.title(group)}”"
        self.app.push_screen(ExportScreen(run_ids, of), chosen)
