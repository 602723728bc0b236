"""What the model view is made of: a run's weights after some of its epochs, and a sample of its rows, as bytes.

The weights are kept and not a grid of outputs: they are smaller, cost a run next to nothing, and the outputs at any
point, at any size of the pane, follow from them exactly.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..config import RunConfig

Floats = npt.NDArray[np.float32]

SAMPLE_ROWS = 200
_FEWEST_ROWS = 10
_SAMPLE_BYTES = 60_000
"""What the rows of a sample may take: of data with many features it has fewer rows."""
RUN_BYTES = 190_000
"""What a run's snapshots and its sample may take of the store, the pages that SQLite cannot fill included."""
MOST = 100
_FEW = 35
_PAGE = 4096
_ROW = 40
"""About what SQLite needs for a row beside its blob."""
_MAGIC = b"\xffLTW"
_KINDS = {4: "<f4", 2: "<f2"}
"""How numbers of so many bytes are written."""
_LATER = 0.15
"""Each snapshot is at least this share of its epoch later than the one before: dense at the start."""


@dataclass(frozen=True)
class Weights:
    """The weights of a network of dense layers.

    Attributes:
        layers: the kernel, (inputs, units), and the bias, (units,), of each layer, float32, the output layer last.
    """

    layers: tuple[tuple[Floats, Floats], ...]

    @classmethod
    def of(cls, arrays: Sequence[Floats]) -> Weights:
        """Pair the kernels and biases of arrays in Keras's order: a kernel and a bias a layer."""
        return cls(tuple(zip(arrays[::2], arrays[1::2], strict=True)))

    @property
    def arrays(self) -> list[Floats]:
        """The arrays in Keras's order."""
        return [array for layer in self.layers for array in layer]


@dataclass(frozen=True, eq=False)
class Sample:
    """Some rows of a run's dataset, at most SAMPLE_ROWS of each set, float32.

    train_x, test_x: (rows, features). train_y, test_y: (rows, units), coded as the head's targets.
    """

    train_x: Floats
    train_y: Floats
    test_x: Floats
    test_y: Floats


def weight_shapes(config: RunConfig) -> list[tuple[int, ...]]:
    """The shapes of a network's weights in Keras's order: a kernel and a bias a layer."""
    widths = (config.dataset_entry.features, *config.hidden_layers, config.output_layer.units)
    return [shape for inputs, units in pairwise(widths) for shape in ((inputs, units), (units,))]


def pack_weights(arrays: Sequence[npt.NDArray[np.generic]], config: RunConfig) -> bytes:
    """Weights as bytes: their shapes, then their numbers in float32, or float16 where the network is a wide one.

    Args:
        arrays: the weights in Keras's order.
        config: of the run that they are of.
    """
    kind = _KINDS[4] if _precise(config) else _KINDS[2]
    header = _header([array.shape for array in arrays], kind)
    with np.errstate(over="ignore"):  # a diverging network's weights may be beyond float16: infinite they stay
        return b"".join([header, *(np.asarray(array).astype(kind).tobytes() for array in arrays)])


def unpack_weights(packed: bytes, config: RunConfig) -> Weights:
    """The weights of a snapshot.

    Raises:
        ValueError: if they are not of the config's network.
    """
    expected = weight_shapes(config)
    header = len(_header(expected))
    if packed[:header] in (_header(expected, kind) for kind in _KINDS.values()):
        kind, body = packed[len(_MAGIC) : len(_MAGIC) + 3].decode(), packed[header:]
    else:  # as stores of versions 1 and 2 keep them: one hidden layer, no shapes
        kind, body = _KINDS.get(len(packed) // _count(expected), ""), packed
    if not kind or len(body) != _count(expected) * int(kind[-1]):
        raise ValueError("snapshot: it is of another network")
    flat = np.frombuffer(body, kind).astype(np.float32)
    ends = np.cumsum([math.prod(shape) for shape in expected])[:-1]
    return Weights.of([part.reshape(shape) for part, shape in zip(np.split(flat, ends), expected, strict=True)])


def _header(shapes: Sequence[tuple[int, ...]], kind: str = "<f4") -> bytes:
    parts = [struct.pack(f"<B{len(shape)}I", len(shape), *shape) for shape in shapes]
    return b"".join([_MAGIC, kind.encode(), struct.pack("<B", len(shapes)), *parts])


def take_sample(train_x: Floats, train_y: Floats, test_x: Floats, test_y: Floats) -> Sample:
    """Rows that lie evenly apart in both sets; all four are (rows, columns)."""
    most = _most_rows(train_x.shape[1] + train_y.shape[1])

    def some(rows: int) -> npt.NDArray[np.int64]:
        return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(np.int64))

    train, test = some(len(train_x)), some(len(test_x))
    return Sample(train_x[train], train_y[train], test_x[test], test_y[test])


