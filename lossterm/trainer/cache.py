"""Compiled models, kept for the next run of the same specification."""

from __future__ import annotations

import gc
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ..experiment import Experiment
from ..snapshots import pack_sample, take_sample
from . import data
from .device import Device, detect
from .lru import LruCache
from .model import FusedModel, ModelSpec, Tensors, to_device

MODELS = 24
"""How many compiled models are kept: more than the 17 pairings, so that one of each can stay."""


@dataclass(frozen=True)
class Placed:
    """A dataset on its device, and a sample of its rows, packed, to see models on."""

    tensors: Tensors
    sample: bytes


class ModelCache:
    """The compiled models of one process, the least recently used forgotten first.

    device: where this process trains; None lets each experiment's own setting choose. An experiment that asks
    for the CPU gets it. built: models built so far; TensorFlow keeps some 8 MB of each that is forgotten until the
    process ends.
    """

    def __init__(self, device: Device | None = None, models: int = MODELS):
        self._device = device
        self._models: LruCache[FusedModel] = LruCache(models)
        self.built = 0
        self._placed: tuple[object, Placed] | None = None

    def device_for(self, experiment: Experiment) -> Device:
        """Where an experiment trains. Raises DeviceError where that device is not to be had."""
        if self._device is None or experiment.device == "cpu":
            return detect(experiment.device)
        return self._device

    def model(self, experiment: Experiment) -> FusedModel:
        """The model of an experiment, built if it is not kept."""
        spec = self._spec(experiment)
        model = self._models.get(spec)
        if model is None:
            with tf.device(spec.device):
                model = FusedModel(spec)
            self.built += 1
            if self._models.put(spec, model):
                gc.collect()  # a model and its compiled functions refer to one another
        return model

    def place(self, experiment: Experiment) -> Placed:
        """The experiment's data on its device. The latest is kept, so that a further seed makes none anew."""
        tf_name = self.device_for(experiment).tf_name
        key = (data.settings(experiment), experiment.head.targets, experiment.head.units, tf_name)
        if self._placed is None or self._placed[0] != key:
            self._placed = None  # let go of the old before the new is made
            arrays = data.load(experiment)
            sample = take_sample(arrays.train_x, arrays.train_y, arrays.test_x, arrays.test_y)
            self._placed = (key, Placed(to_device(arrays, tf_name), pack_sample(sample)))
        return self._placed[1]

    def ready(self, experiment: Experiment) -> bool:
        """Whether the experiment's model is kept, so that nothing has to be compiled."""
        return self._spec(experiment) in self._models

    def forget(self, experiment: Experiment) -> None:
        """Drop a model that failed."""
        self._models.drop(self._spec(experiment))

    def __len__(self) -> int:
        return len(self._models)

    def _spec(self, experiment: Experiment) -> ModelSpec:
        return ModelSpec.of(experiment, self.device_for(experiment).tf_name)


def compile_model(model: FusedModel) -> None:
    """Compile a model whose data is on the device, with a block of no batch and no row, which changes nothing."""
    model.run_block(np.zeros(7, np.int64))


def warm(experiment: Experiment, cache: ModelCache) -> None:
    """Make ready for an experiment without training it: its data made, its model compiled."""
    if cache.ready(experiment):
        return
    placed = cache.place(experiment)
    model = cache.model(experiment)
    with tf.device(model.spec.device):
        try:
            model.data.hold(placed.tensors)
            compile_model(model)
        except BaseException:
            cache.forget(experiment)
            raise
        finally:
            model.data.release()
