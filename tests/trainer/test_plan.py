"""An epoch's blocks: each batch trained once, each row measured once, none too large."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from lossterm.trainer.plan import BLOCK_FLOPS, CHUNK_FLOATS, MAX_CHUNK, MAX_STEPS, Plan

plans = st.builds(
    Plan.of,
    train_rows=st.integers(1, 10_000_000),
    validation_rows=st.integers(1, 10_000_000),
    batch_size=st.integers(8, 10_000_000),
    widths=st.tuples(st.sampled_from([2, 20]), st.integers(1, 4096), st.integers(1, 3)),
    in_batches=st.booleans(),
)


@given(plans)
def test_every_batch_and_every_row_comes_once_and_in_order(plan: Plan) -> None:
    blocks = plan.blocks().tolist()
    train = [(first, end) for _, first, end, _, _ in blocks if end > first]
    test = [(first, end) for _, _, _, first, end in blocks if end > first]
    assert joined(train) == (0, plan.steps)
    assert joined(test) == (0, plan.validation_rows)
    assert (plan.steps - 1) * plan.batch_size < plan.train_rows <= plan.steps * plan.batch_size


def joined(ranges: list[tuple[int, int]]) -> tuple[int, int]:
    for (_, end), (first, _) in itertools.pairwise(ranges):
        assert end == first
    return ranges[0][0], ranges[-1][1]


@given(st.integers(1, 10_000_000), st.integers(1, 10_000_000), st.integers(1, 4096))
def test_a_loss_over_the_whole_batch_is_measured_in_whole_batches(rows: int, batch_size: int, hidden: int) -> None:
    plan = Plan.of(rows, rows, batch_size, (2, hidden, 1), in_batches=True)
    assert all(first % batch_size == 0 for first, _ in plan.measure_blocks(rows))


@given(plans)
def test_only_the_first_block_begins_an_epoch(plan: Plan) -> None:
    assert plan.blocks()[:, 0].tolist() == [1] + [0] * (len(plan.blocks()) - 1)


@given(plans)
def test_no_test_row_is_measured_before_training_ends(plan: Plan) -> None:
    rows = plan.blocks().tolist()
    last_trained = max(i for i, block in enumerate(rows) if block[2] > block[1])
    first_measured = min(i for i, block in enumerate(rows) if block[4] > block[3])
    assert first_measured >= last_trained


@given(plans, st.sampled_from([2, 20]), st.integers(1, 4096))
def test_no_block_is_large(plan: Plan, features: int, hidden: int) -> None:
    plan = Plan.of(plan.train_rows, plan.validation_rows, plan.batch_size, (features, hidden, 1))
    step_flops = 6 * hidden * (features + 1) * plan.batch_size
    for _, first, end, _, _ in plan.blocks().tolist():
        assert end - first <= MAX_STEPS
        assert end - first <= 1 or (end - first) * step_flops <= BLOCK_FLOPS
    assert plan.chunk_rows * hidden <= CHUNK_FLOATS
    assert plan.chunk_rows <= MAX_CHUNK


def test_the_tutorials_programs_are_one_block_with_a_partial_batch() -> None:
    plan = Plan.of(train_rows=2500, validation_rows=2500, batch_size=32, widths=(2, 50, 1))
    assert plan.steps == 79
    assert plan.blocks().tolist() == [[1, 0, 79, 0, 2500]]


def test_a_million_rows_are_several() -> None:
    plan = Plan.of(train_rows=1_000_000, validation_rows=1_000_000, batch_size=32, widths=(20, 25, 1))
    assert len(plan.train_blocks()) == 8


@given(st.integers(1, 10_000_000), st.integers(1, 10_000), st.integers(1, 65_536))
def test_the_masks_of_a_block_are_held_where_one_batchs_are(rows: int, batch_size: int, masked: int) -> None:
    plan = Plan.of(rows, 10, batch_size, (2, masked, 1), masked=masked)
    assert plan.block_steps == 1 or plan.block_steps * batch_size * masked <= CHUNK_FLOATS
