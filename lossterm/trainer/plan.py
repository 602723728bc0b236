"""How an epoch is cut into blocks, each one call of a compiled function. Arithmetic alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

MAX_STEPS = 4096
"""Most batches in a block: some tens of milliseconds for a net as small as the tutorial's."""

BLOCK_FLOPS = 4e9
"""Most floating-point operations in a block, well under a second on one core."""

CHUNK_FLOATS = 2**22
"""Most activations held at once while a whole set is measured (16 MiB)."""

MAX_CHUNK = 65_536


@dataclass(frozen=True)
class Plan:
    """The blocks of one epoch.

    train_rows, validation_rows: rows of the two sets. batch_size: rows of a whole batch; the last batch of an epoch
    holds what is left over. chunk_rows: rows measured at a time. block_steps: batches a block; block_rows: rows
    measured a block.
    """

    train_rows: int
    validation_rows: int
    batch_size: int
    chunk_rows: int
    block_steps: int
    block_rows: int

    @classmethod
    def of(
        cls,
        train_rows: int,
        validation_rows: int,
        batch_size: int,
        widths: Sequence[int],
        in_batches: bool = False,
        masked: int = 0,
    ) -> Plan:
        """Cut an epoch so that no block computes for long or holds much, whatever the sizes of data and network.

        Args:
            train_rows: rows of the training set.
            validation_rows: rows of the set that is measured after each epoch.
            batch_size: rows of a whole batch.
            widths: the network's features, the units of each hidden layer, and its outputs.
            in_batches: whether sets are measured in batches of `batch_size`, as a loss over the whole batch needs it.
            masked: the units that dropout draws masks for, which are held for a whole block.
        """
        row_flops = 6 * sum(inputs * outputs for inputs, outputs in pairwise(widths))
        steps = int(BLOCK_FLOPS // (row_flops * batch_size))
        if masked:
            steps = min(steps, CHUNK_FLOATS // (masked * batch_size))
        chunk = min(max(CHUNK_FLOATS // max(widths), 1), MAX_CHUNK)
        rows = max(int(3 * BLOCK_FLOPS // row_flops), chunk)  # going forward alone costs a third
        if in_batches:
            rows = min(max(rows // batch_size, 1), MAX_STEPS) * batch_size
        return cls(train_rows, validation_rows, batch_size, chunk, min(max(steps, 1), MAX_STEPS), rows)

    @property
    def steps(self) -> int:
        """Batches in an epoch, the last partial one counted."""
        return -(-self.train_rows // self.batch_size)

    def train_blocks(self) -> list[tuple[int, int]]:
        """The blocks of training, as half-open ranges of batches."""
        return _ranges(self.steps, self.block_steps)

    def measure_blocks(self, rows: int) -> list[tuple[int, int]]:
        """The blocks of measuring a set, as half-open ranges of rows."""
        return _ranges(rows, self.block_rows)

    def blocks(self) -> npt.NDArray[np.int64]:
        """The blocks of an epoch in order: (blocks, 5) of begins, first step, end step, first row, end row.

        `begins` is 1 on the first block. Training and measuring share a block when each takes only one.
        """
        train = self.train_blocks()
        test = self.measure_blocks(self.validation_rows)
        if len(train) == len(test) == 1:
            return np.array([[1, *train[0], *test[0]]], np.int64)
        blocks = [[int(first == 0), first, end, 0, 0] for first, end in train]
        blocks += [[0, 0, 0, first, end] for first, end in test]
        return np.array(blocks, np.int64)


def _ranges(count: int, size: int) -> list[tuple[int, int]]:
    return [(first, min(first + size, count)) for first in range(0, count, size)]
