"""The main screen's actions on runs: mark, pause, stop, resume, sort, filter, pin, annotate, delete, export."""

from __future__ import annotations

from pathlib import Path

from textual import on
from textual.widgets import Input

from ..records import ACTIVE, Run
from .board_screen import BoardScreen
from .screens.dialogs import AskScreen, TextScreen
from .screens.export import Export, ExportScreen
from .widgets.runs_table import RunsTable

_LOG_BYTES = 64_000


class RunKeys(BoardScreen):
    """The actions on runs that are there already, or train."""

    def action_mark(self) -> None:
        """Mark the highlighted run, or unmark it."""
        run = self.current_run()
        if run is not None:
            self.board.toggle_mark(run.id)
            self.feed.follow([run.id])
            self.show_all()

    def action_mark_all(self) -> None:
        """Mark what the table shows; unmark all if it is marked already."""
        shown = [run.id for run in self.board.rows()]
        everything = set(shown) <= set(self.board.marked)
        self.board.marked = [] if everything else shown
        self.feed.follow(self.board.marked)
        self.show_all()

    def action_pause(self) -> None:
        """Pause the highlighted run, or let it go on."""
        run = self._current_or_training()
        if run is None:
            return
        if run.status == "paused" or run.request == "pause":
            self.feed.ask(lambda store: store.resume(run.id))
        elif run.status in ("starting", "running"):
            self.feed.ask(lambda store: store.pause(run.id))
        else:
            self.notify(f"run {run.id} is {run.status}: nothing to pause", severity="warning")

    def action_stop(self) -> None:
        """Stop the highlighted run."""
        run = self._current_or_training()
        if run is None:
            return
        if run.status == "queued" or run.status in ACTIVE:
            self.feed.ask(lambda store: store.stop(run.id))
        else:
            self.notify(f"run {run.id} is {run.status}: nothing to stop", severity="warning")

    def _current_or_training(self) -> Run | None:
        """The highlighted run; or the one that trains, if the highlighted one has ended."""
        run = self.board.current
        active = [other for other in self.board.busy if other.status in ACTIVE]
        if run is not None and run.status != "queued" and run.status not in ACTIVE and len(active) == 1:
            return active[0]
        return self.current_run()

    def action_resume(self) -> None:
        """Let the highlighted run go on."""
        run = self.current_run()
        if run is None:
            return
        if run.can_resume:
            self.feed.ask(lambda store: store.resume(run.id))
        else:
            self.notify(f"run {run.id} is {run.status}: nothing to resume", severity="warning")

    def action_kill_trainer(self) -> None:
        """Kill the trainer of the highlighted run, or of the only one that trains; its run can be resumed."""
        run = self._current_or_training()
        if run is None:
            return
        trainer = next((one for one in self.board.trainers if one.id == run.trainer), None)
        if trainer is None or run.status not in ACTIVE:
            self.notify(f"run {run.id} is {run.status}: no trainer works on it", severity="warning")
            return
        self.feed.kill(trainer)

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.board.sort_next()
        self.show_all()

    def action_sort_back(self) -> None:
        """Turn the order round."""
        self.board.descending = not self.board.descending
        self.show_all()

    def action_filter(self) -> None:
        """Open the filter."""
        field = self.query_one("#filter", Input)
        field.add_class("open")
        field.value = self.board.filter
        field.focus()

    @on(Input.Changed, "#filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        self.board.filter = event.value
        self.show_all()

    @on(Input.Submitted, "#filter")
    def close_filter(self) -> None:
        """Go back to the table; the filter stays."""
        self.query_one("#filter").remove_class("open")
        self.query_one(RunsTable).focus()

    def key_escape(self) -> None:
        """Escape closes and clears the filter, or leaves a full screen."""
        if self.query_one("#filter").has_class("open") or self.board.filter:
            self.board.filter = ""
            self.query_one("#filter", Input).value = ""
            self.close_filter()
        self.remove_class("-full-chart", "-full-runs")
        self.show_all()

    def action_pin(self) -> None:
        """Pin the highlighted run, or let it go."""
        run = self.current_run()
        if run is not None:
            self.feed.ask(lambda store: store.pin(run.id, not run.pinned))

    def action_annotate(self) -> None:
        """Write a note on the highlighted run."""
        run = self.current_run()
        if run is None:
            return

        def written(note: str | None) -> None:
            if note is not None:
                self.feed.ask(lambda store: store.annotate(run.id, note.strip()))

        screen = AskScreen(f"Note on run {run.id}", run.note, "found by the filter", lambda _text: None)
        self.app.push_screen(screen, written)

    def action_delete(self) -> None:
        """Delete the marked runs, or else the highlighted one; `u` brings them back."""
        ids = list(self.board.marked) or ([self.board.current.id] if self.board.current else [])
        ended = [i for i in ids if i in self.board.runs and i not in {run.id for run in self.board.busy}]
        if not ended:
            self.notify("nothing to delete: a queued or training run must end first", severity="warning")
            return
        self.board.deleted.append(ended)
        self.feed.ask(lambda store: store.delete(ended))
        self.notify(f"deleted {len(ended)} run{'s' if len(ended) > 1 else ''}; u brings them back")

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if not self.board.deleted:
            self.notify("nothing was deleted", severity="warning")
            return
        ids = self.board.deleted.pop()
        self.feed.ask(lambda store: store.restore(ids))

    def action_export(self) -> None:
        """Export the marked runs, or else the highlighted one."""
        ids = list(self.board.marked) or ([self.board.current.id] if self.board.current else [])
        if not ids:
            self.notify("nothing to export: no run is highlighted", severity="warning")
            return

        def chosen(export: Export | None) -> None:
            if export is not None:
                self.feed.export(ids, export.format, str(Path(export.path).expanduser().absolute()))

        self.app.push_screen(ExportScreen(ids), chosen)

    def action_picture(self) -> None:
        """Save the screen as an SVG picture in the present folder."""
        try:
            path = self.app.save_screenshot(path=str(Path.cwd()))
        except OSError as error:
            self.notify(f"the picture cannot be written: {error.strerror or error}", severity="error", markup=False)
        else:
            self.notify(f"saved {path}", markup=False)

    def action_log(self) -> None:
        """Show the log of the trainer that ran the highlighted run, or of the living one."""
        run = self.board.current
        path = run.log if run is not None and run.log else ""
        if not path and self.board.trainers:
            path = self.board.trainers[0].log
        if path:
            self.app.push_screen(TextScreen(path, _tail(Path(path)), end=True))
        else:
            self.notify("no trainer has run yet: there is no log", severity="warning")


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _LOG_BYTES, 0))
            return file.read().decode("utf-8", errors="replace") or "the log is empty"
    except OSError as error:
        return f"the log cannot be read: {error.strerror or error}"
