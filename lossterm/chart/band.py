"""Several runs of the same thing, seeds of one loss say, as a mean with a band around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

Kind = Literal["range", "sd"]


def mean_and_band(curves: Sequence[Sequence[float]], kind: Kind) -> tuple[list[float], tuple[list[float], list[float]]]:
    """The mean of curves at each epoch that all of them have reached, and the band's lower and upper edge.

    curves: a value an epoch, starting with the same epoch; those without any are left out.
    kind: "range" from the lowest to the highest; "sd" one sample standard deviation (n - 1) to either side, 0 for one.
    Where any value is not finite, so are mean and band (NaN): a mean that left a diverged run out would flatter.
    """
    started = [curve for curve in curves if len(curve)]
    if not started:
        return [], ([], [])
    length = min(len(curve) for curve in started)
    values = np.array([np.asarray(curve[:length], dtype=np.float64) for curve in started])
    values[:, ~np.isfinite(values).all(axis=0)] = np.nan
    # divided before they are added, so that sums of huge values stay finite
    mean = (values / len(started)).sum(axis=0)
    if kind == "range":
        low, high = values.min(axis=0), values.max(axis=0)
    else:
        scale = np.maximum(np.abs(values).max(axis=0), 1e-300)
        sd = scale * (values / scale).std(axis=0, ddof=1) if len(started) > 1 else np.zeros(length)
        low, high = mean - sd, mean + sd
    return mean.tolist(), (low.tolist(), high.tolist())
