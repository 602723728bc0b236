"""The main screen's actions on the model view: which it is, the epoch that it shows, and what a loss is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.timer import Timer

from .board_screen import BoardScreen
from .feed import Feed, Glimpsed
from .glimpse import Glimpse, panels, seen_runs
from .screens.dialogs import TextScreen
from .widgets.chart import LossChart
from .widgets.model_view import ModelView, Sight

if TYPE_CHECKING:
    from ..presets import Preset

PLAY_SECONDS = 0.15
_MOST_GLIMPSES = 64
_SIGHTS: tuple[Sight | None, ...] = ("model", "loss", None)


class SightKeys(BoardScreen):
    """The actions of the group "view".

    sight: what the model view shows; None while it is put away. scrub: the epoch that is shown; None for the latest.
    """

    def __init__(self, feed: Feed):
        super().__init__(feed)
        self.sight: Sight | None = None
        self.scrub: int | None = None
        self._chosen = False
        self._looked_at: list[int] = []
        self._crosshair: float | None = None
        self._player: Timer | None = None

    # -- showing --------------------------------------------------------------------------------------------

    def prefer_sight(self, room: bool) -> None:
        """Open the model view where there is room beside the chart, unless the person has said what to show."""
        if not self._chosen:
            self._set_sight("model" if room else None)

    def _set_sight(self, sight: Sight | None) -> None:
        self.sight = sight
        self.set_class(sight is not None, "-view")

    def show_sight(self, at_once: bool) -> None:
        """Bring the model view up to the board."""
        board = self.board
        runs = seen_runs(board.shown, board.current)
        self._look_at([run.id for run in runs] if self.sight is not None or self.has_class("-full-view") else [])
        if self.sight is None:
            return
        draft, _ = board.draft.checked()
        slots = {run.id: board.slot(run) for run in runs}
        view = self.query_one(ModelView)
        view.show(self.sight, panels(runs, board.glimpses, slots, self.scrub, draft), at_once)

    def _look_at(self, run_ids: list[int]) -> None:
        """Have the feed send the snapshots of these runs: those after the board's, or all if the run went on since."""
        if run_ids == self._looked_at:
            return
        self._looked_at = run_ids
        glimpses = self.board.glimpses
        for old in [run_id for run_id in glimpses if run_id not in run_ids][: max(len(glimpses) - _MOST_GLIMPSES, 0)]:
            del glimpses[old]
        whole = {i: last for i, one in glimpses.items() if (last := one.last) == self.board.runs[i].epochs_done}
        self.feed.look_at({i: whole.get(i, -1) for i in run_ids})

    def start_over(self) -> None:
        """Forget every run: the store that held them was replaced."""
        self.go_live()
        self.board.start_over()
        self._looked_at = []

    @on(Glimpsed)
    def _glimpsed(self, event: Glimpsed) -> None:
        run = self.board.runs.get(event.run_id)
        if run is None:
            return
        glimpses = self.board.glimpses
        if event.sample is not None or run.id not in glimpses:  # all that there is of it
            glimpses[run.id] = Glimpse(run.experiment)
        try:
            glimpses[run.id].extend(event.sample, event.snapshots)
        except ValueError as error:
            self.notify(f"run {run.id}: {error}", severity="error", markup=False)
        self.show_sight(at_once=False)

    # -- the epoch shown ------------------------------------------------------------------------------------

    @on(LossChart.CrosshairMoved)
    def _crosshair_moved(self, event: LossChart.CrosshairMoved) -> None:
        if event.epoch != self._crosshair:  # else it was moved from here, and epoch 0 has no place in the chart
            self._crosshair = event.epoch
            self.scrub = None if event.epoch is None else int(event.epoch)
            self.show_sight(at_once=True)

    def go_to(self, epoch: int | None) -> None:
        """Show the model as it was after an epoch, and the crosshair there; None goes back to the latest."""
        self.scrub = epoch
        self._crosshair = None if epoch is None else float(max(epoch, 1))
        self.query_one(LossChart).put_crosshair(self._crosshair)
        self._crosshair = self.query_one(LossChart).view.crosshair
        self.show_sight(at_once=True)

    def go_live(self) -> None:
        """Back to the latest epoch, if some other was shown or played."""
        self._stop_playing()
        if self.scrub is not None:
            self.go_to(None)

    def _opened(self) -> bool:
        """Open the model view if it is put away: what is to be moved should be seen first."""
        if self.sight is not None:
            return False
        self._chosen = True
        self._set_sight("model")
        self.show_sight(at_once=True)
        return True

    def _epochs(self) -> list[int]:
        """The epochs that can be shown of the highlighted run, or of the first one seen."""
        glimpse = next((g for i in self._looked_at if (g := self.board.glimpses.get(i))), None)
        current = self.board.current
        if current is not None and current.id in self.board.glimpses:
            glimpse = self.board.glimpses[current.id]
        return glimpse.epochs if glimpse is not None else []

    def action_scrub(self, steps: int) -> None:
        """Move to a later (positive) or earlier snapshot; beyond the last is the present."""
        self._stop_playing()
        if self._opened():
            return
        epochs = self._epochs()
        if not epochs:
            self.notify("no snapshots to walk through yet", severity="warning")
            return
        at = len(epochs) - 1 if self.scrub is None else sum(epoch <= self.scrub for epoch in epochs) - 1
        at = max(at + steps, 0)
        self.go_to(epochs[at] if at < len(epochs) - (steps > 0) else None)

    def action_play(self) -> None:
        """Play the run from its first epoch to its last, or stop where it is."""
        if self._player is not None:
            self._stop_playing()
            return
        if self._opened():
            return
        if not self._epochs():
            self.notify("no snapshots to play yet", severity="warning")
            return
        self.go_to(self._epochs()[0])
        self._player = self.set_interval(PLAY_SECONDS, self._play_on)

    def _play_on(self) -> None:
        later = [epoch for epoch in self._epochs() if self.scrub is not None and epoch > self.scrub]
        if len(later) > 1:
            self.go_to(later[0])
        else:
            self.go_live()

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None

    # -- keys -----------------------------------------------------------------------------------------------

    def action_view(self) -> None:
        """The model's boundary or fit, the loss as a function, or neither."""
        self._chosen = True
        self._set_sight(_SIGHTS[(_SIGHTS.index(self.sight) + 1) % len(_SIGHTS)])
        self.remove_class("-full-view")
        self.show_sight(at_once=True)

    def action_about(self) -> None:
        """What the chosen loss and dataset are; those of the highlighted run, if that was chosen last."""
        from .screens.about import about_text

        run = self.board.current if self.on_a_run else None
        draft = self.board.draft
        loss, dataset = draft.loss, draft.dataset
        if run is not None:
            loss, dataset = run.experiment.loss_entry, run.experiment.dataset_entry
        self.app.push_screen(TextScreen(f"{loss.title} · {dataset.name}", about_text(loss, dataset), markup=True))

    def action_presets(self) -> None:
        """Choose one of the shipped experiments, and train it."""
        from .screens.presets import PresetsScreen

        def chosen(preset: Preset | None) -> None:
            if preset is not None:
                device = self.board.draft.changes.get("device", "auto")
                self.queue_runs(lambda: [one.changed(device=device) for one in preset.experiments], mark=True)

        self.app.push_screen(PresetsScreen(), chosen)
