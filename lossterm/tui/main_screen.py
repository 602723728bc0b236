"""The main screen: takes keys and messages, keeps the board, asks the feed, and tells the widgets what to show."""

from __future__ import annotations

import time
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from ..chart import marker
from ..hangs import HANG_SECONDS
from .actions import BINDINGS
from .chart_keys import ChartKeys
from .draft_keys import DraftKeys
from .feed import Changed, Feed, Queued, Told, Trouble
from .picture import picture
from .run_keys import RunKeys
from .screens.dialogs import TextScreen
from .screens.help import help_text
from .sight_keys import SightKeys
from .widgets.chart import LossChart
from .widgets.menus import DatasetMenu, LossMenu
from .widgets.model_view import ModelView
from .widgets.panels import Head, Keys, RunState, Settings
from .widgets.runs_table import Row, RunsTable

TABLE_SECONDS = 0.25


class MainScreen(DraftKeys, RunKeys, ChartKeys, SightKeys):
    """Everything at once: menus, settings, chart, runs. The only place where widgets, board and feed meet.

    connected: whether the store's history has been read.
    """

    BINDINGS = [*BINDINGS]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-normal"), (130, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-medium"), (36, "-tall")]

    def __init__(self, feed: Feed, device: str, ascii_only: bool):
        """Show what `feed` tells. `device`: what new runs ask for. `ascii_only`: glyphs for plain terminals."""
        super().__init__(feed)
        self._ascii = ascii_only
        self._trouble = self._hang = ""
        self._note = self._headline = ""
        self.connected = False
        self._following = True
        self._painted = 0.0
        self._due = False
        if device != "auto":
            self.board.draft.changes["device"] = device

    def compose(self) -> ComposeResult:
        """The panes."""
        yield Head()
        with Vertical(id="body"):
            with Horizontal(id="top"):
                with Vertical(id="side"):
                    yield LossMenu(id="losses")
                    yield DatasetMenu(id="datasets")
                    yield Settings()
                with Vertical(id="picture"):
                    yield RunState()
                    with Horizontal(id="pictures"):
                        yield LossChart(id="chart", ascii=self._ascii)
                        yield ModelView(id="sight", ascii=self._ascii)
            yield RunsTable()
            yield Input(id="filter", placeholder="filter: words in loss, dataset, status, note …", compact=True)
        yield Keys()
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        """Show the empty board, then start the feed: the first paint waits for nothing."""
        for name, title in (("losses", "Loss"), ("datasets", "Dataset"), ("settings", "Settings"), ("runs", "Runs")):
            self.query_one(f"#{name}").border_title = title
        self.query_one("#losses").focus()
        self.show_all()
        self.call_after_refresh(self.feed.start)
        self.set_interval(1.0, self._look_for_hangs)

    def on_resize(self) -> None:
        """Below a usable size say so, and come back when there is room."""
        width, height = self.app.size
        chart = self.query_one(LossChart)
        chart.set_view(replace(chart.view, legend=height >= 28))  # below, the labels at the curves' ends must do
        self.prefer_sight(room=width >= 130 and height >= 28)
        tiny = width < 60 or height < 16
        self.set_class(tiny, "-tiny")
        if tiny:
            self.query_one("#too-small", Static).update(f"terminal too small: {width}×{height}, needs 60×16")

    # -- from the feed --------------------------------------------------------------------------------------

    @on(Changed)
    def _changed(self, event: Changed) -> None:
        if event.first:
            self.start_over()
        before = {run_id: run.status for run_id, run in self.board.runs.items()}
        self.board.take(event.runs, time.monotonic())
        self.board.add_epochs(event.epochs)
        self.feed.unfollow(self.board.trim())
        self.board.trainers = event.trainers
        turned = any(before.get(run.id) != run.status for run in event.runs)
        self.connected = True
        if event.first and self.board.runs:
            self._highlight(max(self.board.runs))
            self.query_one(RunsTable).focus()
        if event.first:
            self.warm_up()
        if turned and self._following:
            self._follow_training()
        self.show_all(at_once=turned or event.first)

    def _look_for_hangs(self) -> None:
        """A step that never returns leaves a run that does not move: say so, and how to end it."""
        run = self.board.hangs.hanging(self.board.busy, time.monotonic(), HANG_SECONDS)
        words = f"run {run.id} has not moved for {HANG_SECONDS:.0f} s: K kills its trainer" if run else ""
        if words != self._hang:
            self._hang = words
            self.show_all()

    def _follow_training(self) -> None:
        """Move to the run that has begun, unless the person has chosen one by hand."""
        current = self.board.current
        busy = self.board.busy
        if busy and (current is None or current not in busy):
            self._highlight(next((run for run in busy if run.status != "queued"), busy[0]).id)
        elif current is not None and current.status == "queued":
            active = [run for run in busy if run.status != "queued"]
            if active:
                self._highlight(active[0].id)

    @on(Queued)
    def _queued(self, event: Queued) -> None:
        self._following = True
        self.remark = ""
        self.go_live()
        if event.mark:
            self.board.marked = list(event.ids)
        self.board.slots.clear()
        self._highlight(event.ids[0])
        self.show_all(at_once=True)

    @on(Trouble)
    def _troubled(self, event: Trouble) -> None:
        self._trouble = event.text
        self.show_all(at_once=True)

    @on(Told)
    def _told(self, event: Told) -> None:
        self.notify(event.text, severity="error" if event.severity == "error" else "information", markup=False)

    # -- showing --------------------------------------------------------------------------------------------

    def show_all(self, at_once: bool = True) -> None:
        """Bring every widget up to the board; the table at most a few times a second unless `at_once`."""
        self._show_chart()
        self.show_sight(at_once)
        wait = self._painted + TABLE_SECONDS - time.monotonic()
        if at_once or wait <= 0:
            self._show_rest()
        elif not self._due:
            self._due = True
            self.set_timer(wait, self._show_rest)

    def _show_chart(self) -> None:
        shown = picture(self.board, self.quantity, self.band)
        self._title("#picture", shown.title)
        self.query_one(LossChart).show_plot(shown.plot)
        self._note, self._headline = self.remark or shown.note, shown.headline

    def _show_rest(self) -> None:
        self._due = False
        self._painted = time.monotonic()
        board = self.board
        draft = board.draft
        self.query_one(LossMenu).choose(draft.loss, draft.dataset)
        self.query_one(DatasetMenu).choose(draft.loss, draft.dataset)
        self.query_one(Settings).tell(*draft.checked())
        queued = sum(run.status == "queued" for run in board.busy)
        self.query_one(Head).tell(board.trainers, self._trouble or self._hang, queued)
        run = board.current
        seconds = board.curves[run.id].last_seconds if run is not None and run.id in board.curves else 0.0
        self.query_one(RunState).tell(run, seconds, self._note, self._headline)
        self._show_table()

    def _show_table(self) -> None:
        board = self.board
        shown = {run.id for run in board.shown}
        rows = []
        for run in board.rows():
            slot = board.slot(run) if run.id in shown else None
            glyph = marker(slot, self._ascii) if slot is not None and len(shown) > 1 else " "
            rows.append(Row(run, run.id in board.marked, slot, glyph))
        empty = f"no run matches “{board.filter}”" if board.filter else "no runs yet: pick a loss, press enter"
        table = self.query_one(RunsTable)
        table.show(rows, board.columns, board.highlighted, (board.sort, board.descending), empty)
        marked = f" · {len(board.marked)} marked" if board.marked else ""
        filtered = f" · filter: {board.filter}" if board.filter else ""
        self._title("#runs", f"Runs {len(rows)}{marked}{filtered}")

    def _title(self, pane: str, title: str) -> None:
        """Set a pane's title; setting the same one would repaint the pane."""
        widget = self.query_one(pane)
        if widget.border_title != title:
            widget.border_title = title

    def _highlight(self, run_id: int) -> None:
        self.board.highlighted = run_id
        self.feed.follow([run_id])

    # -- from the widgets -----------------------------------------------------------------------------------

    @on(RunsTable.Highlighted)
    def _highlighted(self, event: RunsTable.Highlighted) -> None:
        self._following = False
        self.on_a_run = True
        self.remark = ""
        self._highlight(event.run_id)
        self.show_all()

    @on(RunsTable.Sorted)
    def _sorted(self, event: RunsTable.Sorted) -> None:
        self.board.sort_by(event.column)
        self.show_all()

    def action_help(self) -> None:
        """Show the help."""
        self.app.push_screen(TextScreen("lossterm · help", help_text(), markup=True))
