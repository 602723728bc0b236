"""Smoothing against the sums of its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.transforms import Smoother

weights = st.sampled_from([0.0, 0.3, 0.6, 0.9, 0.99])
values = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf]))


def by_definition(values: list[float], weight: float) -> list[float]:
    """Each finite value's weighted mean of the finite values up to it, summed anew."""
    smoothed, past = [], []
    for value in values:
        if math.isfinite(value):
            past.insert(0, value)
            powers = [weight**k for k in range(len(past))]
            smoothed.append(math.fsum(w * x for w, x in zip(powers, past, strict=True)) / math.fsum(powers))
        else:
            smoothed.append(math.nan)
    return smoothed


@given(st.lists(values, max_size=60), weights)
def test_it_is_the_weighted_mean_of_the_past(ys: list[float], weight: float) -> None:
    np.testing.assert_allclose(Smoother(weight).extend(np.array(ys)), by_definition(ys, weight), rtol=1e-9, atol=1e-6)


@given(st.lists(st.lists(values, max_size=20), max_size=8), weights)
def test_appending_goes_on_where_it_stopped(batches: list[list[float]], weight: float) -> None:
    growing, ys = Smoother(weight), np.empty(0)
    for batch in batches:
        ys = np.concatenate((ys, batch))
        np.testing.assert_allclose(growing.extend(ys), by_definition(ys.tolist(), weight), rtol=1e-9, atol=1e-6)


def test_the_first_value_is_not_biased_towards_zero() -> None:
    assert Smoother(0.99).extend(np.array([5.0, 5.0, 5.0])).tolist() == pytest.approx([5.0, 5.0, 5.0])


@pytest.mark.parametrize("weight", [-0.1, 1.0, 1.5, math.nan])
def test_a_weight_that_is_no_share_of_the_past_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="smoothing weight"):
        Smoother(weight)
