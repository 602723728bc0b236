"""Which runs are trained stacked, and how many at once."""

from __future__ import annotations

from .model import ModelSpec
from .plan import CHUNK_FLOATS

WIDTHS = (2, 10)
"""How many runs a program takes: few widths, so that few programs are compiled. A run alone trains as one of two, for a
program of one is another one to XLA, whose sums differ in their last bits.
"""

DATA_FLOATS = 4 * CHUNK_FLOATS
"""Most numbers of the datasets of a stack: 64 MiB."""

_STEP_FLOPS = 4e5
_EPOCH_FLOPS = 2e7


def can_stack(spec: ModelSpec) -> bool:
    """Whether runs of a specification are trained stacked, one alone included.

    Not stacked are own losses, losses over a batch as a whole, dropout, epochs of several blocks, and networks so large
    that their arithmetic counts: a run alone would pay for the one that fills the program up.
    """
    plan, network = spec.plan, spec.network
    if spec.loss_file is not None or spec.over_batch or network.dropout or len(plan.blocks()) > 1 or not spec.xla:
        return False
    return (
        epoch_flops(spec) <= plan.steps * _STEP_FLOPS + _EPOCH_FLOPS
        and held_floats(spec) <= DATA_FLOATS
        and WIDTHS[-1] * spec.batch_size * max(network.widths) <= CHUNK_FLOATS
    )


def width_for(runs: int) -> int:
    """The width of the program that trains so many runs, from 1 to the largest width."""
    return WIDTHS[0] if runs <= WIDTHS[0] else WIDTHS[-1]


def train_together(waiting: int) -> int:
    """How many of so many waiting runs to train in one call: not so few that the width would be wasted on them."""
    return min(waiting, WIDTHS[-1]) if waiting >= WIDTHS[-1] // 2 else min(waiting, WIDTHS[0])


def epoch_flops(spec: ModelSpec) -> float:
    """About how many operations an epoch of one run takes: to train a row is three times to measure one."""
    return spec.network.row_flops * (spec.train_rows + spec.validation_rows / 3)


def held_floats(spec: ModelSpec) -> int:
    """About how many numbers the rows of a dataset are, the test set counted."""
    row = spec.network.features + spec.network.output_layer.units + 1
    return row * (spec.train_rows + 3 * spec.validation_rows)
