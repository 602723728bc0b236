"""Experiment: the validated settings of one run, and the errors that name the field and its range."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from .catalog import DATASETS, SPOILS, Dataset, Head, Loss, Note, dataset_named, head, loss_named, notes

DEVICE = re.compile(r"auto|cpu|gpu|gpu:\d{1,3}")


class ExperimentError(ValueError):
    """Settings that cannot be trained; `problems` maps each bad field to its reason."""

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(self.problems.values()))


@dataclass(frozen=True)
class Range:
    """The allowed values of one number: whole or real, from `low` to `high`; `open_low` leaves `low` out."""

    low: float
    high: float
    whole: bool = False
    open_low: bool = False

    @property
    def words(self) -> str:
        """The range as a person reads it."""
        kind = "a whole number" if self.whole else "a number"
        if self.open_low:
            return f"{kind} above {self.low:g} and at most {self.high:,.12g}"
        return f"{kind} from {self.low:g} to {self.high:,.12g}"

    def read(self, value: object) -> float | int:
        """Read a number, typed or parsed, or raise ValueError with the allowed range."""
        try:
            number = float(str(value).strip().replace("_", ""))
        except ValueError:
            raise ValueError(f"must be {self.words}, not {str(value)[:40]!r}") from None
        inside = (number > self.low if self.open_low else number >= self.low) and number <= self.high
        if not math.isfinite(number) or not inside or (self.whole and number != int(number)):
            raise ValueError(f"must be {self.words}, not {str(value)[:40]}")
        return int(number) if self.whole else number


RANGES: dict[str, Range] = {
    "epochs": Range(1, 1_000_000, whole=True),
    "batch_size": Range(1, 10_000_000, whole=True),
    "learning_rate": Range(0, 100, open_low=True),
    "momentum": Range(0, 0.9999),
    "hidden_units": Range(1, 65_536, whole=True),
    "seed": Range(0, 2**32 - 1, whole=True),
    "samples": Range(10, 10_000_000, whole=True),
    "noise": Range(0, 1000),
    "train_fraction": Range(0.001, 0.999),
    "outlier_fraction": Range(0, 0.5),
    "label_noise": Range(0, 1),
}


def _reader(field: str) -> BeforeValidator:
    return BeforeValidator(lambda value: RANGES[field].read(value))


class Experiment(BaseModel):
    """The settings of one run, checked. Fields left out take the tutorial's value for the dataset.

    loss, dataset: catalogue names (short names are accepted and stored in full).
    epochs, batch_size, learning_rate, momentum, hidden_units, seed: as Keras names them.
    device: auto, cpu, gpu or gpu:N.
    samples, noise, train_fraction: how the dataset is made.
    outlier_fraction (regression), label_noise (circles, blobs): the share of the training targets that is spoiled; the
    test set stays clean. On the other datasets they are 0.
    Build it with `Experiment.of(…)`, which raises ExperimentError naming each bad field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss: str
    dataset: str
    epochs: Annotated[int, _reader("epochs")] = 50
    batch_size: Annotated[int, _reader("batch_size")] = 32
    learning_rate: Annotated[float, _reader("learning_rate")] = 0.01
    momentum: Annotated[float, _reader("momentum")] = 0.9
    hidden_units: Annotated[int, _reader("hidden_units")]
    seed: Annotated[int, _reader("seed")] = 1
    device: str = Field(default="auto")
    samples: Annotated[int, _reader("samples")]
    noise: Annotated[float, _reader("noise")]
    train_fraction: Annotated[float, _reader("train_fraction")]
    outlier_fraction: Annotated[float, _reader("outlier_fraction")] = 0.0
    label_noise: Annotated[float, _reader("label_noise")] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, values: Any) -> Any:
        filled = dict(values)
        loss = loss_named(str(filled["loss"]))
        dataset = dataset_named(str(filled.get("dataset") or loss.home))
        filled["loss"], filled["dataset"] = loss.name, dataset.name
        for field in ("hidden_units", "samples", "noise", "train_fraction"):
            if filled.get(field) is None:
                filled[field] = getattr(dataset, field)
        filled["device"] = _device(filled.get("device"))
        head(loss, dataset)
        return filled

    @field_validator(*SPOILS)
    @classmethod
    def _spoils_what_there_is(cls, value: float, info: ValidationInfo) -> float:
        field, dataset = str(info.field_name), dataset_named(info.data["dataset"])
        if value and not dataset.takes(field):
            takers = " and ".join(entry.name for entry in DATASETS if entry.takes(field))
            raise ValueError(f"must be 0 on {dataset.name}, not {value:g}; it is for {takers}")
        return value

    @model_validator(mode="after")
    def _batch_fits(self) -> Experiment:
        if self.batch_size > self.train_rows:
            raise ValueError(
                f"batch_size: must be a whole number from 1 to {self.train_rows} "
                f"(the training set), not {self.batch_size}"
            )
        return self

    @classmethod
    def of(cls, loss: str, **settings: object) -> Experiment:
        """Check settings and build the experiment.

        Settings that are None take their default. Raises ExperimentError with a reason for each bad field.
        """
        given = {name: value for name, value in settings.items() if value is not None}
        try:
            return cls.model_validate({"loss": loss, **given})
        except ValidationError as error:
            raise ExperimentError(_problems(error)) from None

    def changed(self, **settings: object) -> Experiment:
        """The same experiment with some settings replaced, checked again."""
        return Experiment.of(**{**self.model_dump(), **settings})

    @property
    def train_rows(self) -> int:
        """Rows of the training set; the other rows are the test set."""
        return self.dataset_entry.train_rows(self.samples, self.train_fraction)

    @property
    def loss_entry(self) -> Loss:
        """The catalogue's entry of the loss."""
        return loss_named(self.loss)

    @property
    def dataset_entry(self) -> Dataset:
        """The catalogue's entry of the dataset."""
        return dataset_named(self.dataset)

    @property
    def head(self) -> Head:
        """The output layer, targets and decision that follow from loss and dataset."""
        return head(self.loss_entry, self.dataset_entry)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to tell a person who trains this."""
        return notes(self.loss_entry, self.dataset_entry.task)

    @property
    def but_seed(self) -> tuple[object, ...]:
        """Everything but seed and device: runs that agree on it are the same experiment over several seeds."""
        return tuple(getattr(self, field) for field in _BUT_SEED)

    def default_changes(self) -> dict[str, object]:
        """The settings that differ from the tutorial's, the seed and device aside."""
        tutorial = Experiment.of(self.loss, dataset=self.dataset)
        return {
            field: getattr(self, field)
            for field in SETTINGS
            if field not in ("seed", "device") and getattr(self, field) != getattr(tutorial, field)
        }


_BUT_SEED = tuple(name for name in Experiment.model_fields if name not in ("seed", "device"))
SETTINGS: tuple[str, ...] = tuple(name for name in Experiment.model_fields if name not in ("loss", "dataset"))


def _device(value: object) -> str:
    device = str(value or "auto").strip().lower()
    if DEVICE.fullmatch(device) is None:
        raise ValueError(f"device: must be auto, cpu, gpu or gpu:N, not {str(value)[:40]!r}")
    return device


def _problems(error: ValidationError) -> dict[str, str]:
    """One reason a field, each beginning with the field's name, out of pydantic's report."""
    problems: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        words = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            words = "is not a setting"
        field = str(item["loc"][0]) if item["loc"] else words.partition(":")[0]
        if not words.startswith(f"{field}:"):
            words = f"{field}: {words}"
        problems.setdefault(field, words)
    return problems
