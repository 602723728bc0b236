"""RunConfig: the checked settings of one run, and what follows from them."""

from __future__ import annotations

import json
from functools import cached_property
from itertools import pairwise
from typing import Any

from pydantic import (
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from ..catalog import (
    OPTIMIZERS,
    Dataset,
    Loss,
    LossParameters,
    Metric,
    Note,
    Optimizer,
    OutputLayer,
    Setting,
    Task,
    changed_parameters,
    dataset_named,
    loss_as_typed,
    loss_named,
    notes,
    output_layer,
    parameter_settings,
    read_parameters,
)
from ..catalog.own_loss import own_loss, split_own_loss
from .reading import (
    ConfigError,
    parameters_by_name,
    problems_of,
    read_dataset,
    read_loss,
    read_optimizer,
    without_aliases,
)
from .settings import SETTINGS, RunSettings, applying_settings, datasets_that_take, overridden

MOST_WEIGHTS = 50_000_000
"""Of a network: with the optimizer's variables and the best weights a checkpoint stays below 1 GB, SQLite's limit."""
JSON_VERSION = 1
"""The version of `RunConfig.to_json`; a newer one is refused, an older one is brought up to date."""


class RunConfig(RunSettings):
    """The settings of one run, checked. Fields left out take the tutorial's value for the dataset.

    Build it with `RunConfig.of(…)`. Its fields are those of `RunSettings`.
    """

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        filled = dict(values)
        loss, typed = read_loss(str(filled["loss"]), filled.get("loss_file"))
        filled["loss_file"] = loss.file
        dataset = read_dataset(filled, loss)
        filled["loss"], filled["dataset"], filled["data_file"] = loss.name, dataset.name, dataset.file
        filled["loss_parameters"] = {**parameters_by_name(filled.get("loss_parameters", ())), **typed}
        optimizer = read_optimizer(filled)
        for name, setting in SETTINGS.items():
            if setting.from_dataset and filled.get(name) is None:
                filled[name] = dataset.default(name)
            if setting.from_optimizer and filled.get(name) is None:
                filled[name] = optimizer.defaults.get(name, 0.0)
        output_layer(loss, dataset)
        return filled

    @field_validator("loss_parameters", mode="before")
    @classmethod
    def _read_parameters(cls, values: dict[str, object], info: ValidationInfo) -> LossParameters:
        return read_parameters(read_loss(info.data["loss"], info.data.get("loss_file"))[0], values)

    @field_serializer("loss_parameters")
    def _parameters_as_object(self, parameters: LossParameters) -> dict[str, float]:
        return dict(parameters)

    @field_validator("*")
    @classmethod
    def _applies(cls, value: Any, info: ValidationInfo) -> Any:
        setting = SETTINGS.get(str(info.field_name))
        if setting is None:
            return value
        file = info.data.get("data_file")
        dataset = file.entry if file is not None else dataset_named(info.data["dataset"])
        optimizer = read_optimizer(info.data)
        default = cls.model_fields[setting.name].default
        only = default if setting.tasks else dataset.default(setting.name)
        if value != only and not setting.applies_to(dataset):
            takers = " and ".join(datasets_that_take(setting))
            raise ValueError(
                f"must be {_typed(setting, only)} on {dataset.name}, not {_typed(setting, value)}; it is for {takers}"
            )
        if value and not setting.is_taken_by(optimizer):
            takers = " and ".join(entry.name for entry in OPTIMIZERS.entries if setting.is_taken_by(entry))
            raise ValueError(f"must be 0 with {optimizer.name}, not {value:g}; it is for {takers}")
        if setting.of_hidden_layers and info.data.get("hidden_layers") == () and value != default:
            raise ValueError(f"must be {setting.written(default)} without a hidden layer, not {setting.written(value)}")
        return value

    @model_validator(mode="after")
    def _network_fits(self) -> RunConfig:
        widths = (self.dataset_entry.features, *self.hidden_layers, self.output_layer.units)
        weights = sum((inputs + 1) * units for inputs, units in pairwise(widths))
        if weights > MOST_WEIGHTS:
            raise ValueError(f"hidden_layers: give at most {MOST_WEIGHTS:,} weights in all, not {weights:,}")
        return self

    @model_validator(mode="after")
    def _validation_is_the_files(self) -> RunConfig:
        if self.data_file is not None and self.validation_fraction:
            raise ValueError(
                f"validation_fraction: must be 0 on {self.dataset}, which has validation rows of its own, "
                f"not {self.validation_fraction:g}"
            )
        return self

    @model_validator(mode="after")
    def _rows_can_weigh(self) -> RunConfig:
        if self.class_weight != "none" and self.loss_entry.over_batch and self.loss_file is None:
            raise ValueError(f"class_weight: must be none with {self.loss_entry.short}, which is of a whole batch")
        return self

    @model_validator(mode="after")
    def _batch_fits(self) -> RunConfig:
        if self.batch_size > self.train_rows:
            raise ValueError(
                f"batch_size: must be a whole number from 1 to {self.train_rows} "
                f"(the training set), not {self.batch_size}"
            )
        return self

    @classmethod
    def of(cls, loss: str, **settings: object) -> RunConfig:
        """Check settings and build the config.

        Args:
            loss: a loss's short name or Keras identifier, with parameters where they are not Keras's defaults
                (`huber:delta=2`).
            **settings: the dataset and settings by name; None takes the default.

        Raises:
            ConfigError: with a reason for each bad field.
        """
        given, problems = without_aliases({name: value for name, value in settings.items() if value is not None})
        try:
            config = cls.model_validate({"loss": loss, **given})
        except ValidationError as error:
            problems = {**problems_of(error), **problems}
        if problems:
            raise ConfigError(problems)
        return config

    def changed(self, **settings: object) -> RunConfig:
        """The same config with some settings replaced, checked again.

        Another loss has its own parameters' defaults. With another optimizer, settings that had the default of the one
        before get that of the new one.

        Raises:
            ConfigError: as `of` does.
        """
        kept = overridden(self.settings, settings)
        if settings.get("optimizer", self.optimizer) != self.optimizer:
            defaults = self.defaults()
            kept = {n: value for n, value in kept.items() if not (SETTINGS[n].from_optimizer and value == defaults[n])}
        if settings.get("loss", self.loss) == self.loss:
            kept |= {"loss_parameters": self.loss_parameters, "loss_file": self.loss_file}
        kept |= {"loss": self.loss, "dataset": self.dataset_entry}
        return RunConfig.of(**{**kept, **settings})

    def to_json(self) -> str:
        """The config as JSON with its version, for the store."""
        left_out = {name for name in ("loss_file", "data_file") if getattr(self, name) is None}
        return json.dumps({"version": JSON_VERSION, **self.model_dump(exclude=left_out)})

    @classmethod
    def from_json(cls, text: str | bytes) -> RunConfig:
        """Read what `to_json` wrote, checked.

        Raises:
            ConfigError: if it is damaged, of a newer version, or cannot be trained.
        """
        try:
            values = json.loads(text)
            version = values.pop("version")
        except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
            raise ConfigError({"config": "config: it is damaged"}) from None
        if version != JSON_VERSION:
            raise ConfigError({"config": f"config: version {str(version)[:20]!r} is not known"})
        return cls.of(**{"loss": "", **values})

    @property
    def train_rows(self) -> int:
        """Rows that are trained on."""
        return self.samples - self.test_rows - self.held_out_rows

    @property
    def held_out_rows(self) -> int:
        """Rows that are held out for validation; 0 where the test set is the validation set."""
        if self.data_file is not None:
            return self.data_file.validation_rows
        rows = self.samples - self.test_rows
        wanted = max(round(rows * self.validation_fraction), 1) if self.validation_fraction else 0
        return min(wanted, rows - 1)

    @property
    def validation_rows(self) -> int:
        """Rows that are measured after each epoch."""
        return self.held_out_rows or self.test_rows

    @property
    def test_rows(self) -> int:
        """Rows of the test set."""
        return self.dataset_entry.test_rows(self.samples, self.train_fraction)

    @property
    def measured_set(self) -> str:
        """The set that is measured after each epoch: "validation" where rows are held out for it, else "test"."""
        return "validation" if self.held_out_rows else "test"

    @property
    def loss_entry(self) -> Loss:
        """The catalogue's entry of the loss, or one made for an own loss; its file is not read."""
        return loss_named(self.loss) if self.loss_file is None else own_loss(self.loss, self.loss_file)

    @property
    def dataset_entry(self) -> Dataset:
        """The catalogue's entry of the dataset, or that of a person's own."""
        return self.data_file.entry if self.data_file is not None else dataset_named(self.dataset)

    @property
    def task(self) -> Task:
        """What is predicted."""
        return self.dataset_entry.task

    @property
    def metric(self) -> Metric:
        """The metric that this run is compared on."""
        return self.task.metric

    @property
    def optimizer_entry(self) -> Optimizer:
        """The catalogue's entry of the optimizer."""
        return OPTIMIZERS.find(self.optimizer)

    @property
    def output_layer(self) -> OutputLayer:
        """The output layer, the coding of targets and the decision that follow from loss and dataset."""
        return output_layer(self.loss_entry, self.dataset_entry)

    @property
    def corruption(self) -> float:
        """The share of the training targets that is corrupted, 0 to 1."""
        return float(getattr(self, self.task.corruption))

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to tell a person who trains this."""
        changed = changed_parameters(self.loss_entry, self.loss_parameters)
        return notes(self.loss_entry, self.dataset_entry, changed)

    @property
    def loss_as_typed(self) -> str:
        """The loss by its short name, with the parameters that differ from Keras's defaults: `huber:delta=2`."""
        return loss_as_typed(self.loss_entry, self.loss_parameters)

    @property
    def loss_option(self) -> str:
        """What `--loss` takes for it: as `loss_as_typed`, and an own loss with its file."""
        return self.loss_as_typed if self.loss_file is None else self.loss

    @property
    def loss_is_varied(self) -> bool:
        """Whether the loss has parameters other than Keras's, or comes from a file: its short name says too little."""
        return self.loss_file is not None or bool(changed_parameters(self.loss_entry, self.loss_parameters))

    @property
    def rows(self) -> dict[str, Setting]:
        """The rows of all that can be set of it, by name: the settings that apply, and the loss's parameters."""
        return {**applying_settings(self.dataset_entry, self.optimizer_entry), **parameter_settings(self.loss_entry)}

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting's value by its name; loss, its parameters and dataset aside."""
        return {name: getattr(self, name) for name in SETTINGS}

    @cached_property
    def but_seed(self) -> tuple[object, ...]:
        """Everything but seed and device: runs that agree on it are the same over several seeds."""
        file = self.loss_file
        loss = self.loss if file is None else (split_own_loss(self.loss)[1], file.sha256)
        chosen = (loss, self.loss_parameters, self.dataset, self.data_file)
        return (*chosen, *(getattr(self, name) for name, row in SETTINGS.items() if row.compared))

    def setting(self, name: str) -> Any:
        """The value of a setting or of a parameter of the loss; None for a parameter that only other losses have."""
        return getattr(self, name) if name in SETTINGS else dict(self.loss_parameters).get(name)

    def defaults(self) -> dict[str, Any]:
        """Every setting's default by its name, as they are for this dataset and this optimizer."""
        same: dict[str, Any] = {"dataset": self.dataset_entry, "loss_file": self.loss_file, "optimizer": self.optimizer}
        return {**RunConfig.of(self.loss, **same).settings, "optimizer": type(self).model_fields["optimizer"].default}

    def default_changes(self) -> dict[str, Any]:
        """The loss's parameters and the settings that differ from their defaults, by name; seed and device aside."""
        defaults = self.defaults()
        changes = {
            name: value for name, value in self.settings.items() if SETTINGS[name].compared and value != defaults[name]
        }
        return {**changed_parameters(self.loss_entry, self.loss_parameters), **changes}


def _typed(setting: Setting, value: object) -> str:
    """A value as messages say it: numbers short, words as they are."""
    return f"{value:g}" if isinstance(value, (int, float)) else setting.written(value)
