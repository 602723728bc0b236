"""Compiled models, kept for the next run of the same specification."""

from __future__ import annotations

import gc
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ..config import RunConfig
from ..runs.snapshots import pack_sample, take_sample
from . import data
from .device import Device, detect
from .lru import LruCache
from .model import FusedModel, ModelSpec, Tensors, to_device

MODELS = 24
"""How many compiled models are kept: more than there are losses, so that one of each can stay."""


@dataclass(frozen=True)
class Placed:
    """A dataset on its device, and a sample of its rows, packed, to see models on."""

    tensors: Tensors
    sample: bytes


class ModelCache:
    """The compiled models of one process, the least recently used forgotten first.

    device: where this process trains; None lets each config's own setting choose. A config that asks
    for the CPU gets it. built: models built so far; TensorFlow keeps some 8 MB of each that is forgotten until the
    process ends.
    """

    def __init__(self, device: Device | None = None, models: int = MODELS):
        self._device = device
        self._models: LruCache[FusedModel] = LruCache(models)
        self.built = 0
        self._placed: tuple[object, Placed] | None = None

    def device_for(self, config: RunConfig) -> Device:
        """Where a config trains. Raises DeviceError where that device is not to be had."""
        if self._device is None or config.device == "cpu":
            return detect(config.device)
        return self._device

    def model(self, config: RunConfig) -> FusedModel:
        """The model of a config, built if it is not kept."""
        spec = self._spec(config)
        model = self._models.get(spec)
        if model is None:
            with tf.device(spec.device):
                model = FusedModel(spec)
            self.built += 1
            if self._models.put(spec, model):
                gc.collect()  # a model and its compiled functions refer to one another
        return model

    def place(self, config: RunConfig) -> Placed:
        """The config's data on its device. The latest is kept, so that a further seed makes none anew."""
        tf_name = self.device_for(config).tf_name
        if config.data_file is not None:
            data.check(config.data_file)
        key = (data.settings(config), config.output_layer.targets, config.output_layer.units, tf_name)
        if self._placed is None or self._placed[0] != key:
            self._placed = None  # let go of the old before the new is made
            arrays = data.load(config)
            sample = take_sample(arrays.train_x, arrays.train_y, arrays.validation_x, arrays.validation_y)
            self._placed = (key, Placed(to_device(arrays, tf_name), pack_sample(sample)))
        return self._placed[1]

    def ready(self, config: RunConfig) -> bool:
        """Whether the config's model is kept, so that nothing has to be compiled."""
        return self._spec(config) in self._models

    def forget(self, config: RunConfig) -> None:
        """Drop a model that failed."""
        self._models.drop(self._spec(config))

    def __len__(self) -> int:
        return len(self._models)

    def _spec(self, config: RunConfig) -> ModelSpec:
        return ModelSpec.of(config, self.device_for(config).tf_name)


def compile_model(model: FusedModel) -> None:
    """Compile a model whose data is on the device, with a block of no batch and no row, which changes nothing."""
    model.run_block(np.zeros(7, np.int64))


def warm(config: RunConfig, cache: ModelCache) -> None:
    """Make ready for a config without training it: its data made, its model compiled."""
    if cache.ready(config):
        return
    placed = cache.place(config)
    model = cache.model(config)
    with tf.device(model.spec.device):
        try:
            model.data.hold(placed.tensors)
            compile_model(model)
        except BaseException:
            cache.forget(config)
            raise
        finally:
            model.data.release()
