"""Ticks at round numbers, and how they and measured values are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.glyphs import ASCII, UNICODE
from lossterm.chart.ticks import (
    epoch_label,
    linear_ticks,
    log_tick_labels,
    log_ticks,
    nice_step,
    short_text,
    tick_labels,
    value_text,
    x_scale,
)


@pytest.mark.parametrize(
    ("span", "most", "step"),
    [
        (1, 5, 0.2),
        (1, 4, 0.5),
        (0.7, 8, 0.1),
        (100, 10, 10),
        (99, 4, 50),
        (3e-12, 3, 1e-12),
        (9e12, 4, 5e12),
        (1, 1, 1),
    ],
)
def test_steps_are_1_2_or_5(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)


@given(st.floats(1e-200, 1e200), st.integers(1, 20))
def test_a_step_cuts_a_span_into_at_most_that_many(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert span / step <= most * (1 + 1e-6)
    assert step / 10 ** math.floor(math.log10(step) + 1e-9) == pytest.approx(
        round(step / 10 ** math.floor(math.log10(step) + 1e-9))
    )


def test_marks_are_multiples_without_binary_dust() -> None:
    assert linear_ticks(0.05, 0.55, 0.1) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert linear_ticks(-0.2, 0.2, 0.1) == [-0.2, -0.1, 0.0, 0.1, 0.2]


def test_no_marks_where_a_double_cannot_tell_them_apart() -> None:
    assert linear_ticks(1e300, 1e300 * (1 + 1e-15), 1.0) == []


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (-3, 0, 4, [1e-3, 1e-2, 1e-1, 1]),
        (-1, 0, 8, [0.1, 0.2, 0.5, 1]),
        (-12, 0, 4, [1e-12, 1e-8, 1e-4, 1]),
        (math.log10(0.2), math.log10(2), 8, [0.2, 0.5, 1, 2]),
    ],
)
def test_log_marks_are_powers_of_ten_and_2_and_5_where_there_is_room(low, high, most, ticks) -> None:
    assert log_ticks(low, high, most) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0.0, 0.5, 1.0], ["0.0", "0.5", "1.0"]),
        ([0.1, 0.15, 0.2], ["0.10", "0.15", "0.20"]),
        ([-20, 0, 20], ["−20", "0", "20"]),
        ([1e-12, 2e-12], ["1e-12", "2e-12"]),
        ([5e11, 1e12, 1.5e12], ["5e11", "1.0e12", "1.5e12"]),
        ([7.0], ["7"]),
        ([], []),
    ],
)
def test_labels_of_one_axis_are_written_alike(values: list[float], labels: list[str]) -> None:
    assert tick_labels(values, UNICODE) == labels
    assert tick_labels(values, ASCII) == [label.replace("−", "-") for label in labels]


def test_log_labels_are_short() -> None:
    assert log_tick_labels([1e-12, 1e-3, 0.2, 1, 50, 1e5, 1e12], UNICODE) == [
        "1e-12",
        "0.001",
        "0.2",
        "1",
        "50",
        "1e5",
        "1e12",
    ]


@pytest.mark.parametrize(
    ("value", "label"),
    [(1, "1"), (50, "50"), (2500, "2500"), (100_000, "100k"), (1.5e6, "1.5M"), (2.5, "2.5"), (3e9, "3G")],
)
def test_epochs(value: float, label: str) -> None:
    assert epoch_label(value) == label


@pytest.mark.parametrize(
    ("value", "short", "full"),
    [
        (0.37412345, "0.374", "0.374123"),
        (0.0, "0.000", "0"),
        (1.23456e-7, "1.23e-07", "1.23456e-07"),
        (123456.0, "1.23e+05", "123456"),
        (math.nan, "NaN", "NaN"),
        (math.inf, "inf", "inf"),
        (-math.inf, "-inf", "-inf"),
    ],
)
def test_measured_values(value: float, short: str, full: str) -> None:
    assert (short_text(value), value_text(value)) == (short, full)


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (1, 50, 10, ["1", "5", "10", "15", "20", "25", "30", "35", "40", "45", "50"]),
        (1, 50, 3, ["1", "20", "40", "50"]),
        (1, 100_000, 5, ["1", "20000", "40000", "60000", "80000", "100k"]),
        (12.3, 17.8, 4, ["13", "14", "16", "17"]),
        (1, 3, 12, ["1", "2", "3"]),
    ],
)
def test_epochs_are_marked_whole_with_their_ends(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [tick.label for tick in x_scale(low, high, most).ticks] == labels
