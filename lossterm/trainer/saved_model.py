"""A run's network as a Keras model that loads without lossterm, and what is to be known of its inputs and outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..catalog import DataFile
from ..catalog.own_loss import split_own_loss
from ..config import RunConfig
from ..runs.checkpoints import Arrays, weight_names
from ..text import one_line
from .loss import make_loss
from .network import Network, make_layers
from .optimizer import optimizer_for, optimizer_variables
from .tables.datasets import ReadFile, read_file
from .tables.files import DataFileError

_NAMED = 12
"""Columns that are named in a line."""


@dataclass(frozen=True)
class SavedModel:
    """A model that can be saved, and what to know of it, in lines without an end."""

    model: Any
    remarks: tuple[str, ...]


def make_model(config: RunConfig, arrays: Arrays) -> SavedModel:
    """Make a plain `keras.Sequential` with a run's weights, compiled with its loss and optimizer.

    On a person's own file that has numbers alone the preparation comes first, so that it takes them as they are.

    Args:
        config: of the run.
        arrays: of its latest checkpoint, by name.
    """
    front = _front(config)
    names = weight_names(config)
    weights = [arrays[name] for name in names]
    layers = make_layers(Network.of(config))
    model = keras.Sequential([layers[0], *front.layers, *layers[1:]], name=_model_name(config))
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    optimizer = optimizer_for(config)
    optimizer.build(model.trainable_variables)  # else loading warns of an optimizer without its variables
    for name, (variable, initial) in optimizer_variables(config.optimizer_entry, optimizer, names).items():
        variable.assign(arrays.get(name, np.full(variable.shape, initial)))
    model.compile(optimizer=optimizer, loss=_saved_loss(config), metrics=_plain_metrics(config))
    remarks = [*front.remarks]
    if not all(math.isfinite(float(value)) for array in weights for value in (array.min(), array.max())):
        remarks.append("its weights are not finite; the model was written all the same")
    return SavedModel(model, tuple(remarks))


@dataclass(frozen=True)
class _Front:
    """What comes before a network: its layers, and what is to be said of inputs and outputs."""

    layers: Sequence[Any]
    remarks: Sequence[str]


def _front(config: RunConfig) -> _Front:
    file = config.data_file
    if file is None:
        prepared = config.dataset_entry.preparation
        return _Front((), [f"the model takes what it was trained on: {prepared}"] if prepared.startswith("X") else ())
    try:
        read = read_file(Path(file.path), file.choices)
    except DataFileError as error:
        return _Front((), [f"{error}; so the model takes prepared features, {file.features} of them", *_answer(file)])
    kinds = {role: [c for c in read.columns if c.role == role] for role in ("number", "boolean", "category")}
    if kinds["category"]:
        columns = _listed([column.name for column in kinds["category"]])
        words = (
            f"the model takes {file.features} prepared features, for {columns} must be one-hot first: "
            "lossterm export --format python writes how"
        )
        return _Front((), [words, *_answer(file)])
    names = [column.name for role in ("number", "boolean") for column in kinds[role]]
    mean, scale, gaps = _statistics(read, len(kinds["number"]), len(kinds["boolean"]))
    words = f"the model takes the numbers of the file as they are, in this order: {_listed(names)}"
    words += " (1 for true)" if kinds["boolean"] else ""
    empty = [column.name for role in ("number", "boolean") for column in kinds[role] if column.missing]
    if empty:
        filled = [f"{one_line(name)[:40]} {gaps[names.index(name)]:.6g}" for name in empty[:_NAMED]]
        words += f"; fill gaps first: {', '.join(filled)}{', …' if len(empty) > _NAMED else ''}"
    return _Front(
        [keras.layers.Normalization(mean=mean, variance=scale**2, name="preparation")], [words, *_answer(file)]
    )


def _statistics(read: ReadFile, numbers: int, booleans: int) -> tuple[Any, Any, list[float]]:
    """The mean and the scale of each feature, and what fills its gaps; booleans are taken as they are."""
    mean, scale = np.zeros(numbers + booleans), np.ones(numbers + booleans)
    gaps: list[float] = []
    for name, step, _ in read.prepared.transformers_:
        if name.startswith("numbers"):
            imputer, scaler = step
            part = slice(len(gaps), len(gaps) + len(scaler.mean_))
            mean[part], scale[part] = scaler.mean_, scaler.scale_
            gaps += imputer.statistics_.tolist()
        elif name == "boolean":
            gaps += step.statistics_.tolist()
    return mean, scale, gaps


def _answer(file: DataFile) -> list[str]:
    """What the outputs mean."""
    target = one_line(file.target)[:40]
    if file.task == "regression":
        return [f"{target} is {file.target_scale:.6g} times its output, plus {file.target_mean:.6g}"]
    return [f"the classes of {target} by their numbers from 0: {_listed(file.classes)}"]


def _listed(names: Sequence[str]) -> str:
    shown = [one_line(name)[:40] for name in names[:_NAMED]]
    return ", ".join(shown) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _saved_loss(config: RunConfig) -> Any:
    """The loss that a model is compiled with; none for an own one, whose code is not there where it is loaded."""
    if config.loss_file is not None:
        return None
    loss = make_loss(config.loss, config.loss_parameters)
    saved_as = {**loss.get_config(), **dict(config.loss_parameters)}  # Keras's own leaves out Huber's delta
    loss.get_config = lambda: saved_as
    return loss


def _model_name(config: RunConfig) -> str:
    """A name that Keras takes; of an own loss that of its function."""
    loss = config.loss if config.loss_file is None else split_own_loss(config.loss)[1]
    return f"{loss}_on_{config.dataset}"


def _plain_metrics(config: RunConfig) -> list[str]:
    """Keras's own metric where one has the run's cut; a hinge on -1 and +1 has none that loads without lossterm."""
    names = {"value": "mean_squared_error", "above_half": "binary_accuracy", "argmax": "categorical_accuracy"}
    if config.loss_entry.takes_class_numbers:
        return ["sparse_categorical_accuracy"]
    name = names.get(config.output_layer.decision)
    return [name] if name else []
