"""How a run's config is stored: some settings as columns, for SQL to choose runs by, and the others as JSON."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from ..config import SETTINGS, ConfigError, RunConfig

CONFIG = ("loss", "dataset", "epochs", "seed", "device", "config")
"""The columns of a run's config. The seed is a column so that runs which differ in it alone share the JSON."""
_BESIDE = CONFIG[:-1]
_LONGEST = 100_000
_VERSION_2 = (
    "batch_size",
    "learning_rate",
    "momentum",
    "hidden_layers",
    "samples",
    "noise",
    "train_fraction",
    "outlier_fraction",
    "label_noise",
)


class UnreadableError(ValueError):
    """A row that no lossterm wrote; the message says which column and why."""


def stored_config(config: RunConfig) -> dict[str, object]:
    """A config as the columns of CONFIG."""
    values = json.loads(config.to_json())
    beside = {name: values.pop(name) for name in _BESIDE}
    return {**beside, "config": json.dumps(values, separators=(",", ":"))}


@lru_cache(maxsize=8192)
def read_config(columns: tuple[Any, ...]) -> RunConfig:
    """The config of the columns of CONFIG, checked; one object for all runs that share it.

    Raises:
        UnreadableError: It cannot be trained; the message names the setting.
    """
    loss, dataset, epochs, seed, device, text = columns
    some = _seedless(loss, dataset, epochs, device, text)
    try:
        seed = SETTINGS["seed"].kind.read(seed)
    except ValueError as error:
        raise UnreadableError(f"seed: {error}") from error
    _ = some.but_seed  # worked out once: copies share it
    return some if some.seed == seed else some.model_copy(update={"seed": seed})


@lru_cache(maxsize=4096)
def _seedless(loss: object, dataset: object, epochs: object, device: object, text: object) -> RunConfig:
    if not all(isinstance(value, str) for value in (loss, dataset, device, text)):
        raise UnreadableError("loss, dataset, device, config: must be text")
    try:
        values = json.loads(str(text)[:_LONGEST])
        beside = {"loss": loss, "dataset": dataset, "epochs": epochs, "device": device}
        return RunConfig.from_json(json.dumps({**values, **beside}))
    except ConfigError as error:
        raise UnreadableError(next(iter(error.problems.values()))[:200]) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise UnreadableError("config: it is damaged") from error


def config_of_columns(*values: object) -> str:
    """The JSON of the settings that schema versions 1 and 2 kept as columns; an SQL function for the migration.

    Nothing is checked here: a value that means nothing makes its run unreadable, not the store.
    """
    settings = dict(zip(_VERSION_2, values, strict=True))
    settings["hidden_layers"] = [settings["hidden_layers"]]
    return json.dumps({"version": 1, **settings}, separators=(",", ":"), default=str)
