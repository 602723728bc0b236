"""The main screen: composes the panes, owns the state, and translates between messages and data."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ..draft import Draft
from ..keymap import BINDINGS, WIDE
from ..messages import (
    ComparisonRead,
    DataDescribed,
    DataPreviewed,
    DatasetsChanged,
    DraftSampleLoaded,
    ExtendComparison,
    FolderListed,
    FollowComparison,
    FollowRuns,
    FollowSnapshots,
    LossesFound,
    PreferencesRead,
    ReadingProgress,
    Request,
    Requested,
    RunPageRead,
    RunsChanged,
    RunsQueued,
    SnapshotsLoaded,
    StartComparison,
    StoreUnavailable,
    UnfollowRuns,
    WarmUp,
    WriteReport,
)
from ..pacing import Pacing
from ..panes.chart_pane import ChartPane
from ..panes.draft_pane import DraftPane
from ..panes.model_view_pane import ModelViewContent, ModelViewPane
from ..panes.plots_pane import PlotsPane
from ..panes.run_pane import RunPane
from ..panes.runs_pane import RunsPane
from ..plots import ChartContent
from ..preferences import Preferences
from ..preparation import Preparation
from ..preview import preview_of
from ..runs_content import RunsContent, run_content
from ..selection import Group, Row
from ..state import AppState
from ..widgets.comparison_view import ComparisonView
from ..widgets.status import FooterBar, HeaderBar
from .dialogs import TextScreen
from .layout import Layout
from .reference import about_text
from .run_page import RunPage
from .verdict_page import PageRequest, VerdictPage


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
        """Ask the store with `send`; call `start`, which reads it, once the first screen is painted."""
        super().__init__()
        self._send = send
        self._start = start
        self._ascii = ascii_only
        self.state = AppState(Draft(changes={} if device == "auto" else {"device": device}))
        self._layout = Layout(self)
        self._preferences = Preferences(self.state, self._layout, send)
        self._pacing = Pacing(self._show_plots, self._show_texts, self.set_timer)
        self._show = self._pacing.show
        self.connected = False
        self._followed_comparison: int | None = None

    def compose(self) -> ComposeResult:
        """The panes."""
        yield HeaderBar()
        with Vertical(id="body"):
            with Horizontal(id="top"):
                yield DraftPane(self.state.draft, self.state.runs.time_words)
                yield PlotsPane(self._ascii)
            yield RunsPane()
        yield FooterBar()
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        """Show the empty state, then start to read: the first paint waits for nothing."""
        self.query_one("#losses").focus()
        self.state.showing.prepare = Preparation(self, self.state.showing, self._show)
        self._show()
        self.call_after_refresh(self._start)
        self.set_interval(1.0, self._look_for_hangs)
        self.watch(self.app, "theme", self._preferences.keep, init=False)

    def on_resize(self) -> None:
        """Lay the panes out for the new size."""
        self._layout.fit(*self.app.size)

    # -- keys -----------------------------------------------------------------------------------------------

    async def action_perform(self, owner: str, action: str) -> None:
        """Have a pane, or this screen, carry out an action of the table of keys."""
        node = self if owner == "screen" else self.query_one(f"#{owner}")
        await self.app.run_action(action, default_namespace=node)

    def key_escape(self) -> None:
        """Leave the filter and the full screen."""
        self.query_one(RunsPane).clear_filter()
        self._layout.set_zoom("")
        self._preferences.keep()

    def action_zoom_pane(self) -> None:
        """Show one pane on the whole screen, the next one, or all of them."""
        self._layout.zoom_next()
        self._preferences.keep()

    def action_about(self) -> None:
        """What the chosen loss and dataset are; those of the highlighted run, if that was chosen last."""
        loss, dataset = self.state.about
        self.app.push_screen(TextScreen(f"{loss.title} · {dataset.name}", about_text(loss, dataset), markup=True))

    # -- from the store ---------------------------------------------------------------------------------------

    @on(PreferencesRead)
    def _preferences_read(self, event: PreferencesRead) -> None:
        """What was chosen the last time; what is chosen already in this app stays."""
        self._preferences.take(event.values)
        self.query_one(DraftPane).show_draft(self.state.draft)

    @on(DatasetsChanged)
    def _datasets_changed(self, event: DatasetsChanged) -> None:
        before = self.state.draft
        self.state.take_datasets(event.datasets)
        self._preferences.draft_replaced(before)
        self._show()

    @on(RunsChanged)
    def _runs_changed(self, event: RunsChanged) -> None:
        state = self.state
        if event.first:
            self._start_over()
        selection = state.selection
        state.runs.take_experiments(event.experiments)
        turned = state.take_runs(event.runs, time.monotonic())
        if state.selection is not selection:  # a run of it was deleted
            self._send(FollowRuns(tuple(state.wanted)))
        state.add_epochs(event.epochs)
        state.trainers = event.trainers
        if evicted := state.evict_curves():
            self._send(UnfollowRuns(evicted))
        if event.first:
            self._begin()
        if turned and state.following and (follow := state.row_to_follow()) is not None:
            self._highlight(follow)
        self._show(at_once=turned or event.first)

    def _begin(self) -> None:
        """The history has been read: the newest run is highlighted, what was marked the last time is marked again."""
        state = self.state
        self.connected = True
        self._preferences.begin()
        if state.runs:
            self._highlight(state.row_of(max(state.runs)))
            self._send(FollowRuns(tuple(state.wanted)))
            if self._preferences.nothing_picked:
                self.query_one(RunsPane).focus_table()
        self._warm_up()

    @on(RunPageRead)
    def _run_page_read(self, event: RunPageRead) -> None:
        for screen in self.app.screen_stack:
            if isinstance(screen, RunPage) and screen.run_id == event.run_id:
                screen.show_read(event.log, event.scores)

    @on(LossesFound)
    def _losses_found(self, event: LossesFound) -> None:
        from .loss_picker import LossPicker

        for screen in self.app.screen_stack:
            if isinstance(screen, LossPicker):
                screen.show_found(event)

    @on(FolderListed)
    @on(ReadingProgress)
    @on(DataPreviewed)
    @on(DataDescribed)
    def _file_answered(self, event: Message) -> None:
        from .data_preview import DataPreviewScreen
        from .file_picker import FilePicker

        for screen in list(self.app.screen_stack):
            if isinstance(screen, (FilePicker, DataPreviewScreen)):
                screen.take(event)

    @on(SnapshotsLoaded)
    def _snapshots_loaded(self, event: SnapshotsLoaded) -> None:
        try:
            self.state.add_snapshots(event.run_id, event.sample, event.snapshots, event.curves)
        except ValueError as error:
            self.notify(f"run {event.run_id}: {error}", severity="error", markup=False)
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
            state.select(state.selection.mark(event.run_ids))
        elif len(state.selection.marked) > 1:  # of one that is marked it may be the variant
            state.select(state.selection.mark(()))
            state.remark = "h marks the runs again that were compared before"
        self._highlight(state.row_of(event.run_ids[0]))
        self._show()

    @on(ComparisonRead)
    def _comparison_read(self, event: ComparisonRead) -> None:
        number = event.progress.number
        self.state.progress[number] = event.progress
        for screen in self.app.screen_stack:
            if isinstance(screen, VerdictPage) and screen.number == number:
                screen.show_verdict(self.state.verdict_content(number))
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
        if isinstance(event.request, StartComparison):
            self.query_one(RunsPane).focus_table()  # Enter opens its verdict
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
        self.state.draft = Draft.of(event.run.config).with_menus_of(self.state.draft)
        self.query_one(DraftPane).show_draft(self.state.draft)
        self._show()
        await self.action_perform("draft", "settings")

    @on(RunsPane.SelectionChanged)
    def _selection_changed(self, event: RunsPane.SelectionChanged) -> None:
        state = self.state
        wanted = state.select(event.selection)
        if event.by_cursor:
            state.following = False
            state.run_chosen_last = True
            state.remark = ""
        if wanted:
            self._send(FollowRuns(wanted))
        self._show()

    @on(RunsPane.GroupToggled)
    def _group_toggled(self, event: RunsPane.GroupToggled) -> None:
        self.state.runs.experiments.set_open(event.group, event.opened)
        self._show()

    @on(RunsPane.VerdictWanted)
    def _verdict_wanted(self, event: RunsPane.VerdictWanted) -> None:
        number = event.number

        def chosen(wanted: PageRequest | None) -> None:
            if wanted is None:
                return
            if wanted.kind == "seeds":
                self._send(ExtendComparison(number, wanted.seeds))
            elif wanted.kind == "report":
                self._send(WriteReport(number, wanted.path))
            else:
                group, experiments = Group(number), self.state.runs.experiments
                experiments.set_open(group, not experiments.is_open(group))
            self._show()

        self.app.push_screen(VerdictPage(number, self.state.verdict_content(number), self._ascii), chosen)

    @on(RunsPane.OrderChanged)
    def _order_changed(self, event: RunsPane.OrderChanged) -> None:
        self.state.order = event.order
        self._show()

    @on(ModelViewPane.SnapshotsNeeded)
    def _snapshots_needed(self, event: ModelViewPane.SnapshotsNeeded) -> None:
        self._send(FollowSnapshots(self.state.snapshots_known(event.run_ids)))

    # -- showing ----------------------------------------------------------------------------------------------

    def _show_plots(self, at_once: bool) -> None:
        """Bring the plots up to the state."""
        state = self.state
        if (row := state.row_to_settle_on()) is not None:
            self._highlight(row)
        draft, _ = state.draft.checked()
        self.query_one(PlotsPane).show_content(
            ChartContent(state.shown, state.current_shown, state.curves, state.slot, state.draft, state.plot_version),
            ModelViewContent(state.shown, state.current_shown, state.histories, state.slot, draft, state.own_datasets),
            at_once,
        )
        nothing = self.connected and not state.shown and state.current is None  # one that cannot be read is said
        nothing = nothing and state.verdict_number is None
        self.query_one(PlotsPane).show_preview(preview_of(state) if nothing else None)
        self._show_verdict()

    def _show_verdict(self) -> None:
        """Show the verdict of the comparison under the cursor, and have it read as it changes."""
        number = self.state.verdict_number
        pages = [screen.number for screen in self.app.screen_stack if isinstance(screen, VerdictPage)]
        wanted = pages[0] if pages else number
        if wanted != self._followed_comparison:
            self._followed_comparison = wanted
            self._send(FollowComparison(wanted))
        self.query_one(PlotsPane).show_verdict(None if number is None else self.state.verdict_content(number))

    def _show_texts(self) -> None:
        """Bring the lines of text and the table up to the state."""
        state = self.state
        queued = sum(run.status == "queued" for run in state.runs.busy)
        self.query_one(HeaderBar).show_state(state.trainers, state.trouble or state.hang, queued)
        self.query_one(DraftPane).show_draft(state.draft)
        self.query_one(RunPane).show_content(run_content(state))
        self.query_one(RunsPane).show_content(RunsContent.of(state, self._ascii))
        self._show_keys()
        self._preferences.keep()

    @on(DescendantFocus)
    @on(DescendantBlur)
    def _show_keys(self) -> None:
        """Say in the footer which keys there are, and what Enter does where the keys go now."""
        runs = self.query_one(RunsPane)
        in_runs = runs.has_focus_within
        short = self.app.size.width < WIDE
        enter = runs.enter_words(short) if in_runs else f"train {self.state.draft.loss.short}"
        if isinstance(self.focused, ComparisonView):
            enter = "read all of it"
        self.query_one(FooterBar).show_keys(in_runs, enter)

    def _look_for_hangs(self) -> None:
        """Say which run does not move, and how to end it."""
        if self.state.look_for_hangs(time.monotonic()):
            self._show()

    def _highlight(self, row: Row | None) -> None:
        self._send(FollowRuns(self.state.select(self.state.selection.highlight(row))))

    def _warm_up(self) -> None:
        """Have an idle trainer compile beforehand what would be trained."""
        config, _ = self.state.draft.checked()
        if config is not None:
            self._send(WarmUp(config))
