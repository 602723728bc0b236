"""A person's own dataset as a run's config carries it: the file, and what was found in it when it was added."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .dataset import Dataset, DatasetDescription
from .tasks import TASKS, TaskName

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}", re.ASCII)
NAME_WORDS = "a letter, then letters, digits, _ . or -, at most 40 in all"
_MOST_ROWS = 10_000_000
_MOST_FEATURES = 500_000
_RANDOM_STATE = 1
FIRST_SPLIT = 1
"""The random split that a dataset has when it is added."""
_HIDDEN = 50

_Text = Annotated[str, Field(max_length=4096)]
_Count = Annotated[int, Field(ge=1, le=_MOST_ROWS)]


@dataclass(frozen=True)
class DataChoices:
    """What a person says of a data file.

    Attributes:
        target: the column that is predicted.
        task: a task's name, or "auto".
        ignored: columns to leave out.
        split: "random", "ordered", or "column", with the column in split_column.
        group: a column whose equal values stay in one set; "" for none.
        split_seed: which random split.
    """

    target: str
    task: str = "auto"
    ignored: tuple[str, ...] = ()
    split: str = "random"
    split_column: str = ""
    group: str = ""
    split_seed: int = FIRST_SPLIT


class DataFile(BaseModel):
    """A data file, which of its columns mean what, and the shape of what is trained on.

    It says all that is needed to make the same rows from the file again, and nothing else of what they hold: a process
    that has only a run's config knows the network's shape without the file.

    Attributes:
        name: what the dataset is called.
        path: of the file, absolute; size, sha256: what it was when it was added. Another file is refused.
        target: the column that is predicted; task: how.
        ignored: columns that the person left out.
        split: "random", "ordered", or "column", and then split_column is the one that says which row is in which set.
        group: the column whose equal values stay in one set; "" for none.
        split_seed: which random split; a comparison draws one for each of its seeds.
        features: the network's inputs, once the columns are prepared.
        classes: their names by their numbers; empty for a regression.
        train_rows, validation_rows, test_rows: how many rows are in each set.
        target_mean, target_scale: of a regression's training targets in their own unit, which are trained on
            standardised; 0 and 1 for classes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    path: _Text
    size: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    target: _Text
    task: TaskName
    ignored: tuple[_Text, ...] = ()
    split: Annotated[str, Field(pattern="^(random|ordered|column)$")] = "random"
    split_column: _Text = ""
    group: _Text = ""
    split_seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = FIRST_SPLIT
    features: Annotated[int, Field(ge=1, le=_MOST_FEATURES)]
    classes: tuple[_Text, ...] = ()
    train_rows: _Count
    validation_rows: _Count
    test_rows: _Count
    target_mean: float = 0.0
    target_scale: Annotated[float, Field(gt=0)] = 1.0

    @field_validator("name")
    @classmethod
    def _named_well(cls, name: str) -> str:
        if NAME.fullmatch(name) is None:
            raise ValueError(f"must be {NAME_WORDS}")
        return name

    @model_validator(mode="after")
    def _classes_fit(self) -> DataFile:
        fewest = {"regression": 0, "binary": 2, "multiclass": 2}[self.task]
        if (self.task == "regression" and self.classes) or len(self.classes) < fewest:
            raise ValueError("classes: they do not fit the task")
        return self

    @property
    def choices(self) -> DataChoices:
        """What reads the same rows from it again."""
        chosen = (self.target, self.task, self.ignored, self.split, self.split_column, self.group, self.split_seed)
        return DataChoices(*chosen)

    @property
    def rows(self) -> int:
        """The rows of all three sets."""
        return self.train_rows + self.validation_rows + self.test_rows

    @property
    def entry(self) -> Dataset:
        """The dataset, as one of the catalogue's; the same object for equal files."""
        return _entry(self)


@lru_cache(maxsize=4096)
def _entry(file: DataFile) -> Dataset:
    task = next(task for task in TASKS if task.name == file.task)
    spoilt = (
        "the outlier fraction adds 10 standard deviations to" if file.task == "regression" else "label noise changes"
    )
    return Dataset(
        name=file.name,
        generator=file.name,
        generate=_not_generated,
        generator_settings=(),
        task=task,
        features=file.features,
        classes=len(file.classes),
        defaults={"hidden_layers": (_HIDDEN,)},
        call=f"{file.path}, target {file.target}".replace("{", "{{").replace("}", "}}"),
        preparation="numbers standardised and gaps filled by the training rows, categories one-hot",
        description=DatasetDescription(
            paragraph=f"Your own data: {file.rows} rows. lossterm data show {file.name} says what is in them.",
            good_score="one above that of always answering the mean, or the most frequent class.",
            corruption=f"{spoilt} that share of the training targets; the other rows stay clean.",
        ),
        fixed={"samples": file.rows, "data_seed": _RANDOM_STATE, "train_fraction": file.train_rows / file.rows},
        file=file,
    )


def _not_generated() -> tuple[Any, Any]:
    raise ValueError("dataset: it is read from a file")
