"""RunConfig: the validated settings of one run, and the errors that name the field and its range."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from .catalog import (
    ACTIVATIONS,
    DATASETS,
    MENU_DATASETS,
    OPTIMIZERS,
    SGD,
    Alias,
    Choice,
    DataFile,
    Dataset,
    DeviceName,
    HiddenLayers,
    Loss,
    LossParameters,
    Metric,
    Note,
    Number,
    Optimizer,
    OutputLayer,
    Setting,
    Task,
    UnknownNameError,
    changed_parameters,
    dataset_named,
    loss_as_typed,
    loss_named,
    notes,
    output_layer,
    parameter_settings,
    parse_loss,
    read_parameters,
)
from .catalog.own_loss import OWN_LOSS_SYNTAX, LossFile, is_own_loss, own_loss, split_own_loss

MOST_WEIGHTS = 50_000_000
"""Of a network: with the optimizer's variables and the best weights a checkpoint stays below 1 GB, SQLite's limit."""
JSON_VERSION = 1
"""The version of `RunConfig.to_json`; a newer one is refused, an older one is brought up to date."""


class ConfigError(ValueError):
    """Settings that cannot be trained.

    Attributes:
        problems: the reason for each bad field, which begins with the field's name.
    """

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(self.problems.values()))


class RunConfig(BaseModel):
    """The settings of one run, checked. Fields left out take the tutorial's value for the dataset.

    Build it with `RunConfig.of(…)`. Each field but the first three is a setting, described by the row in its
    annotation: to add one, add a field here and use it where it has its effect.

    Attributes:
        loss, dataset: catalogue names; short names are accepted and stored in full, and so is a loss with parameters
            as it is typed (`huber:delta=2`). A person's own loss is named `FILE.py:FUNCTION`.
        loss_file: where an own loss comes from; None for the catalogue's.
        loss_parameters: every parameter of the loss with its value, sorted by name; a dict is accepted, and what it
            leaves out takes Keras's default.
        data_file: of a person's own dataset, what is known of its file. A dataset may also be given as an entry.
        hidden_layers: the widths of the hidden layers.
        samples, noise, imbalance, train_fraction: how the dataset is made.
        class_weight: "balanced" weights each training row in the loss by the inverse share of its class, as Keras's
            class_weight does.
        outlier_fraction, label_noise: the share of the training targets that is corrupted; the test set stays clean.
            A setting that means nothing on the dataset is 0, or what is fixed there, such as the rows of a real one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss: str
    dataset: str
    loss_file: LossFile | None = None
    loss_parameters: LossParameters = ()
    data_file: DataFile | None = None
    epochs: Annotated[
        int,
        Setting("epochs", Number(1, 1_000_000, whole=True), "epochs", "ep", "epochs", "50 by default."),
    ] = 50
    batch_size: Annotated[
        int,
        Setting(
            "batch_size",
            Number(1, 10_000_000, whole=True),
            "batch size",
            "bs",
            "batch",
            "32 by default.",
            compiled=True,
        ),
    ] = 32
    early_stopping: Annotated[
        int,
        Setting(
            "early_stopping",
            Number(0, 1_000_000, whole=True),
            "early stopping",
            "stop",
            "e.stop",
            "Stop after so many epochs without a lower validation loss, and restore the best weights; 0: never.",
            metavar="PATIENCE",
            panel_if_changed=True,
        ),
    ] = 0
    optimizer: Annotated[
        str,
        Setting(
            "optimizer",
            Choice(tuple(entry.name for entry in OPTIMIZERS.entries)),
            "optimizer",
            "opt",
            "optim",
            f"{', '.join(entry.name for entry in OPTIMIZERS.entries)}, each with Keras's defaults; sgd by default.",
            metavar="NAME",
            compiled=True,
        ),
    ] = SGD.name
    learning_rate: Annotated[
        float,
        Setting(
            "learning_rate",
            Number(0, 100, open_low=True),
            "learning rate",
            "lr",
            "lr",
            "By default 0.01 for sgd, and Keras's 0.001 for the other optimizers.",
            metavar="X",
            from_optimizer=True,
        ),
    ]
    momentum: Annotated[
        float,
        Setting(
            "momentum",
            Number(0, 0.9999),
            "momentum",
            "mom",
            "mom",
            "Of sgd (0.9 by default) and rmsprop (0 by default).",
            metavar="X",
            from_optimizer=True,
            compiled=True,
        ),
    ]
    weight_decay: Annotated[
        float,
        Setting(
            "weight_decay",
            Number(0, 1),
            "weight decay",
            "wd",
            "w.decay",
            "The share of each weight, times the learning rate, that a step takes away; 0.004 for adamw, else 0.",
            metavar="X",
            from_optimizer=True,
            compiled=True,
        ),
    ]
    hidden_layers: Annotated[
        tuple[int, ...],
        Setting(
            "hidden_layers",
            HiddenLayers(),
            "hidden layers",
            "hid",
            "hidden",
            "The widths of the hidden layers, as 64,32, or none; by default the tutorial's one for the dataset.",
            metavar="N,N",
            from_dataset=True,
            compiled=True,
            alias=Alias(
                "hidden_units",
                Number(1, 65_536, whole=True),
                "One hidden layer, of this width.",
                lambda widths: widths[0] if len(widths) == 1 else None,
            ),
        ),
    ]
    activation: Annotated[
        str,
        Setting(
            "activation",
            Choice(tuple(ACTIVATIONS)),
            "activation",
            "act",
            "activ",
            f"Of the hidden layers, relu by default: {', '.join(ACTIVATIONS)}. All start from He-uniform weights.",
            metavar="NAME",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = "relu"
    dropout: Annotated[
        float,
        Setting(
            "dropout",
            Number(0, 0.99),
            "dropout",
            "drop",
            "dropout",
            "The share of each hidden layer's outputs that a training step leaves out; 0 by default.",
            metavar="X",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = 0.0
    l2: Annotated[
        float,
        Setting(
            "l2",
            Number(0, 100),
            "L2 penalty",
            "l2",
            "l2",
            "Times the sum of squares of the hidden layers' kernels, added to the loss; 0 by default.",
            metavar="X",
            compiled=True,
            of_hidden_layers=True,
        ),
    ] = 0.0
    seed: Annotated[
        int,
        Setting(
            "seed",
            Number(0, 2**32 - 1, whole=True),
            "seed",
            "seed",
            "seed",
            "Seeds weights and shuffling, 1 by default; repeats.",
            metavar="S",
            compared=False,
        ),
    ] = 1
    device: Annotated[
        str,
        Setting("device", DeviceName(), "device", "dev", "device", "Where to train.", metavar="NAME", compared=False),
    ] = "auto"
    samples: Annotated[
        int,
        Setting(
            "samples",
            Number(10, 10_000_000, whole=True),
            "samples",
            "n",
            "samples",
            "Rows of the dataset, by default the tutorial's.",
            from_dataset=True,
            compiled=True,
        ),
    ]
    noise: Annotated[
        float,
        Setting("noise", Number(0, 1000), "noise", "noise", "noise", "The dataset's noise.", "X", from_dataset=True),
    ]
    imbalance: Annotated[
        float,
        Setting(
            "imbalance",
            Number(0, 0.98),
            "imbalance",
            "imb",
            "imbal",
            "How unequal the classes are: 0 for as many rows each, 0.9 for 95 % in class 0.",
            "X",
            from_dataset=True,
        ),
    ]
    train_fraction: Annotated[
        float,
        Setting(
            "train_fraction",
            Number(0.001, 0.999),
            "train fraction",
            "train",
            "train",
            "The share of the rows that is trained on.",
            "X",
            from_dataset=True,
            compiled=True,
        ),
    ]
    data_seed: Annotated[
        int,
        Setting(
            "data_seed",
            Number(0, 2**32 - 1, whole=True),
            "data seed",
            "data",
            "d.seed",
            "Seeds the rows of generated data, the split and the corruption, not the run; by default the tutorial's.",
            "S",
            from_dataset=True,
            panel_if_changed=True,
        ),
    ]
    validation_fraction: Annotated[
        float,
        Setting(
            "validation_fraction",
            Number(0, 0.9),
            "validation fraction",
            "valid",
            "valid.",
            "The share of the training rows that is held out: curves show it, and the test set is measured at the end "
            "alone. 0 by default: the test set is the validation set, as in the tutorial.",
            "X",
            compiled=True,
            panel_if_changed=True,
        ),
    ] = 0.0
    outlier_fraction: Annotated[
        float,
        Setting(
            "outlier_fraction",
            Number(0, 0.5),
            "outlier fraction",
            "outl",
            "outlier",
            "The share of the training targets with gross errors.",
            "X",
            tasks=("regression",),
        ),
    ] = 0.0
    label_noise: Annotated[
        float,
        Setting(
            "label_noise",
            Number(0, 1),
            "label noise",
            "lnoise",
            "l.noise",
            "The share of the training labels that are wrong.",
            "X",
            tasks=("binary", "multiclass"),
        ),
    ] = 0.0
    class_weight: Annotated[
        str,
        Setting(
            "class_weight",
            Choice(("none", "balanced")),
            "class weight",
            "cw",
            "cls.wt",
            "none, or balanced: each class has the same weight in the loss, however few its training rows.",
            metavar="NAME",
            tasks=("binary", "multiclass"),
            compiled=True,
        ),
    ] = "none"

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        filled = dict(values)
        loss, typed = _loss_of(str(filled["loss"]), filled.get("loss_file"))
        filled["loss_file"] = loss.file
        dataset = _dataset_of(filled, loss)
        filled["loss"], filled["dataset"], filled["data_file"] = loss.name, dataset.name, dataset.file
        filled["loss_parameters"] = {**_as_dict(filled.get("loss_parameters", ())), **typed}
        optimizer = _optimizer_of(filled)
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
        return read_parameters(_loss_of(info.data["loss"], info.data.get("loss_file"))[0], values)

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
        optimizer = _optimizer_of(info.data)
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
        given, problems = _without_aliases({name: value for name, value in settings.items() if value is not None})
        try:
            config = cls.model_validate({"loss": loss, **given})
        except ValidationError as error:
            problems = {**_problems(error), **problems}
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
        return notes(self.loss_entry, self.dataset_entry)

    @property
    def loss_as_typed(self) -> str:
        """The loss by its short name, with the parameters that differ from Keras's defaults: `huber:delta=2`."""
        return loss_as_typed(self.loss_entry, self.loss_parameters)

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


def _loss_of(text: str, file: object) -> tuple[Loss, dict[str, str]]:
    """Read a loss as it is typed or stored, of the catalogue or a person's own, and its parameters as typed.

    Raises:
        ValueError: there is no such loss, or the file of an own one is missing or damaged.
    """
    if not is_own_loss(text):
        if file is not None:
            raise ValueError(f"loss: {text[:40]!r} must be written as {OWN_LOSS_SYNTAX}")
        return parse_loss(text)
    if isinstance(file, Mapping):
        file = LossFile(**{key: file.get(key, "") for key in ("path", "sha256")})
    if not isinstance(file, LossFile):
        raise ValueError(f"loss: the file of {text[:200]} was not read")
    return own_loss(text, file), {}


def applying_settings(dataset: Dataset, optimizer: Optimizer = SGD) -> dict[str, Setting]:
    """The settings that mean something on a dataset and to an optimizer, by name, in the order of forms."""
    return {
        name: setting
        for name, setting in SETTINGS.items()
        if setting.applies_to(dataset) and setting.is_taken_by(optimizer)
    }


def overridden(settings: Mapping[str, Any], by: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that others are given for, by their own name or by their alias."""
    aliases = {row.alias.name: row.name for row in SETTINGS.values() if row.alias is not None}
    given = {aliases.get(name, name) for name, value in by.items() if value is not None}
    return {name: value for name, value in settings.items() if aliases.get(name, name) not in given}


def _dataset_of(given: Mapping[str, Any], loss: Loss) -> Dataset:
    """The dataset that is given as an entry, as a file or by name; by default the loss's own."""
    dataset, file = given.get("dataset"), given.get("data_file")
    if isinstance(dataset, Dataset):
        return dataset
    if file is None:
        return dataset_named(str(dataset or loss.default_dataset))
    try:
        return DataFile.model_validate(file).entry
    except ValidationError as error:
        raise ValueError(f"data_file: {next(iter(_problems(error).values()))}") from None


def _typed(setting: Setting, value: object) -> str:
    """A value as messages say it: numbers short, words as they are."""
    return f"{value:g}" if isinstance(value, (int, float)) else setting.written(value)


def datasets_that_take(setting: Setting) -> list[str]:
    """The names of the datasets that a setting is for: those of the menu, or others where it is for none of them."""
    takers = [entry for entry in DATASETS if setting.applies_to(entry)]
    in_menu = [entry for entry in takers if entry in MENU_DATASETS]
    return [entry.name for entry in in_menu or takers]


def _as_dict(parameters: object) -> dict[str, object]:
    """Parameters as a dict, out of one or of pairs. Raises ValueError where they are neither."""
    if isinstance(parameters, Mapping):
        return dict(parameters)
    if isinstance(parameters, tuple):
        return dict(parameters)
    raise ValueError("loss_parameters: must be parameters of the loss by name")


def _rows() -> dict[str, Setting]:
    found = (row for field in RunConfig.model_fields.values() for row in field.metadata if isinstance(row, Setting))
    return {row.name: row for row in found}


SETTINGS: dict[str, Setting] = _rows()
"""The rows of the settings by name, in the order of forms, help and exports."""


def _optimizer_of(settings: Mapping[str, Any]) -> Optimizer:
    """The optimizer that settings name; SGD where they name none that there is, which another check says."""
    try:
        return OPTIMIZERS.find(str(settings.get("optimizer", SGD.name)))
    except UnknownNameError:
        return SGD


def _without_aliases(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Settings under their own names, and the reason for each alias that cannot be taken."""
    given, problems = dict(settings), {}
    for row in SETTINGS.values():
        if row.alias is None or row.alias.name not in given:
            continue
        name, value = row.alias.name, given.pop(row.alias.name)
        try:
            if row.name in given:
                raise ValueError(f"leave it out where {row.name} is given")
            given[row.name] = row.alias.kind.read(value)
        except ValueError as error:
            problems[name] = f"{name}: {error}"
    return given, problems


def _problems(error: ValidationError) -> dict[str, str]:
    """One reason a field, each beginning with the setting's name, out of pydantic's report."""
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        words = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            words = "is not a setting"
        if item["loc"] == ("loss_parameters",):
            problems.update((line.partition(":")[0], line) for line in words.split("\n"))
            continue
        field = str(item["loc"][0]) if item["loc"] else words.partition(":")[0]
        if not words.startswith(f"{field}:"):
            words = f"{field}: {words}"
        problems.setdefault(field, words)
    return problems
