"""The pane of what is trained next: its loss, its dataset, its settings, and the keys that train it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from ...catalog import Dataset, loss_named, refusal
from ...catalog.menu import ADDED_DATASETS, ADDED_LOSSES, added_names
from ...config import ConfigError, RunConfig
from ...experiments.comparison import ComparisonPlan
from ...experiments.presets import Preset
from ..draft import Draft
from ..messages import (
    AddDataset,
    AllowLossFile,
    DataDescribed,
    FindLosses,
    RemoveDataset,
    Request,
    Requested,
    SetPreference,
    StartComparison,
    StartRuns,
)
from ..screens.dialogs import ConfirmScreen
from ..widgets.status import SettingsSummary
from .menus import DatasetMenu, LossMenu, Menu


class DraftPane(Vertical):
    """Shows the draft, changes it, and asks for its training."""

    class Changed(Message):
        """Something else would be trained next.

        Attributes:
            draft: What.
            remark: Why something else changed with the choice; empty where nothing did.
        """

        def __init__(self, draft: Draft, remark: str = "") -> None:
            super().__init__()
            self.draft, self.remark = draft, remark

    def __init__(self, draft: Draft, time_words: Callable[[Sequence[RunConfig]], str]) -> None:
        """Show a draft; `time_words` says how long some runs would take."""
        super().__init__(id="draft")
        self._draft = draft
        self._time_words = time_words

    def compose(self) -> ComposeResult:
        """The menus and the settings."""
        for widget, title in (
            (LossMenu(id="losses"), "Loss · + more losses …"),
            (DatasetMenu(id="datasets"), "Dataset · M more, F file"),
            (SettingsSummary(), "Settings"),
        ):
            widget.border_title = title
            yield widget

    def on_mount(self) -> None:
        """Show what is chosen at the start."""
        self.show_draft(self._draft)

    def show_draft(self, draft: Draft) -> None:
        """Show what would be trained next."""
        self._draft = draft
        for menu in self.query(Menu):
            menu.show_draft(draft)
        self.query_one(SettingsSummary).show_settings(*draft.checked())

    def _change(self, draft: Draft, remark: str = "") -> None:
        self.show_draft(draft)
        self.focus_menu()
        self.post_message(self.Changed(draft, remark))

    def focus_menu(self) -> None:
        """Give the keys to a menu: Enter trains what was picked, wherever the cursor was."""
        if not any(menu.has_focus for menu in self.query(Menu)):
            self.query_one(LossMenu).focus()

    # -- choosing -------------------------------------------------------------------------------------------

    @on(Menu.Picked)
    def _picked(self, event: Menu.Picked) -> None:
        event.stop()
        if isinstance(event.menu, LossMenu):
            self.action_pick_loss(event.name)
        else:
            named = (dataset for dataset in self._draft.dataset_menu if dataset.name == event.name)
            if (dataset := next(named, None)) is not None:
                self._change(*_with_dataset(self._draft, dataset))

    def action_pick_loss(self, name: str) -> None:
        """Pick a loss."""
        self._change(*self._draft.with_loss(loss_named(name)))

    def action_pick_added(self, number: int) -> None:
        """Pick a loss that was added to the menu, 0 the first."""
        if number < len(self._draft.added):
            self.action_pick_loss(self._draft.added[number].name)
        else:
            self.notify("the menu has no such loss; + adds one", markup=False)

    @on(LossMenu.MoreWanted)
    def action_more_losses(self) -> None:
        """Pick any loss, and say which are kept in the menu."""
        from ..screens.loss_picker import LossChoice, LossPicker

        def chosen(choice: LossChoice | None) -> None:
            if choice is None:
                return
            draft = self._draft.with_added(choice.added)
            if choice.added != self._draft.added:
                self.post_message(Requested(SetPreference(ADDED_LOSSES, added_names(choice.added))))
            if choice.source is not None:
                self.post_message(Requested(AllowLossFile(choice.source)))
            if choice.loss is not None:
                self._change(*draft.with_loss(choice.loss))
            elif draft != self._draft:
                self._change(draft)

        def find_losses(path: str) -> None:
            self.post_message(Requested(FindLosses(path)))

        self.app.push_screen(LossPicker(self._draft, find_losses), chosen)

    @on(DatasetMenu.Opened)
    def _opened(self, event: DatasetMenu.Opened) -> None:
        event.stop()
        if event.way == "file":
            self.action_data_file()
        else:
            self.action_more_datasets()

    def action_more_datasets(self) -> None:
        """Pick any dataset, and say which are kept in the menu."""
        from ..screens.dataset_picker import DatasetChoice, DatasetPicker

        def chosen(choice: DatasetChoice | None) -> None:
            if choice is None:
                return
            draft = self._draft.with_added_datasets(choice.added)
            if choice.added != self._draft.added_datasets:
                self.post_message(Requested(SetPreference(ADDED_DATASETS, added_names(choice.added))))
            if choice.dataset is not None:
                self._change(*_with_dataset(draft, choice.dataset))
            elif draft != self._draft:
                self._change(draft)
            if choice.file:
                self.action_data_file()

        self.app.push_screen(DatasetPicker(self._draft), chosen)

    def action_data_file(self) -> None:
        """Add a file of the person's own as a dataset."""
        from ..screens.file_picker import FilePicker

        def send(request: Request) -> None:
            self.post_message(Requested(request))

        def described(answer: DataDescribed | None) -> None:
            if answer is None or answer.file is None:
                return
            file = answer.file
            send(AddDataset(file, answer.report))
            self._change(*_with_dataset(self._draft, file.entry))
            self.notify(f"added {file.name}: {file.entry.split_words}", markup=False)

        taken = {one.name: one.file.path for one in self._draft.own_datasets if one.file is not None}
        self.app.push_screen(FilePicker(taken, send), described)

    @on(DatasetMenu.RemoveWanted)
    def _remove_wanted(self, event: DatasetMenu.RemoveWanted) -> None:
        """Ask before a dataset of the person's own is removed."""
        event.stop()
        name, file = self._draft.dataset.name, self._draft.dataset.file
        if file is None:
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                self.post_message(Requested(RemoveDataset(name)))

        words = f"The file {file.path} stays as it is, and so do the runs that were trained on it."
        self.app.push_screen(ConfirmScreen(f"Remove {name} from your datasets?", words, "remove it"), answered)

    def action_step_parameter(self, steps: int) -> None:
        """Move the loss's parameter; its curve follows."""
        self._change(*self._draft.with_step(steps))

    def action_next_dataset(self) -> None:
        """Move to the next dataset that fits."""
        self._change(*self._draft.with_next_dataset())

    def action_settings(self) -> None:
        """Change the settings."""
        from ..screens.settings import SettingsScreen

        def changed(draft: Draft | None) -> None:
            if draft is not None:
                self._change(draft)

        self.app.push_screen(SettingsScreen(self._draft), changed)

    # -- training -------------------------------------------------------------------------------------------

    def action_train(self) -> None:
        """Train what is chosen."""
        self._queue(lambda: [self._draft.config()], mark=False)

    def action_train_all(self) -> None:
        """Train every loss that fits, and compare them."""
        self._queue(self._draft.all_losses, mark=True)

    def action_compare(self) -> None:
        """Plan a comparison of losses, and begin it."""
        from ..screens.compare_dialog import CompareDialog

        def chosen(plan: ComparisonPlan | None) -> None:
            if plan is not None:
                self.post_message(Requested(StartComparison(plan)))

        try:
            dialog = CompareDialog(self._draft, self._time_words)
        except ConfigError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.app.push_screen(dialog, chosen)

    def action_presets(self) -> None:
        """Choose one of the shipped experiments, and train it."""
        from ..screens.presets import PresetsScreen

        def chosen(preset: Preset | None) -> None:
            if preset is not None:
                device = self._draft.changes.get("device", "auto")
                self._queue(lambda: [one.changed(device=device) for one in preset.configs], mark=True)

        self.app.push_screen(PresetsScreen(), chosen)

    def _queue(self, make: Callable[[], Sequence[RunConfig]], mark: bool) -> None:
        """Ask for the training of what `make` gives, or say what is wrong with it."""
        try:
            configs = make()
        except ConfigError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.post_message(Requested(StartRuns(tuple(configs), mark)))


def _with_dataset(draft: Draft, dataset: Dataset) -> tuple[Draft, str]:
    """A draft on another dataset, and why its loss changed too; an empty string where it did not."""
    reason = refusal(draft.loss, dataset)
    moved = draft.with_dataset(dataset)
    return moved, "" if reason is None else f"{reason}: moved to {moved.loss.short}"
