"""What the screen shows, free of widgets: the runs, their curves, the marks, the order, and the next experiment."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..catalog import LOSSES, Dataset, Loss, dataset_named, fitting_dataset, fitting_losses, loss_named, refusal
from ..chart.styles import SLOTS
from ..experiment import Experiment, ExperimentError
from ..hangs import HangWatch
from ..records import ACTIVE, Epoch, Run, Trainer
from .columns import COLUMNS, Column, columns_for, sort_key
from .glimpse import Glimpse

KEPT_EPOCHS = 200_000
"""How many epochs of runs that are not shown are kept in memory; those of others are read again when they are."""


class Curve:
    """The epochs of one run in columns, growing as they arrive."""

    def __init__(self) -> None:
        self.epochs = array("q")
        self.train_loss = array("d")
        self.test_loss = array("d")
        self.train_metric = array("d")
        self.test_metric = array("d")
        self.last_seconds = 0.0

    def extend(self, epochs: Iterable[Epoch]) -> None:
        """Append epochs; those already here (after a reopened store) are passed over, and so are ones after a gap."""
        for epoch in epochs:
            if epoch.epoch != (self.epochs[-1] if self.epochs else 0) + 1:
                continue
            self.epochs.append(epoch.epoch)
            self.train_loss.append(epoch.train_loss)
            self.test_loss.append(epoch.test_loss)
            self.train_metric.append(epoch.train_metric)
            self.test_metric.append(epoch.test_metric)
            self.last_seconds = epoch.seconds


@dataclass
class Draft:
    """The experiment that Enter would train: a loss, a dataset, and the settings that were changed.

    changes: those for other datasets too; they come back with such a dataset.
    """

    loss: Loss = field(default_factory=lambda: loss_named("mse"))
    dataset: Dataset = field(default_factory=lambda: dataset_named("regression"))
    changes: dict[str, object] = field(default_factory=dict)

    def pick_loss(self, loss: Loss) -> None:
        """Choose a loss, and its own dataset if it means nothing on the present one."""
        self.loss = loss
        self.dataset = fitting_dataset(loss, self.dataset)

    def pick_dataset(self, dataset: Dataset) -> None:
        """Choose a dataset, and its first loss if the present one means nothing on it."""
        self.dataset = dataset
        if refusal(self.loss, dataset) is not None:
            self.loss = fitting_losses(dataset)[0]

    def take(self, experiment: Experiment) -> None:
        """Choose everything as in an experiment."""
        self.loss, self.dataset = experiment.loss_entry, experiment.dataset_entry
        tutorial = Experiment.of(experiment.loss, dataset=experiment.dataset).model_dump()
        given = experiment.model_dump()
        self.changes = {name: value for name, value in given.items() if value != tutorial[name]}

    def experiment(self, **more: object) -> Experiment:
        """The checked experiment, without the changes that are for other datasets. Raises ExperimentError."""
        changes = {name: value for name, value in self.changes.items() if self.dataset.takes(name)}
        return Experiment.of(self.loss.name, **{"dataset": self.dataset.name, **changes, **more})

    def all_losses(self, seeds: int = 1) -> list[Experiment]:
        """An experiment for every loss that fits the dataset and each of `seeds` seeds from the draft's own on."""
        first = self.experiment()
        return [
            first.changed(loss=loss.name, seed=first.seed + number)
            for number in range(seeds)
            for loss in fitting_losses(self.dataset)
        ]

    def checked(self) -> tuple[Experiment | None, str]:
        """The experiment, or None and why it cannot be trained."""
        try:
            return self.experiment(), ""
        except ExperimentError as error:
            return None, str(error)


