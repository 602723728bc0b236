"""The main screen: composes the panes, owns the state, and translates between messages and data."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from ...chart import marker
from ...supervisor.hangs import HANG_SECONDS
from ..draft import Draft
from ..keymap import BINDINGS
from ..messages import (
    DraftSampleLoaded,
    FollowRuns,
    FollowSnapshots,
    Request,
    Requested,
    RunsChanged,
    RunsQueued,
    SnapshotsLoaded,
    StoreUnavailable,
    UnfollowRuns,
    WarmUp,
)
from ..panes.chart_pane import ChartPane
from ..panes.draft_pane import DraftPane
from ..panes.model_view_pane import ModelViewContent, ModelViewPane
from ..panes.plots_pane import PlotsPane
from ..panes.run_pane import RunContent, RunPane
from ..panes.runs_pane import RunsContent, RunsPane
from ..plots import ChartContent
from ..preview import preview_of
from ..run_data import SnapshotHistory
from ..state import AppState
from ..widgets.runs_table import TableContent
from ..widgets.status import FooterBar, HeaderBar
from .dialogs import TextScreen
from .reference import about_text

TABLE_SECONDS = 0.25
"""How often the table and the lines of text follow a live run."""
_REST = 3.0
"""How long what is new waits after a show, in the time that the show took: keys come between."""
_NO_RUNS = "no runs yet: pick a loss, press enter"
_FULL = ("", "-full-chart", "-full-view", "-full-runs")


class MainScreen(Screen[None]):
    """Everything at once. The only place where panes, state and store meet.

    Attributes:
        state: What the app knows.
        connected: Whether the store's history has been read.
    """

    BINDINGS = [*BINDINGS]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-normal"), (130, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (28, "-medium"), (36, "-tall")]

    def __init__(self, send: Callable[[Request], None], start: Callable[[], None], device: str, ascii_only: bool):
        """Build the screen.

        Args:
            send: Takes what is asked of the store.
            start: Called once the first screen is painted: nothing is read before.
            device: What new runs ask for.
            ascii_only: Whether curves are drawn for plain terminals.
        """
        super().__init__()
        self._send = send
        self._start = start
        self._ascii = ascii_only
        self.state = AppState(Draft(changes={} if device == "auto" else {"device": device}))
        self._hang = ""
        self._table_shown = self._rest_until = 0.0
        self._later: Timer | None = None
        self.connected = False

    def compose(self) -> ComposeResult:
        """The panes."""
        yield HeaderBar()
        with Vertical(id="body"):
            with Horizontal(id="top"):
                yield DraftPane(self.state.draft)
                yield PlotsPane(self._ascii)
            yield RunsPane()
        yield FooterBar()
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        """Show the empty state, then start to read: the first paint waits for nothing."""
        self.query_one("#losses").focus()
        self._show()
        self.call_after_refresh(self._start)
        self.set_interval(1.0, self._look_for_hangs)

    def on_resize(self) -> None:
        """Below a usable size say so, and come back when there is room."""
        width, height = self.app.size
        self.query_one(PlotsPane).fit(legend=height >= 28, model_view=width >= 130 and height >= 28)
        tiny = width < 60 or height < 16
        self.set_class(tiny, "-tiny")
        if tiny:
            self.query_one("#too-small", Static).update(f"terminal too small: {width}×{height}, needs 60×16")

    # -- keys -----------------------------------------------------------------------------------------------

    async def action_perform(self, owner: str, action: str) -> None:
        """Have a pane, or this screen, carry out an action of the table of keys."""
        node = self if owner == "screen" else self.query_one(f"#{owner}")
        await self.app.run_action(action, default_namespace=node)

    def key_escape(self) -> None:
        """Leave the filter and the full screen."""
        self.query_one(RunsPane).clear_filter()
        self.remove_class(*filter(None, _FULL))

    def action_zoom_pane(self) -> None:
        """Chart on the whole screen, model view, runs, all of them."""
        panes = [name for name in _FULL if name != "-full-view" or self.query_one(ModelViewPane).is_open]
        at = next((i for i, name in enumerate(panes) if name and self.has_class(name)), 0)
        self.remove_class(*filter(None, _FULL))
        self.add_class(*filter(None, [panes[(at + 1) % len(panes)]]))

    def action_about(self) -> None:
        """What the chosen loss and dataset are; those of the highlighted run, if that was chosen last."""
        run = self.state.current_shown if self.state.run_chosen_last else None
        loss, dataset = self.state.draft.loss, self.state.draft.dataset
        if run is not None:
            loss, dataset = run.config.loss_entry, run.config.dataset_entry
        self.app.push_screen(TextScreen(f"{loss.title} · {dataset.name}", about_text(loss, dataset), markup=True))

    # -- from the store ---------------------------------------------------------------------------------------

    @on(RunsChanged)
    def _runs_changed(self, event: RunsChanged) -> None:
        state = self.state
        if event.first:
            self._start_over()
        highlighted = state.selection.highlighted
        turned = state.take_runs(event.runs, time.monotonic())
        if state.selection.highlighted not in (highlighted, None):  # it was deleted, and the next one stands there
            self._highlight(state.selection.highlighted)
        state.add_epochs(event.epochs)
        state.trainers = event.trainers
        evicted = state.evict_curves()
        if evicted:
            self._send(UnfollowRuns(evicted))
        self.connected = True
        if event.first and state.runs:
            self._highlight(max(state.runs))
            self.query_one(RunsPane).focus_table()
        if event.first:
            self._warm_up()
        follow = state.run_to_follow() if turned and state.following else None
        if follow is not None:
            self._highlight(follow.id)
        self._show(at_once=turned or event.first)

    @on(SnapshotsLoaded)
    def _snapshots_loaded(self, event: SnapshotsLoaded) -> None:
        run = self.state.runs.get(event.run_id)
        if run is None:
            return
        histories = self.state.histories
        if event.sample is not None or run.id not in histories:  # all that there is of it
            histories[run.id] = SnapshotHistory(run.config)
        try:
            histories[run.id].extend(event.sample, event.snapshots, event.curves)
        except ValueError as error:
            self.notify(f"run {run.id}: {error}", severity="error", markup=False)
        self._show(at_once=False)

    @on(DraftSampleLoaded)
    def _draft_sample_loaded(self, event: DraftSampleLoaded) -> None:
        self.state.draft_sample = (event.config, event.sample)
        self._show(at_once=False)

    @on(RunsQueued)
    def _runs_queued(self, event: RunsQueued) -> None:
        state = self.state
        state.following = True
        state.remark = ""
        self.query_one(ModelViewPane).show_latest()
        self.query_one(ChartPane).show_usual()
        if event.mark:
            state.selection = state.selection.mark(event.run_ids)
        self._highlight(event.run_ids[0])
        self._show()

    @on(StoreUnavailable)
    def _store_unavailable(self, event: StoreUnavailable) -> None:
        self.state.trouble = event.reason
        self._show()

    def _start_over(self) -> None:
        """Forget every run: the store that held them was replaced, or was never read."""
        self.query_one(ModelViewPane).start_over()
        self.query_one(RunsPane).forget()
        self.state.start_over()

    # -- from the panes ---------------------------------------------------------------------------------------

    @on(Requested)
    def _requested(self, event: Requested) -> None:
        self._send(event.request)

    @on(DraftPane.Changed)
    def _draft_changed(self, event: DraftPane.Changed) -> None:
        self.state.draft = event.draft
        self.state.remark = event.remark
        self.state.run_chosen_last = False
        self._warm_up()
        self._show()

    @on(RunPane.ReuseRequested)
    async def _reuse_requested(self, event: RunPane.ReuseRequested) -> None:
        self.state.draft = Draft.of(event.run.config)
        self.query_one(DraftPane).show_draft(self.state.draft)
        self._show()
        await self.action_perform("draft", "settings")

    @on(RunsPane.SelectionChanged)
    def _selection_changed(self, event: RunsPane.SelectionChanged) -> None:
        state = self.state
        wanted = (*event.selection.marked, event.selection.highlighted)
        known = state.selection.marked_set | {state.selection.highlighted}
        state.selection = event.selection
        if event.by_cursor:
            state.following = False
            state.run_chosen_last = True
            state.remark = ""
        self._send(FollowRuns(tuple(i for i in wanted if i is not None and i not in known)))
        self._show()

    @on(RunsPane.OrderChanged)
    def _order_changed(self, event: RunsPane.OrderChanged) -> None:
        self.state.order = event.order
        self._show()

    @on(ModelViewPane.SnapshotsNeeded)
    def _snapshots_needed(self, event: ModelViewPane.SnapshotsNeeded) -> None:
        self._send(FollowSnapshots(self.state.snapshots_known(event.run_ids)))

    # -- showing ----------------------------------------------------------------------------------------------

    def _show(self, at_once: bool = True) -> None:
        """Bring every pane up to the state, or within a while unless `at_once`: what takes long is done less often."""
        began = time.monotonic()
        if not at_once and began < self._rest_until:
            self._show_later(self._rest_until - began)
            return
        state = self.state
        draft, _ = state.draft.checked()
        self.query_one(PlotsPane).show_content(
            ChartContent(state.shown, state.current_shown, state.curves, state.slot, state.draft, state.plot_version),
            ModelViewContent(state.shown, state.current_shown, state.histories, state.slot, draft),
            at_once,
        )
        self.query_one(PlotsPane).show_preview(preview_of(state) if self.connected and not state.shown else None)
        wait = self._table_shown + TABLE_SECONDS - began
        if at_once or wait <= 0:
            self._show_rest()
        else:
            self._show_later(wait)
        self._rest_until = time.monotonic() + _REST * (time.monotonic() - began)

    def _show_later(self, wait: float) -> None:
        """Show what is new after `wait` seconds, or sooner if that was said before."""

        def show() -> None:
            self._later = None
            self._show(at_once=False)

        if self._later is None:
            self._later = self.set_timer(wait, show)

    def _show_rest(self) -> None:
        """Bring the lines of text and the table up to the state."""
        self._table_shown = time.monotonic()
        state = self.state
        busy = state.runs.busy
        queued = sum(run.status == "queued" for run in busy)
        self.query_one(HeaderBar).show_state(state.trainers, state.trouble or self._hang, queued)
        self.query_one(DraftPane).show_draft(state.draft)
        curve = state.curves.get(state.selection.highlighted or 0)
        seconds = curve.last_seconds if curve is not None else 0.0
        self.query_one(RunPane).show_content(RunContent(state.current, seconds, state.remark, busy, state.trainers))
        several = len(state.shown) > 1
        table = TableContent(
            rows=state.rows,
            runs=state.runs,
            columns=state.columns,
            shown=state.shown,
            marked=state.selection.marked_set,
            highlighted=state.selection.highlighted,
            sort=(state.order.column, state.order.descending),
            slot=state.slot,
            glyph=lambda slot: marker(slot, self._ascii) if several else "",
            empty=f"no run matches “{state.order.filter}”" if state.order.filter else _NO_RUNS,
        )
        self.query_one(RunsPane).show_content(RunsContent(table, state.selection, state.order, busy))

    def _look_for_hangs(self) -> None:
        """A step that never returns leaves a run that does not move: say so, and how to end it."""
        run = self.state.hangs.hanging(self.state.runs.busy, time.monotonic(), HANG_SECONDS)
        words = f"run {run.id} has not moved for {HANG_SECONDS:.0f} s: K kills its trainer" if run else ""
        if words != self._hang:
            self._hang = words
            self._show()

    def _highlight(self, run_id: int) -> None:
        self.state.selection = self.state.selection.highlight(run_id)
        self._send(FollowRuns((run_id,)))

    def _warm_up(self) -> None:
        """Have an idle trainer compile beforehand what would be trained."""
        config, _ = self.state.draft.checked()
        if config is not None:
            self._send(WarmUp(config))
