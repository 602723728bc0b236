"""Compiled models, kept for the next run of the same program."""

from __future__ import annotations

import gc

import numpy as np
import tensorflow as tf

from ..experiment import Experiment
from . import data
from .bounded import Bounded
from .device import Device, detect
from .model import FusedModel, Program, Tensors, to_device

MODELS = 24
"""How many compiled models are kept: more than the 17 pairings, so that one of each can stay."""


class ModelCache:
    """The compiled models of one process, the least recently used forgotten first.

    device: where this process trains; None lets each experiment's own setting choose. An experiment that asks
    for the CPU gets it. built: models built so far; TensorFlow keeps some 8 MB of each that is forgotten until the
    process ends.
    """

    def __init__(self, device: Device | None = None, models: int = MODELS):
        self._device = device
        self._models: Bounded[FusedModel] = Bounded(models)
        self.built = 0
        self._placed: tuple[object, Tensors] | None = None

    def device_for(self, experiment: Experiment) -> Device:
        """Where an experiment trains. Raises DeviceError where that device is not to be had."""
        if self._device is None or experiment.device == "cpu":
            return detect(experiment.device)
        return self._device

    def model(self, experiment: Experiment) -> FusedModel:
        """The model of an experiment, built if it is not kept."""
        program = self._program(experiment)
        model = self._models.get(program)
        if model is None:
            with tf.device(program.device):
                model = FusedModel(program)
            self.built += 1
            if self._models.put(program, model):
                gc.collect()  # a model and its compiled functions refer to one another
        return model

    def place(self, experiment: Experiment) -> Tensors:
        """The experiment's data on its device. The latest is kept, so that a further seed makes none anew."""
        tf_name = self.device_for(experiment).tf_name
        key = (data.settings(experiment), experiment.head.targets, experiment.head.units, tf_name)
        if self._placed is None or self._placed[0] != key:
            self._placed = None  # let go of the old before the new is made
            self._placed = (key, to_device(data.load(experiment), tf_name))
        return self._placed[1]

    def ready(self, experiment: Experiment) -> bool:
        """Whether the experiment's model is kept, so that nothing has to be compiled."""
        return self._program(experiment) in self._models

    def forget(self, experiment: Experiment) -> None:
        """Drop a model that failed."""
        self._models.drop(self._program(experiment))

    def __len__(self) -> int:
        return len(self._models)

    def _program(self, experiment: Experiment) -> Program:
        return Program.of(experiment, self.device_for(experiment).tf_name)


def compile_model(model: FusedModel) -> None:
    """Compile a model whose feed holds its data: `fit` on a block with no batch and no row changes nothing."""
    empty = tf.data.Dataset.from_tensors(np.zeros(7, np.int64))
    model.fit(empty, epochs=1, steps_per_epoch=1, shuffle=False, verbose=0)


def warm(experiment: Experiment, cache: ModelCache) -> None:
    """Make ready for an experiment without training it: its data made, its model compiled."""
    if cache.ready(experiment):
        return
    tensors = cache.place(experiment)
    model = cache.model(experiment)
    with tf.device(model.program.device):
        try:
            model.feed.hold(tensors)
            compile_model(model)
        except BaseException:
            cache.forget(experiment)
            raise
        finally:
            model.feed.release()
