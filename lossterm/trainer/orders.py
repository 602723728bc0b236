"""The orders of the rows in the epochs of runs, drawn on the host while the device trains."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from .model import epoch_order

Orders = npt.NDArray[np.int32]


def draw_orders(seeds: Sequence[int], first: int, epochs: int, rows: int) -> Orders:
    """Draw the orders of some epochs of some runs: (epochs, runs, rows), each that of `epoch_order`."""
    pairs = [(seed, epoch) for epoch in range(first, first + epochs) for seed in seeds]
    with tf.device("/CPU:0"):
        drawn = _drawing(rows)(tf.constant(pairs, tf.int64)).numpy()
    return np.asarray(drawn).reshape(epochs, len(seeds), rows)


@lru_cache(maxsize=16)
def _drawing(rows: int) -> Any:
    """A function that draws orders of so many rows, one a pair of seed and epoch."""

    def draw(pairs: Any) -> Any:
        return tf.map_fn(
            lambda pair: tf.cast(epoch_order(pair[0], pair[1], rows), tf.int32), pairs, fn_output_signature=tf.int32
        )

    return tf.function(draw, input_signature=[tf.TensorSpec([None, 2], tf.int64)], autograph=False)


class OrderSource:
    """Orders of epochs, the next ones drawn in a thread while the ones before are trained on."""

    def __init__(self, rows: int):
        """Draw orders of so many rows."""
        self._rows = rows
        self._thread = ThreadPoolExecutor(1)
        self._prepared: tuple[tuple[int, ...], int, int, Future[Orders]] | None = None

    def prepare(self, seeds: Sequence[int], first: int, epochs: int) -> None:
        """Begin to draw what is probably wanted next."""
        self._prepared = (
            tuple(seeds),
            first,
            epochs,
            self._thread.submit(draw_orders, tuple(seeds), first, epochs, self._rows),
        )

    def take(self, seeds: Sequence[int], first: int, epochs: int) -> Orders:
        """The orders of `epochs` epochs from `first` on, (epochs, runs, rows), as `draw_orders` gives them."""
        if self._prepared is not None:
            before, begin, count, drawn = self._prepared
            self._prepared = None
            if begin == first and count >= epochs and set(before) >= set(seeds):
                return drawn.result()[:epochs, [before.index(seed) for seed in seeds]]
        return draw_orders(seeds, first, epochs, self._rows)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)
