"""Exponential smoothing that starts unbiased and goes on where it stopped when values are appended."""

from __future__ import annotations

import numpy as np

from .growing import Floats, Growing


class Smoother:
    """The smoothed values of a growing sequence.

    With weight w, value t is the mean of all finite values so far, each step back counting w times less:
    sum of w^k x[t-k] over sum of w^k. It is what TensorBoard draws (Adam's bias correction, Kingma and Ba 2015,
    algorithm 1). A value that is not finite smooths to NaN and leaves the others as they would be without it.
    """

    def __init__(self, weight: float) -> None:
        """weight: of the past, 0 <= weight < 1."""
        if not 0 <= weight < 1:
            raise ValueError(f"smoothing weight {weight} is not in [0, 1)")
        self._weight = weight
        self._sum = 0.0
        self._count = 0.0
        self._done = Growing()

    def extend(self, values: Floats) -> Floats:
        """The smoothed values of the whole sequence; those given in earlier calls must be unchanged."""
        new = values[len(self._done) :]
        if len(new):
            self._done.append(self._smooth(new))
        return self._done.values[: len(values)]

    def _smooth(self, values: Floats) -> Floats:
        finite = np.isfinite(values)
        sums = self._decayed(values[finite], self._sum)
        counts = self._decayed(np.ones(len(sums)), self._count)
        if len(sums):
            self._sum, self._count = float(sums[-1]), float(counts[-1])
        smoothed: Floats = np.full(len(values), np.nan)
        smoothed[finite] = sums / counts
        return smoothed

    def _decayed(self, values: Floats, before: float) -> Floats:
        """Running sums s[t] = w s[t-1] + x[t], by doubling the reach: as many passes as the decay has binary digits."""
        sums: Floats = values.copy()
        if not len(sums):
            return sums
        sums[0] += self._weight * before
        reach, weight = 1, self._weight
        while reach < len(sums) and weight > 0:
            sums[reach:] = sums[reach:] + weight * sums[:-reach]
            reach, weight = 2 * reach, weight * weight
        return sums
