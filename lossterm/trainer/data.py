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

    train_x, validation_x, test_x: (rows, features). train_y, validation_y, test_y: (rows, units of the output layer),
    coded as its targets. The validation rows are the test rows themselves where none are held out. train_weight,
    (rows,): the weight of each training row in the loss; None where all weigh 1.
    """

    train_x: Floats
    train_y: Floats
    validation_x: Floats
    validation_y: Floats
    test_x: Floats
    test_y: Floats
    train_weight: Floats | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; validation rows that are the test rows count once."""
        held_out = self.validation_x is not self.test_x
        arrays = [self.train_x, self.train_y, self.test_x, self.test_y]
        arrays += [self.validation_x, self.validation_y] * held_out
        return sum(array.nbytes for array in arrays) + (0 if self.train_weight is None else self.train_weight.nbytes)


def settings(config: RunConfig) -> tuple[object, ...]:
    """What the dataset depends on: equal for two configs that train on the same rows."""
    return (
        config.dataset,
        config.data_file,
        config.samples,
        config.noise,
        config.imbalance,
        config.train_fraction,
        config.validation_fraction,
        config.data_seed,
        config.outlier_fraction,
        config.label_noise,
        config.class_weight,
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
    rows = config.samples - config.test_rows
    if entry.split == "shuffled":
        order = _shuffled(y, rows, entry, config.data_seed)
        x, y = x[order], y[order]
    if entry.standardised:
        trained = config.train_rows
        x = _standardised(x, trained)
        y = y if entry.task.has_classes else _standardised(y.reshape(-1, 1), trained)[:, 0]
    random = np.random.default_rng(config.data_seed)
    config.task.corrupt(y[: config.train_rows], config.corruption, entry.classes, random)
    targets = config.output_layer.encode(y)
    for array in (x, targets):
        array.flags.writeable = False
    test_x, test_y, end = x[rows:], targets[rows:], config.train_rows
    weights = _weights(config, y[:end])
    if not config.held_out_rows:
        return Data(x[:rows], targets[:rows], test_x, test_y, test_x, test_y, weights)
    return Data(x[:end], targets[:end], x[end:rows], targets[end:rows], test_x, test_y, weights)


def _make_own(config: RunConfig, file: DataFile) -> Data:
    """Read a person's own dataset; its rows are split and prepared where it is read."""
    from .tables.datasets import load_rows

    rows = load_rows(file)
    entry, (train, validation, _) = config.dataset_entry, rows.sizes
    x, y, end = rows.x, np.array(rows.y), train + validation
    config.task.corrupt(y[:train], config.corruption, entry.classes, np.random.default_rng(config.data_seed))
    targets = config.output_layer.encode(y)
    for array in (x, targets):
        array.flags.writeable = False
    weights = _weights(config, y[:train])
    return Data(x[:train], targets[:train], x[train:end], targets[train:end], x[end:], targets[end:], weights)


def _weights(config: RunConfig, y: npt.NDArray[Any]) -> Floats | None:
    """The weight of each training row, (rows,), given its class: 1 in the mean; None where all weigh the same."""
    if config.class_weight == "none":
        return None
    from sklearn.utils.class_weight import compute_sample_weight

    return np.asarray(compute_sample_weight(config.class_weight, y), np.float32)


def _shuffled(y: npt.NDArray[Any], train_rows: int, entry: Dataset, data_seed: int) -> npt.NDArray[np.int64]:
    """The rows in an order that has the training rows first, each class with its share where there are enough."""
    from sklearn.model_selection import train_test_split

    few = min(train_rows, len(y) - train_rows) < entry.classes
    train, test = train_test_split(
        np.arange(len(y)),
        train_size=train_rows,
        random_state=data_seed,
        stratify=y if entry.task.has_classes and not few else None,
    )
    return np.concatenate([train, test])


def _standardised(columns: npt.NDArray[Any], train_rows: int) -> Floats:
    """The columns, (rows, columns), with mean 0 and standard deviation 1 over the training rows alone."""
    from sklearn.preprocessing import StandardScaler

    columns = columns.astype(np.float64)
    scaler = StandardScaler().fit(columns[:train_rows])
    return np.asarray(scaler.transform(columns), np.float32)
