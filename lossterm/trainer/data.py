"""The datasets as arrays: generated, split, a share of the training targets corrupted, coded for the output layer.

The test targets are always clean, so that a score says what was learned in spite of the corruption.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalog import Dataset
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
        config.imbalance,
        config.train_fraction,
        config.outlier_fraction,
        config.label_noise,
    )


def load(config: RunConfig) -> Data:
    """Make a config's dataset, or take it from a cache that holds the latest few small ones.

    Rows keep the generator's order, or are shuffled first, as the dataset says: the first `train_rows` are trained on,
    the rest tested on.
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
    if entry.split == "shuffled":
        order = _shuffled(y, rows, entry)
        x, y = x[order], y[order]
    if entry.standardised:
        x = _standardised(x, rows)
        y = y if entry.task.has_classes else _standardised(y.reshape(-1, 1), rows)[:, 0]
    random = np.random.default_rng(entry.random_state)
    config.task.corrupt(y[:rows], config.corruption, entry.classes, random)
    targets = config.output_layer.encode(y)
    for array in (x, targets):
        array.flags.writeable = False
    return Data(x[:rows], targets[:rows], x[rows:], targets[rows:])


def _shuffled(y: npt.NDArray[Any], train_rows: int, entry: Dataset) -> npt.NDArray[np.int64]:
    """The rows in an order that has the training rows first, each class with its share where there are enough."""
    from sklearn.model_selection import train_test_split

    few = min(train_rows, len(y) - train_rows) < entry.classes
    train, test = train_test_split(
        np.arange(len(y)),
        train_size=train_rows,
        random_state=entry.random_state,
        stratify=y if entry.task.has_classes and not few else None,
    )
    return np.concatenate([train, test])


def _standardised(columns: npt.NDArray[Any], train_rows: int) -> Floats:
    """The columns, (rows, columns), with mean 0 and standard deviation 1 over the training rows alone."""
    from sklearn.preprocessing import StandardScaler

    columns = columns.astype(np.float64)
    scaler = StandardScaler().fit(columns[:train_rows])
    return np.asarray(scaler.transform(columns), np.float32)
