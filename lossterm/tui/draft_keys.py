"""The main screen's actions on what is trained next: its loss, its dataset, its settings, and to train it."""

from __future__ import annotations

from textual import on

from ..catalog import DATASETS, dataset_named, loss_named, refusal
from .board_screen import BoardScreen
from .feed import Feed
from .screens.dialogs import AskScreen
from .screens.settings import SettingsScreen
from .widgets.menus import LossMenu, Menu

MOST_SEEDS = 20


class DraftKeys(BoardScreen):
    """The actions that choose and train what comes next.

    remark: why something else changed with the last choice; empty if nothing did.
    """

    def __init__(self, feed: Feed):
        super().__init__(feed)
        self.remark = ""

    @on(Menu.Picked)
    def _picked(self, event: Menu.Picked) -> None:
        if isinstance(event.menu, LossMenu):
            self.action_pick_loss(event.name)
        else:
            self.board.draft.pick_dataset(dataset_named(event.name))
            self._drafted()

    def action_pick_loss(self, name: str) -> None:
        """Pick a loss."""
        before = self.board.draft.dataset
        self.board.draft.pick_loss(loss_named(name))
        dataset = self.board.draft.dataset
        self._drafted(f"{refusal(loss_named(name), before)}: moved to {dataset.name}" if dataset != before else "")

    def action_next_dataset(self) -> None:
        """Move to the next dataset that fits."""
        draft = self.board.draft
        at = DATASETS.index(draft.dataset)
        remarks = []
        for dataset in (*DATASETS[at + 1 :], *DATASETS[:at]):
            reason = refusal(draft.loss, dataset)
            if reason is None:
                draft.pick_dataset(dataset)
                break
            remarks.append(f"{dataset.name} passed over: {reason}")
        self._drafted(" ".join(remarks))

    def _drafted(self, remark: str = "") -> None:
        """The next experiment changed; `remark` says why something else changed with it."""
        self.remark = remark
        self.on_a_run = False
        self.warm_up()
        self.show_all()

    def warm_up(self) -> None:
        """Have an idle trainer compile beforehand what would be trained."""
        experiment, _ = self.board.draft.checked()
        if experiment is not None:
            self.feed.ask(lambda store: store.warm_up(experiment))

    def action_train(self) -> None:
        """Train what is chosen."""
        self.queue_runs(lambda: [self.board.draft.experiment()], mark=False)

    def action_train_all(self) -> None:
        """Train every loss that fits, and compare them."""
        self.queue_runs(self.board.draft.all_losses, mark=True)

    def action_train_seeds(self) -> None:
        """Ask for a number of seeds, and train every loss that fits with each."""

        def chosen(answer: str | None) -> None:
            if answer is not None:
                self.queue_runs(lambda: self.board.draft.all_losses(int(answer)), mark=True)

        dataset = self.board.draft.dataset.name
        title = f"Every loss that fits {dataset}, over how many seeds?"
        self.app.push_screen(AskScreen(title, "5", f"1 to {MOST_SEEDS}", _seeds_problem), chosen)

    def action_settings(self) -> None:
        """Change the settings."""
        draft = self.board.draft

        def changed(changes: dict[str, object] | None) -> None:
            if changes is not None:
                draft.changes = changes
                self._drafted()

        self.app.push_screen(SettingsScreen(draft.loss.name, draft.dataset.name, dict(draft.changes)), changed)

    def action_reuse(self) -> None:
        """Fill the settings from the highlighted run, and show them."""
        run = self.board.current
        if run is not None:
            self.board.draft.take(run.experiment)
            self.show_all()
            self.action_settings()


def _seeds_problem(text: str) -> str | None:
    good = text.strip().isdigit() and 1 <= int(text) <= MOST_SEEDS
    return None if good else f"must be a whole number from 1 to {MOST_SEEDS}"
