"""What would be trained next: a loss, a dataset, and the settings that were changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..catalog import (
    LOSSES,
    MENU_DATASETS,
    MENU_LOSSES,
    OPTIMIZERS,
    SGD,
    Dataset,
    Loss,
    Optimizer,
    changed_parameters,
    dataset_named,
    fitting_dataset,
    fitting_losses,
    refusal,
)
from ..config import ConfigError, RunConfig, applying_settings
from ..experiments.planning import with_validation


@dataclass(frozen=True)
class Draft:
    """The settings that Enter would train.

    Attributes:
        loss: The chosen loss.
        dataset: The chosen dataset.
        changes: The settings that differ from their defaults. Those that mean nothing on the dataset or to the
            optimizer stay here, and count again once one is chosen that takes them.
        parameters: Of each loss whose parameters were changed those that differ from Keras's defaults, by its name.
        added: The losses that the person added to the menu.
        own_datasets: The person's own datasets.
        added_datasets: The datasets of the catalogue that the person added to the menu.
    """

    loss: Loss = LOSSES[0]
    dataset: Dataset = field(default_factory=lambda: dataset_named(LOSSES[0].default_dataset))
    changes: Mapping[str, object] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    added: tuple[Loss, ...] = ()
    own_datasets: tuple[Dataset, ...] = ()
    added_datasets: tuple[Dataset, ...] = ()

    @property
    def menu(self) -> tuple[Loss, ...]:
        """The losses of the menu: the tutorial's, then those that were added."""
        return (*MENU_LOSSES, *self.added)

    @property
    def dataset_menu(self) -> tuple[Dataset, ...]:
        """The datasets of the menu: the tutorial's, then the person's own, then those that were added."""
        return (*MENU_DATASETS, *self.own_datasets, *self.added_datasets)

    @classmethod
    def of(cls, config: RunConfig) -> Draft:
        """The draft that would train a run's settings once more."""
        defaults = config.defaults()
        changes = {name: value for name, value in config.settings.items() if value != defaults[name]}
        parameters = changed_parameters(config.loss_entry, config.loss_parameters)
        return cls(config.loss_entry, config.dataset_entry, changes, {config.loss: parameters})

    def with_loss(self, loss: Loss) -> tuple[Draft, str]:
        """Choose a loss, and its own dataset where it means nothing on the present one.

        Returns:
            The draft, and why the dataset changed too; an empty string where it did not.
        """
        dataset = fitting_dataset(loss, self.dataset)
        reason = "" if dataset == self.dataset else f"{refusal(loss, self.dataset)}: moved to {dataset.name}"
        return replace(self, loss=loss, dataset=dataset), reason

    def with_dataset(self, dataset: Dataset) -> Draft:
        """Choose a dataset, and its first loss where the present one means nothing on it."""
        fits = refusal(self.loss, dataset) is None
        return replace(self, dataset=dataset, loss=self.loss if fits else fitting_losses(dataset)[0])

    def with_next_dataset(self) -> tuple[Draft, str]:
        """Choose the next dataset of the menu that fits the loss.

        Returns:
            The draft, and why datasets were passed over; an empty string where none was.
        """
        menu = self.dataset_menu
        at = menu.index(self.dataset) if self.dataset in menu else -1
        reasons: list[str] = []
        for dataset in (*menu[at + 1 :], *menu[: max(at, 0)]):
            reason = refusal(self.loss, dataset)
            if reason is None:
                return replace(self, dataset=dataset), " ".join(reasons)
            reasons.append(f"{dataset.name} passed over: {reason}")
        return self, " ".join(reasons)

    def with_added(self, added: tuple[Loss, ...]) -> Draft:
        """Change what is in the menu beside the tutorial's losses."""
        return replace(self, added=added)

    def with_added_datasets(self, added: tuple[Dataset, ...]) -> Draft:
        """Change which datasets of the catalogue are in the menu beside the tutorial's."""
        return replace(self, added_datasets=added)

    def with_menus_of(self, other: Draft) -> Draft:
        """Offer in the menus what another draft's offer."""
        return replace(self, added=other.added, own_datasets=other.own_datasets, added_datasets=other.added_datasets)

    def with_own_datasets(self, own: tuple[Dataset, ...]) -> tuple[Draft, str]:
        """Offer these datasets of the person's own, as they are in the store now.

        Returns:
            The draft, and why its dataset changed; an empty string where it did not. A chosen one that was added anew
            stays chosen as it is now; in place of one that was removed the loss's own dataset is chosen.
        """
        draft = replace(self, own_datasets=own)
        if self.dataset not in self.own_datasets or self.dataset in own:
            return draft, ""
        anew = next((dataset for dataset in own if dataset.name == self.dataset.name), None)
        if anew is not None:
            return draft.with_dataset(anew), ""
        other = dataset_named(self.loss.default_dataset)
        return draft.with_dataset(other), f"{self.dataset.name} was removed: moved to {other.name}"

    def with_step(self, steps: int) -> tuple[Draft, str]:
        """Move the first parameter of the chosen loss a few steps up (positive) or down.

        Returns:
            The draft, and the parameter with its value, or why there is nothing to move.
        """
        if not self.loss.parameters:
            return self, f"{self.loss.short} has no parameter"
        parameter = self.loss.parameters[0]
        values = dict(self.parameters.get(self.loss.name, {}))
        value = parameter.stepped(values.get(parameter.name, parameter.default), steps)
        values[parameter.name] = value
        return self.with_parameters(values), f"{self.loss.short}: {parameter.name} {value:g}"

    def with_changes(self, changes: Mapping[str, object]) -> Draft:
        """Change settings; `changes` stands for all that was changed before."""
        return replace(self, changes=dict(changes))

    def with_parameters(self, parameters: Mapping[str, float]) -> Draft:
        """Change the parameters of the chosen loss; those that are left out take Keras's defaults."""
        return replace(self, parameters={**self.parameters, self.loss.name: dict(parameters)})

    @property
    def optimizer(self) -> Optimizer:
        """The chosen optimizer."""
        return OPTIMIZERS.find(str(self.changes.get("optimizer", SGD.name)))

    def config(self) -> RunConfig:
        """The checked settings of one run.

        Raises:
            ConfigError: Where they cannot be trained, with a reason for each bad setting.
        """
        applying = applying_settings(self.dataset, self.optimizer)
        changes = {name: value for name, value in self.changes.items() if name in applying}
        parameters = self.parameters.get(self.loss.name)
        chosen = {"dataset": self.dataset, "loss_parameters": parameters, "loss_file": self.loss.file}
        return RunConfig.of(self.loss.name, **{**chosen, **changes})

    def all_losses(self, seeds: int = 1) -> list[RunConfig]:
        """The settings of a run for every loss of the menu that fits the dataset and each of several seeds.

        Args:
            seeds: How many seeds, from the draft's own on.

        Returns:
            The settings, seed by seed.

        Raises:
            ConfigError: Where they cannot be trained.
        """
        first = self.config()
        return [
            first.changed(loss=loss.name, loss_parameters=self.parameters.get(loss.name), seed=first.seed + number)
            for number in range(seeds)
            for loss in fitting_losses(self.dataset)
            if loss in self.menu
        ]

    def comparison_settings(self) -> dict[str, object]:
        """What every run of a comparison has beside its loss, its learning rate and its seed: what was changed.

        Rows are held out for tuning where the dataset has no validation rows of its own.
        """
        applying = applying_settings(self.dataset, self.optimizer)
        own = ("seed", "learning_rate", "data_seed")
        changes = {name: value for name, value in self.changes.items() if name in applying and name not in own}
        return with_validation(changes, self.dataset.file is not None)

    def comparison_configs(self, names: Sequence[str] | None = None) -> list[RunConfig]:
        """The losses of a comparison, each with the settings that it begins with.

        Args:
            names: As they are typed; None for every loss of the menu that fits the dataset.

        Raises:
            ConfigError: One of them cannot be trained.
        """
        menu = {config.loss_option: config for config in self.all_losses()}
        settings = {**self.comparison_settings(), "dataset": self.dataset}
        rate = self.config().learning_rate
        configs = []
        for name in menu if names is None else names:
            known = menu.get(name)
            loss, file = (name, None) if known is None else (known.loss, known.loss_file)
            parameters = None if known is None else known.loss_parameters
            more = {"loss_file": file, "loss_parameters": parameters, "learning_rate": rate}
            configs.append(RunConfig.of(loss, **{**settings, **more}))
        return configs

    def checked(self) -> tuple[RunConfig | None, str]:
        """The settings of one run, or None and why they cannot be trained."""
        try:
            return self.config(), ""
        except ConfigError as error:
            return None, str(error)
