"""Arrays that grow at their end, and what is derived from them bit by bit."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Growing:
    """Doubles that are appended to in amortised constant time."""

    def __init__(self) -> None:
        self._buffer: Floats = np.empty(64)
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> Floats:
        """All of them. The array stays as it is when more are appended; it must not be written to."""
        return self._buffer[: self._length]

    def append(self, values: Floats) -> None:
        """Put values behind those there are."""
        needed = self._length + len(values)
        if needed > len(self._buffer):
            larger: Floats = np.empty(max(needed, 2 * len(self._buffer)))
            larger[: self._length] = self.values
            self._buffer = larger
        self._buffer[self._length : needed] = values
        self._length = needed


class Reader:
    """A sequence as an array of doubles; of a list that grows only what was appended is read."""

    def __init__(self) -> None:
        self._source: Sequence[float] | None = None
        self._read = Growing()
        self.version = 0

    def read(self, source: Sequence[float]) -> Floats:
        """The values now. `version` goes up whenever they are not the earlier ones with more behind."""
        known = len(self._read)
        if source is self._source and len(source) >= known:
            if len(source) > known:
                self._read.append(np.array(source[known:], dtype=np.float64))
            return self._read.values
        # a NumPy array may be written to, so that it's no proof of the same values that it is the same array
        self._source = source if isinstance(source, (list, tuple, array)) else None
        values: Floats = np.array(source, dtype=np.float64)
        if _starts_with(values, self._read.values):
            self._read.append(values[known:])
        else:
            self.version += 1
            self._read = Growing()
            self._read.append(values)
        return self._read.values


def _starts_with(values: Floats, known: Floats) -> bool:
    # compared as integers, so that NaN equals NaN
    start = values[: len(known)].view(np.int64)
    return len(values) >= len(known) and np.array_equal(start, known.view(np.int64))
