"""RunConfig: the validated settings of one run, and the errors that name the field and its range."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    DATASETS,
    MENU_DATASETS,
    SGD,
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
    learning_rate: Annotated[
        float,
        Setting(
            "learning_rate", Number(0, 100, open_low=True), "learning rate", "lr", "lr", "0.01 by default.", metavar="X"
        ),
    ] = 0.01
    momentum: Annotated[
        float,
        Setting("momentum", Number(0, 0.9999), "momentum", "mom", "mom", "0.9 by default.", metavar="X", compiled=True),
    ] = 0.9
    hidden_layers: Annotated[
        tuple[int, ...],
        Setting(
            "hidden_units",
            HiddenLayers(),
            "hidden units",
            "hid",
            "hidden",
            "The width of the hidden layer; by default the tutorial's for the dataset.",
            from_dataset=True,
            compiled=True,
            field="hidden_layers",
        ),
    ]
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

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        filled = dict(values)
        loss, typed = _loss_of(str(filled["loss"]), filled.get("loss_file"))
        filled["loss_file"] = loss.file
        dataset = _dataset_of(filled, loss)
        filled["loss"], filled["dataset"], filled["data_file"] = loss.name, dataset.name, dataset.file
        filled["loss_parameters"] = {**_as_dict(filled.get("loss_parameters", ())), **typed}
        for setting in SETTINGS.values():
            if setting.field and setting.name in filled:
                filled[setting.field] = filled.pop(setting.name)
            if setting.from_dataset and filled.get(setting.attribute) is None:
                filled[setting.attribute] = dataset.default(setting.attribute)
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
        setting = _BY_ATTRIBUTE.get(str(info.field_name))
        if setting is None or not (setting.tasks or setting.from_dataset):
            return value
        file = info.data.get("data_file")
        dataset = file.entry if file is not None else dataset_named(info.data["dataset"])
        only = dataset.default(setting.attribute)
        if value != only and not setting.applies_to(dataset):
            takers = " and ".join(datasets_that_take(setting))
            raise ValueError(f"must be {only:g} on {dataset.name}, not {value:g}; it is for {takers}")
        return value

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
        given = {name: value for name, value in settings.items() if value is not None}
        try:
            return cls.model_validate({"loss": loss, **given})
        except ValidationError as error:
            raise ConfigError(_problems(error)) from None

    def changed(self, **settings: object) -> RunConfig:
        """The same config with some settings replaced, checked again; another loss has its own parameters' defaults.

        Raises:
            ConfigError: as `of` does.
        """
        kept: dict[str, Any] = {**self.settings, "loss": self.loss, "dataset": self.dataset_entry}
        if settings.get("loss", self.loss) == self.loss:
            kept |= {"loss_parameters": self.loss_parameters, "loss_file": self.loss_file}
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
        """Rows of the training set."""
        return self.dataset_entry.train_rows(self.samples, self.train_fraction)

    @property
    def test_rows(self) -> int:
        """Rows that are measured after each epoch: the test set, or the validation set of a person's own data."""
        return self.dataset_entry.test_rows(self.samples, self.train_fraction)

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
        return SGD

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
        return {**applying_settings(self.dataset_entry), **parameter_settings(self.loss_entry)}

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting's value by its name; loss, its parameters and dataset aside."""
        return {name: self.setting(name) for name in SETTINGS}

    @property
    def but_seed(self) -> tuple[object, ...]:
        """Everything but seed and device: runs that agree on it are the same over several seeds."""
        file = self.loss_file
        loss = self.loss if file is None else (split_own_loss(self.loss)[1], file.sha256)
        chosen = (loss, self.loss_parameters, self.dataset, self.data_file)
        return (*chosen, *(getattr(self, s.attribute) for s in SETTINGS.values() if s.compared))

    def setting(self, name: str) -> Any:
        """The value of a setting or of a parameter of the loss; the width of a single hidden layer is a number.

        A parameter that only other losses have is None.
        """
        if name not in SETTINGS:
            return dict(self.loss_parameters).get(name)
        value = getattr(self, SETTINGS[name].attribute)
        return value[0] if isinstance(value, tuple) and len(value) == 1 else value

    def default_changes(self) -> dict[str, Any]:
        """The loss's parameters and the settings that differ from the tutorial's, by name; seed and device aside."""
        tutorial = RunConfig.of(self.loss, dataset=self.dataset_entry, loss_file=self.loss_file).settings
        changes = {
            name: value for name, value in self.settings.items() if SETTINGS[name].compared and value != tutorial[name]
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


def applying_settings(dataset: Dataset) -> dict[str, Setting]:
    """The settings that mean something on a dataset, by name, in the order of forms."""
    return {name: setting for name, setting in SETTINGS.items() if setting.applies_to(dataset)}


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
_BY_ATTRIBUTE = {setting.attribute: setting for setting in SETTINGS.values()}


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
        field = _BY_ATTRIBUTE[field].name if field in _BY_ATTRIBUTE else field
        if not words.startswith(f"{field}:"):
            words = f"{field}: {words}"
        problems.setdefault(field, words)
    return problems
