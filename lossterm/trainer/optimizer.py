"""Keras's optimizer of a config, and its variables by the names that they have in a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from ..catalog import Optimizer
from ..config import SETTINGS, RunConfig
from ..runs.checkpoints import STEPS


def optimizer_for(config: RunConfig) -> Any:
    """Make the optimizer of a config, with all its settings."""
    entry = config.optimizer_entry
    return make_optimizer(entry, {name: float(config.setting(name)) for name in entry.defaults})


def compiled_settings(config: RunConfig) -> tuple[tuple[str, float], ...]:
    """The settings of a config's optimizer that Keras bakes into the compiled steps, and their values."""
    names = (name for name in config.optimizer_entry.defaults if SETTINGS[name].compiled)
    return tuple((name, float(config.setting(name))) for name in names)


def make_optimizer(
    optimizer: Optimizer, settings: Mapping[str, float], learning_rate: Callable[[], Any] | None = None
) -> Any:
    """Make Keras's optimizer; settings left out are Keras's defaults, and a weight decay of 0 is none at all.

    Args:
        optimizer: its entry in the catalogue.
        settings: by the names of its constructor's arguments.
        learning_rate: gives the learning rate of a step, in place of one among the settings.
    """
    none = "weight_decay" if not optimizer.defaults["weight_decay"] and not settings.get("weight_decay") else ""
    given: dict[str, Any] = {name: value for name, value in settings.items() if name != none}
    if learning_rate is not None:
        given["learning_rate"] = learning_rate
    return getattr(keras.optimizers, optimizer.keras_class)(**given)


def optimizer_variables(entry: Optimizer, optimizer: Any, weights: Sequence[str]) -> dict[str, tuple[Any, float]]:
    """The variables of a built optimizer, its learning rate aside.

    Args:
        entry: its entry in the catalogue.
        optimizer: Keras's optimizer, built on the weights of a network.
        weights: the names of those weights in a checkpoint, in Keras's order.

    Returns:
        Each variable and its value before the first step, by its name in a checkpoint.
    """
    found: dict[str, tuple[Any, float]] = {STEPS: (optimizer.iterations, 0.0)}
    own = [variable for variable in optimizer.variables if variable.name not in ("iteration", "learning_rate")]
    for slot, initial in entry.all_slots.items():
        kept = [variable for variable in own if variable.name.endswith(f"_{slot}")]
        if kept:
            found |= {f"{w}_{slot}": (variable, initial) for w, variable in zip(weights, kept, strict=True)}
    scalars = [variable for variable in own if len(variable.shape) == 0]
    found |= {n: (v, initial) for v, (n, initial) in zip(scalars, entry.scalars.items(), strict=True)}
    return found
