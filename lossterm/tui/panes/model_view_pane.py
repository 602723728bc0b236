"""The pane of the model view: what it shows, the epoch that it shows it at, and the keys that change that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer

from ...config import RunConfig
from ...runs.records import OwnDataset, Run
from ..run_data import ModelViewKind, ShownRuns, SnapshotHistory, panels_of, runs_in_model_view
from ..widgets.model_view import ModelView

PLAY_SECONDS = 0.15
_KINDS: tuple[ModelViewKind | None, ...] = ("model", "loss", "errors", None)


@dataclass(frozen=True, eq=False)
class ModelViewContent:
    """What there is to show.

    Attributes:
        shown: The runs in the chart.
        current: The highlighted run.
        histories: The snapshots that were read, by run id.
        slot: The colour of a shown run.
        draft: What would be trained next, shown where there is no run; None where it cannot be trained.
        own_datasets: The person's own datasets.
    """

    shown: ShownRuns = field(default_factory=ShownRuns)
    current: Run | None = None
    histories: Mapping[int, SnapshotHistory] = field(default_factory=dict)
    slot: Callable[[Run], int] = lambda _: 0
    draft: RunConfig | None = None
    own_datasets: Sequence[OwnDataset] = ()


class ModelViewPane(Vertical):
    """Shows what networks do at some epoch, or their losses as functions; may be closed."""

    class Toggled(Message):
        """The pane was opened or closed."""

    class EpochShown(Message):
        """The models are shown as they were after an epoch; None for the latest."""

        def __init__(self, epoch: int | None) -> None:
            super().__init__()
            self.epoch = epoch

    class SnapshotsNeeded(Message):
        """These runs are shown, and their snapshots are needed."""

        def __init__(self, run_ids: tuple[int, ...]) -> None:
            super().__init__()
            self.run_ids = run_ids

    def __init__(self, ascii_only: bool) -> None:
        super().__init__(id="model-view")
        self._view = ModelView(ascii=ascii_only)
        self._content = ModelViewContent()
        self._kind: ModelViewKind | None = None
        self._chosen = False
        self._epoch: int | None = None
        self._needed: tuple[int, ...] = ()
        self._player: Timer | None = None

    def compose(self) -> ComposeResult:
        """The view alone."""
        yield self._view

    # -- data -----------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it shows anything."""
        return self._kind is not None

    def prefer_open(self, room: bool) -> None:
        """Open where there is `room` beside the chart, and close where there is not, unless a person said what."""
        if not self._chosen:
            self._kind = "model" if room else None
            self._show(at_once=True)

    @property
    def choice(self) -> str | None:
        """What a person said it should show, or "closed"; None where that was left to the room that there is."""
        return (self._kind or "closed") if self._chosen else None

    def restore_choice(self, choice: object) -> None:
        """Take what was chosen the last time; anything else than `choice` gives is passed over."""
        if choice in (*_KINDS, "closed") and choice is not None:
            self._choose(None if choice == "closed" else choice)  # type: ignore[arg-type]

    def show_content(self, content: ModelViewContent, at_once: bool) -> None:
        """Show this from now on; what is live may wait a little, what a person asked for is drawn `at_once`."""
        self._content = content
        self._show(at_once)

    def _show(self, at_once: bool) -> None:
        content = self._content
        runs = runs_in_model_view(content.shown, content.current) if self.is_open else []
        self._need(tuple(run.id for run in runs))
        if self._kind is not None:
            slots = {run.id: content.slot(run) for run in runs}
            panels = panels_of(runs, content.histories, slots, self._epoch, content.draft, content.own_datasets)
            if self._kind == "loss" and runs and _is_tried_out(content.draft, runs):
                panels += panels_of([], {}, {}, None, content.draft)
            self._view.show(self._kind, panels, at_once)

    def _need(self, run_ids: tuple[int, ...]) -> None:
        if run_ids != self._needed:
            self._needed = run_ids
            self.post_message(self.SnapshotsNeeded(run_ids))

    def start_over(self) -> None:
        """Show the latest epoch, and ask for all snapshots again: the store that held them was replaced."""
        self.show_latest()
        self._needed = ()

    # -- the epoch shown ------------------------------------------------------------------------------------

    def show_epoch(self, epoch: int | None) -> None:
        """Show the models as they were after an epoch that was chosen elsewhere; None for the latest."""
        if epoch != self._epoch:
            self._epoch = epoch
            self._show(at_once=True)

    def show_latest(self) -> None:
        """Go back to the latest epoch, if some other was shown or played."""
        self._stop_playing()
        if self._epoch is not None:
            self._go_to(None)

    def _go_to(self, epoch: int | None) -> None:
        self._epoch = epoch
        self._show(at_once=True)
        self.post_message(self.EpochShown(epoch))

    def _epochs(self) -> list[int]:
        """The epochs that can be shown of the highlighted run, or of the first one that has any."""
        content = self._content
        current = content.current
        if current is not None and current.id in content.histories:
            return content.histories[current.id].epochs
        history = next((found for i in self._needed if (found := content.histories.get(i))), None)
        return history.epochs if history is not None else []

    def _opened(self) -> bool:
        """Open if closed: what is to be moved should be seen first."""
        if self.is_open:
            return False
        self._choose("model")
        return True

    def _choose(self, kind: ModelViewKind | None) -> None:
        self._chosen = True
        self._kind = kind
        self._show(at_once=True)
        self.post_message(self.Toggled())

    # -- keys -----------------------------------------------------------------------------------------------

    def action_view(self) -> None:
        """The model's boundary or fit, the loss as a function, the errors, or none of them."""
        self._choose(_KINDS[(_KINDS.index(self._kind) + 1) % len(_KINDS)])

    def action_scrub(self, steps: int) -> None:
        """Move to a later (positive) or earlier snapshot; beyond the last is the present."""
        self._stop_playing()
        if self._opened():
            return
        epochs = self._epochs()
        if not epochs:
            self.notify("no snapshots to walk through yet", severity="warning")
            return
        at = len(epochs) - 1 if self._epoch is None else sum(epoch <= self._epoch for epoch in epochs) - 1
        at = max(at + steps, 0)
        self._go_to(epochs[at] if at < len(epochs) - (steps > 0) else None)

    def action_play(self) -> None:
        """Play the run from its first epoch to its last, or stop where it is."""
        if self._player is not None:
            self._stop_playing()
            return
        if self._opened():
            return
        epochs = self._epochs()
        if not epochs:
            self.notify("no snapshots to play yet", severity="warning")
            return
        self._go_to(epochs[0])
        self._player = self.set_interval(PLAY_SECONDS, self._play_on)

    def _play_on(self) -> None:
        later = [epoch for epoch in self._epochs() if self._epoch is not None and epoch > self._epoch]
        if len(later) > 1:
            self._go_to(later[0])
        else:
            self.show_latest()

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None


def _is_tried_out(draft: RunConfig | None, runs: Sequence[Run]) -> bool:
    """Whether the draft's loss has changed parameters and is none of the runs': its curve is drawn beside theirs."""
    if draft is None or draft.dataset != runs[0].config.dataset or draft.loss_as_typed == draft.loss_entry.short:
        return False
    return draft.loss_as_typed not in {run.config.loss_as_typed for run in runs}
