"""The datasets as arrays: generated, split, a share of the training targets corrupted, coded for the output layer.

The test targets are always clean, so that a score says what was learned in spite of the corruption.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..config import RunConfig
from .lru import LruCache

Floats = npt.NDArray[np.float32]

CACHE_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Data:
    """One dataset as a config trains on it, float32.

    train_x, test_x: (rows, features). train_y, test_y: (rows, units of the head), coded as the head's targets.
    """

    train_x: Floats
    train_y: Floats
    test_x: Floats
    test_y: Floats

    @property
    def nbytes(self) -> int:
        """Bytes of the four arrays."""
        return self.train_x.nbytes + self.train_y.nbytes + self.test_x.nbytes + self.test_y.nbytes


def settings(config: RunConfig) -> tuple[object, ...]:
    """What the dataset depends on: equal for two configs that train on the same rows."""
    return (
        config.dataset,
        config.samples,
        config.noise,
        config.train_fraction,
        config.outlier_fraction,
        config.label_noise,
    )


def load(config: RunConfig) -> Data:
    """Make a config's dataset, or take it from a cache that holds the latest few small ones.

    Rows keep the generator's order: the first `train_rows` are trained on, the rest tested on.
    The arrays are shared and read-only.
    """
    key = (*settings(config), config.output_layer)
    data = _cache.get(key)
    if data is None:
        data = _make(config)
        _cache.put(key, data, data.nbytes)
    return data


_cache: LruCache[Data] = LruCache(CACHE_BYTES)


def _make(config: RunConfig) -> Data:
    entry = config.dataset_entry
    x, y = entry.generate(**{name: config.setting(name) for name in entry.generator_settings})
    rows = config.train_rows
    random = np.random.default_rng(entry.random_state)
    config.task.corrupt(y[:rows], config.corruption, entry.classes, random)
    targets = config.output_layer.encode(y)
    for array in (x, targets):
        array.flags.writeable = False
    return Data(x[:rows], targets[:rows], x[rows:], targets[rows:])
