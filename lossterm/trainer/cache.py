"""Compiled models, kept for the next run of the same specification."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ..config import RunConfig
from ..runs.snapshots import pack_sample, take_sample
from . import data
from .data import Data
from .device import Device, detect
from .lru import LruCache
from .model import FusedModel, ModelSpec, Tensors, to_device
from .stacked_model import StackedModel
from .stacked_state import StackedRows
from .stacking import DATA_FLOATS, WIDTHS, can_stack, held_floats

MODELS = 24
"""How many compiled models are kept: more than there are losses, so that one of each can stay."""

COMPILED_AT_ONCE = 2
"""How many models are compiled at once: XLA takes one core for each."""

SAMPLES = 16
"""Of how many datasets a sample of the rows is kept."""


@dataclass(frozen=True)
class Placed:
    """A dataset on its device, and a sample of its rows, packed, to see models on."""

    tensors: Tensors
    sample: bytes


@dataclass(frozen=True)
class StackKey:
    """What runs that train together have in common.

    Attributes:
        spec: what is compiled for them.
        tested_apart: rows of the test set, where others are measured after each epoch; else 0.
        data: what their data depends on, where there is room for one dataset alone; else None.
    """

    spec: ModelSpec
    tested_apart: int
    data: tuple[object, ...] | None


class ModelCache:
    """The compiled models of one process, the least recently used forgotten first.

    device: where this process trains; None lets each config's own setting choose. A config that asks
    for the CPU gets it. built: models built so far; TensorFlow keeps some 8 MB of each that is forgotten until the
    process ends.
    """

    def __init__(self, device: Device | None = None, models: int = MODELS):
        self._device = device
        self._models: LruCache[FusedModel] = LruCache(models)
        self._stacked: LruCache[StackedModel] = LruCache(models)
        self._compiling: dict[tuple[ModelSpec, int], Future[StackedModel]] = {}
        self._threads = ThreadPoolExecutor(COMPILED_AT_ONCE, "compile")
        self._rows: tuple[object, StackedRows, tuple[Data, ...]] | None = None
        self._samples: LruCache[bytes] = LruCache(SAMPLES)
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

    def stacks(self, config: RunConfig) -> bool:
        """Whether runs of a config's specification are trained stacked."""
        return can_stack(self._spec(config))

    def stack_key(self, config: RunConfig) -> StackKey | None:
        """Equal for configs whose runs train together; None where they cannot, or it is not for this process to say."""
        try:
            spec = self._spec(config)
        except Exception:  # what is wrong is said where the run is trained
            return None
        if not can_stack(spec):
            return None
        small = WIDTHS[-1] * held_floats(spec) <= DATA_FLOATS  # so that each run may have a dataset of its own
        return StackKey(spec, config.test_rows if config.held_out_rows else 0, None if small else data.settings(config))

    def compile_ahead(self, key: StackKey, width: int) -> None:
        """Begin to compile the stacked model of a key in a thread, unless it is kept or under way."""
        named = (key.spec, width)
        if named not in self._stacked and named not in self._compiling:
            self._compiling[named] = self._threads.submit(_compiled, key, width)

    def stacked(self, key: StackKey, width: int) -> StackedModel:
        """The stacked model of a key, compiled for one dataset; waited for where it is not yet."""
        named = (key.spec, width)
        model = self._stacked.get(named)
        if model is None:
            self.compile_ahead(key, width)
            model = self._compiling.pop(named).result()
            self.built += 1
            if self._stacked.put(named, model):
                gc.collect()
        return model

    def close(self) -> None:
        """Begin to compile nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def rows(self, model: StackedModel, datasets: Sequence[Data]) -> StackedRows:
        """The rows of datasets as a stacked model reads them. The latest are kept, for the next runs."""
        key = (model.chunk, *map(id, datasets))
        if self._rows is None or self._rows[0] != key:
            self._rows = None
            self._rows = (key, StackedRows(datasets, model.chunk), tuple(datasets))
        return self._rows[1]

    def sample(self, config: RunConfig) -> bytes:
        """A packed sample of the rows that a config trains on."""
        if not self.stacks(config):
            return self.place(config).sample
        key = (data.settings(config), config.output_layer)
        sample = self._samples.get(key)
        if sample is None:
            sample = _sample_of(data.load(config))
            self._samples.put(key, sample)
        return sample

    def place(self, config: RunConfig) -> Placed:
        """The config's data on its device. The latest is kept, so that a further seed makes none anew."""
        tf_name = self.device_for(config).tf_name
        if config.data_file is not None:
            data.check(config.data_file)
        key = (data.settings(config), config.output_layer.targets, config.output_layer.units, tf_name)
        if self._placed is None or self._placed[0] != key:
            self._placed = None  # let go of the old before the new is made
            arrays = data.load(config)
            self._placed = (key, Placed(to_device(arrays, tf_name), _sample_of(arrays)))
        return self._placed[1]

    def ready(self, config: RunConfig, width: int = WIDTHS[0]) -> bool:
        """Whether the config's model is kept, so that nothing has to be compiled; of a stacked one that of a width."""
        spec = self._spec(config)
        if not can_stack(spec):
            return spec in self._models
        under_way = self._compiling.get((spec, width))
        return (spec, width) in self._stacked or (under_way is not None and under_way.done())

    def forget(self, config: RunConfig) -> None:
        """Drop the models of a config that failed."""
        spec = self._spec(config)
        self._models.drop(spec)
        for width in WIDTHS:
            self._stacked.drop((spec, width))

    def __len__(self) -> int:
        return len(self._models) + len(self._stacked)

    def _spec(self, config: RunConfig) -> ModelSpec:
        return ModelSpec.of(config, self.device_for(config).tf_name)


def compile_model(model: FusedModel) -> None:
    """Compile a model whose data is on the device, with a block of no batch and no row, which changes nothing."""
    model.run_block(np.zeros(7, np.int64))


def warm(config: RunConfig, cache: ModelCache) -> None:
    """Make ready for a config without training it: its data made, its model compiled."""
    if cache.ready(config):
        return
    key = cache.stack_key(config)
    if key is not None:
        cache.compile_ahead(key, WIDTHS[0])
        data.load(config)
        cache.stacked(key, WIDTHS[0])
        return
    placed = cache.place(config)
    fused = cache.model(config)
    with tf.device(fused.spec.device):
        try:
            fused.data.hold(placed.tensors)
            compile_model(fused)
        except BaseException:
            cache.forget(config)
            raise
        finally:
            fused.data.release()


def _compiled(key: StackKey, width: int) -> StackedModel:
    """Build and compile the stacked model of a key."""
    with tf.device(key.spec.device):
        model = StackedModel(key.spec, width)
        model.compile(model.rows_of_a_dataset(key.tested_apart))
        return model


def _sample_of(arrays: Data) -> bytes:
    return pack_sample(take_sample(arrays.train_x, arrays.train_y, arrays.validation_x, arrays.validation_y))
