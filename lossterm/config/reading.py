"""Reading what is given for a run, typed or stored, and the reasons why it cannot be trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import (
    ValidationError,
)

from ..catalog import (
    OPTIMIZERS,
    SGD,
    DataFile,
    Dataset,
    Loss,
    Optimizer,
    UnknownNameError,
    dataset_named,
    parse_loss,
)
from ..catalog.own_loss import OWN_LOSS_SYNTAX, LossFile, is_own_loss, own_loss
from .settings import SETTINGS


class ConfigError(ValueError):
    """Settings that cannot be trained.

    Attributes:
        problems: the reason for each bad field, which begins with the field's name.
    """

    def __init__(self, problems: Mapping[str, str]):
        self.problems = dict(problems)
        super().__init__("; ".join(self.problems.values()))


def read_loss(text: str, file: object) -> tuple[Loss, dict[str, str]]:
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


def read_dataset(given: Mapping[str, Any], loss: Loss) -> Dataset:
    """The dataset that is given as an entry, as a file or by name; by default the loss's own."""
    dataset, file = given.get("dataset"), given.get("data_file")
    if isinstance(dataset, Dataset):
        return dataset
    if file is None:
        return dataset_named(str(dataset or loss.default_dataset))
    try:
        return DataFile.model_validate(file).entry
    except ValidationError as error:
        raise ValueError(f"data_file: {next(iter(problems_of(error).values()))}") from None


def parameters_by_name(parameters: object) -> dict[str, object]:
    """Parameters as a dict, out of one or of pairs. Raises ValueError where they are neither."""
    if isinstance(parameters, Mapping):
        return dict(parameters)
    if isinstance(parameters, tuple):
        return dict(parameters)
    raise ValueError("loss_parameters: must be parameters of the loss by name")


def read_optimizer(settings: Mapping[str, Any]) -> Optimizer:
    """The optimizer that settings name; SGD where they name none that there is, which another check says."""
    try:
        return OPTIMIZERS.find(str(settings.get("optimizer", SGD.name)))
    except UnknownNameError:
        return SGD


def without_aliases(settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
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


def problems_of(error: ValidationError) -> dict[str, str]:
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
