"""The datasets as arrays: generated, split, a share of the training targets corrupted, coded for the output layer.

The test targets are always clean, so that a score says what was learned in spite of the corruption.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..catalog import DataFile, Dataset
from ..config import RunConfig
from .lru import LruCache

Floats = npt.NDArray[np.float32]

CACHE_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Data:
    """One dataset as a config trains on it, float32.

    train_x, test_x: (rows, features). train_y, test_y: (rows, units of the head), coded as the head's targets. The test
    set is measured after each epoch, as the tutorial does; of a person's own data these are the validation rows, and
    final_x, final_y the test rows, which are measured once, at the end. Else those two are None.
    """

    train_x: Floats
    train_y: Floats
    test_x: Floats
    test_y: Floats
    final_x: Floats | None = None
    final_y: Floats | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (self.train_x, self.train_y, self.test_x, self.test_y, self.final_x, self.final_y)
        return sum(array.nbytes for array in arrays if array is not None)


def settings(config: RunConfig) -> tuple[object, ...]:
    """What the dataset depends on: equal for two configs that train on the same rows."""
    return (
        config.dataset,
        config.data_file,
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

    Raises:
        DataFileError: the file of a person's own dataset is gone, or another one than was added.
    """
    if config.data_file is not None:
        check(config.data_file)
    key = (*settings(config), config.output_layer)
    data = _cache.get(key)
    if data is None:
        data = _make(config)
        _cache.put(key, data, data.nbytes)
    return data


_cache: LruCache[Data] = LruCache(CACHE_BYTES)
_seen: dict[DataFile, tuple[int, ...]] = {}


def check(file: DataFile) -> None:
    """See that a data file is the one that was added; it is read anew only where its size or its times changed.

    Raises:
        DataFileError: it is gone, or another one.
    """
    from .tables.datasets import check_unchanged

    with contextlib.suppress(OSError):
        found = os.stat(file.path)
        now = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if _seen.get(file) == now:
            return
        check_unchanged(file)
        _seen[file] = now
        return
    check_unchanged(file)


def _make(config: RunConfig) -> Data:
    if config.data_file is not None:
        return _make_own(config, config.data_file)
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


def _make_own(config: RunConfig, file: DataFile) -> Data:
    """Read a person's own dataset; its rows are split and prepared where it is read."""
    from .tables.datasets import load_rows

    rows = load_rows(file)
    entry, (train, validation, _) = config.dataset_entry, rows.sizes
    x, y, end = rows.x, np.array(rows.y), train + validation
    config.task.corrupt(y[:train], config.corruption, entry.classes, np.random.default_rng(entry.random_state))
    targets = config.output_layer.encode(y)
    for array in (x, targets):
        array.flags.writeable = False
    return Data(x[:train], targets[:train], x[train:end], targets[train:end], x[end:], targets[end:])


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