def _most_rows(columns: int) -> int:
    """How many rows of each set a sample has at most, where a row has so many numbers."""
    return min(max(_SAMPLE_BYTES // (2 * 4 * columns), _FEWEST_ROWS), SAMPLE_ROWS)


def pack_sample(sample: Sample) -> bytes:
    """A sample as bytes: the number of training rows, then every row's x and y, the training rows first."""
    train = np.hstack([sample.train_x, sample.train_y])
    rows = np.vstack([train, np.hstack([sample.test_x, sample.test_y])])
    return np.array(len(train), "<i4").tobytes() + rows.astype("<f4").tobytes()


def unpack_sample(packed: bytes, config: RunConfig) -> Sample:
    """A run's sample. Raises ValueError where it is damaged or not of the config's dataset and output layer."""
    features, units = config.dataset_entry.features, config.output_layer.units
    row = 4 * (features + units)
    if len(packed) < 4 or (len(packed) - 4) % row or len(packed) > 4 + 2 * SAMPLE_ROWS * row:
        raise ValueError("sample: it is of another dataset")
    count = int(np.frombuffer(packed, "<i4", 1)[0])
    rows = np.frombuffer(packed, "<f4", offset=4).astype(np.float32).reshape(-1, features + units)
    if not 0 <= count <= len(rows) or not np.isfinite(rows).all():
        raise ValueError("sample: it is damaged")
    train, test = rows[:count], rows[count:]
    return Sample(train[:, :features], train[:, features:], test[:, :features], test[:, features:])


def kept_epochs(config: RunConfig) -> frozenset[int]:
    """The epochs after which a snapshot is kept: from 0 to the last, dense at the start, within RUN_BYTES.

    Empty for a network so wide that not even two fit.
    """
    return _kept_epochs(config.epochs, most_snapshots(config))


def most_snapshots(config: RunConfig) -> int:
    """How many snapshots of a config's network are kept at most: 0 to MOST."""
    most = _fitting(config, 4 if _precise(config) else 2)
    return most if most >= 2 else 0


def _count(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many numbers arrays of these shapes hold."""
    return sum(math.prod(shape) for shape in shapes)


def _precise(config: RunConfig) -> bool:
    """Whether enough snapshots fit in float32."""
    return _fitting(config, 4) >= _FEW


def _fitting(config: RunConfig, width: int) -> int:
    """How many snapshots of numbers of `width` bytes fit beside the sample."""
    shapes = weight_shapes(config)
    columns = config.dataset_entry.features + config.output_layer.units
    room = RUN_BYTES - _stored(2 * _most_rows(columns) * 4 * columns)
    return min(MOST, max(room, 0) // _stored(len(_header(shapes)) + width * _count(shapes)))


def _stored(size: int) -> int:
    """The bytes of a store's file that a blob of so many takes: SQLite cuts small rows at no page's end."""
    in_a_page = _PAGE // (size + _ROW)
    return _PAGE // in_a_page if in_a_page else -(-(size + _ROW) // _PAGE) * _PAGE


@lru_cache(maxsize=64)
def _kept_epochs(last: int, most: int) -> frozenset[int]:
    if most < 2:
        return frozenset()
    share = _LATER
    while True:
        chosen, epoch = [0], 0
        while epoch < last and len(chosen) <= most:
            epoch = min(epoch + max(1, round((epoch + 1) * share)), last)
            chosen.append(epoch)
        if len(chosen) <= most:
            return frozenset(chosen)
        share *= 1.05