class Board:
    """The runs as the screen knows them, and what the person is doing with them."""

    def __init__(self) -> None:
        self.runs: dict[int, Run] = {}
        self.curves: dict[int, Curve] = {}
        self.glimpses: dict[int, Glimpse] = {}
        self.trainers: list[Trainer] = []
        self.marked: list[int] = []
        self.highlighted: int | None = None
        self.slots: dict[object, int] = {}
        self.grouped = True
        self.draft = Draft()
        self.sort = "id"
        self.descending = True
        self.filter = ""
        self.deleted: list[list[int]] = []
        self.hangs = HangWatch()

    def take(self, runs: Iterable[Run], now: float = 0.0) -> None:
        """Take changed runs in, at the time `now` in seconds; deleted ones go."""
        for run in runs:
            self.hangs.moved(run.id, now)
            if run.deleted:
                self._forget(run.id)
            else:
                self.runs[run.id] = run

    def start_over(self) -> None:
        """Forget every run, for the store that held them was replaced; what will be trained next stays chosen."""
        for kept in (self.runs, self.curves, self.glimpses, self.marked, self.slots, self.deleted):
            kept.clear()
        self.hangs = HangWatch()
        self.trainers = []
        self.highlighted = None

    def add_epochs(self, epochs: dict[int, list[Epoch]]) -> None:
        """Take new epochs in; those of a run that are sent from the first on stand for all that were there."""
        for run_id, new in epochs.items():
            if new[0].epoch == 1:
                self.curves[run_id] = Curve()
            self.curves.setdefault(run_id, Curve()).extend(new)

    def trim(self) -> list[int]:
        """Let go of curves that are not shown, the oldest first, until KEPT_EPOCHS are left; whose they were."""
        shown = {run.id for run in self.shown}
        others = [run_id for run_id in self.curves if run_id not in shown]
        count = sum(len(self.curves[run_id].epochs) for run_id in others)
        dropped = []
        for run_id in others:
            if count <= KEPT_EPOCHS:
                break
            count -= len(self.curves.pop(run_id).epochs)
            dropped.append(run_id)
        return dropped

    def _forget(self, run_id: int) -> None:
        self.runs.pop(run_id, None)
        self.glimpses.pop(run_id, None)
        if run_id in self.marked:
            self.marked.remove(run_id)
        if self.highlighted == run_id:
            self.highlighted = None

    # -- runs in the table ----------------------------------------------------------------------------------

    def rows(self) -> list[Run]:
        """The runs that the filter lets through, pinned first, in the chosen order."""
        words = self.filter.lower().split()
        shown = [run for run in self.runs.values() if all(word in _haystack(run) for word in words)]
        column = next((column for column in self.columns if column.name == self.sort), COLUMNS[0])
        shown.sort(key=lambda run: run.id, reverse=True)
        shown.sort(key=lambda run: sort_key(column, run), reverse=self.descending)
        # Whichever way it is turned, runs without a value stand last and pinned ones first.
        shown.sort(key=lambda run: (not run.pinned, sort_key(column, run)[0]))
        return shown

    @property
    def columns(self) -> tuple[Column, ...]:
        """The table's columns for what is compared at present."""
        return columns_for(self.shown, self.runs.values())

    def sort_by(self, column: str) -> None:
        """Order by a column, or turn the order round if it is that column already."""
        if column == self.sort:
            self.descending = not self.descending
        else:
            self.sort = column
            self.descending = column == "id"

    def sort_next(self) -> None:
        """Order by the next column."""
        names = [column.name for column in self.columns]
        at = names.index(self.sort) if self.sort in names else 0  # the column may have gone with what was compared
        self.sort_by(names[(at + 1) % len(names)])

    def toggle_mark(self, run_id: int) -> None:
        """Mark a run for the overlay, or unmark it."""
        if run_id in self.marked:
            self.marked.remove(run_id)
        else:
            self.marked.append(run_id)

    # -- what is looked at ----------------------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The highlighted run."""
        return None if self.highlighted is None else self.runs.get(self.highlighted)

    @property
    def shown(self) -> list[Run]:
        """The runs in the chart: the marked ones, and the highlighted one."""
        ids = list(self.marked)
        if self.highlighted is not None and self.highlighted not in ids:
            ids.append(self.highlighted)
        return [self.runs[run_id] for run_id in ids if run_id in self.runs]

    def slot(self, run: Run) -> int:
        """The run's colour and glyph, 0 to 13, kept as long as it is shown: its loss's own, if that is free.

        Runs that differ in nothing but the seed share one while they are drawn as one curve.
        """
        key = run.experiment.but_seed if self.grouped and len(self.shown) > 1 else run.id
        if key not in self.slots:
            self.slots[key] = self._free_slot(run)
        return self.slots[key]

    def _free_slot(self, run: Run) -> int:
        shown = {key for other in self.shown for key in (other.id, other.experiment.but_seed)}
        taken = {slot for key, slot in self.slots.items() if key in shown}
        own = LOSSES.index(run.experiment.loss_entry)
        free = [own, *range(len(LOSSES), SLOTS), *range(len(LOSSES))]
        return next((slot for slot in free if slot not in taken), own)

    @property
    def busy(self) -> list[Run]:
        """Runs that are queued or active, oldest first."""
        return sorted(
            (run for run in self.runs.values() if run.status == "queued" or run.status in ACTIVE),
            key=lambda run: run.id,
        )


def _haystack(run: Run) -> str:
    e = run.experiment
    words = (f"#{run.id}", e.loss, e.loss_entry.short, e.dataset, f"seed={e.seed}", run.status, run.device, run.note)
    return " ".join(words).lower()
