"""How numbers, times, sizes, settings and states are written."""

from __future__ import annotations

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.formatting import (
    duration,
    mean_and_sd,
    number,
    scores_words,
    size,
    status_role,
    trainer_role,
    trainer_words,
)
from lossterm.runs.records import Scores, Status, TrainerState


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "-"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (0.0, "0.000"),
        (0.38249, "0.382"),
        (0.0005, "0.001"),
        (0.00049, "4.9e-04"),
        (2.7e-07, "2.7e-07"),
        (-0.25, "-0.250"),
        (999.999, "999.999"),
        (999.9996, "1000"),
        (12345.0, "12345"),
        (99_999.4, "99999"),
        (99_999.7, "1.0e+05"),
        (1.5e300, "1.5e+300"),
    ],
)
def test_numbers(value: float | None, written: str) -> None:
    assert number(value) == written


@given(st.floats())
def test_any_number_fits_its_column_and_reads_back(value: float) -> None:
    written = number(value)
    assert len(written) <= 7 + (value < 0) + (abs(value) < 1e-99 or abs(value) >= 1e100)
    if abs(value) < 1e308:  # beyond, one digit less may be infinite
        assert float(written) == pytest.approx(value, rel=0.06, abs=0.0005 if abs(value) >= 0.0005 else 0)


def test_a_mean_and_its_spread() -> None:
    assert mean_and_sd(0.8371, 0.0031) == "0.837 ± 0.003"
    assert mean_and_sd(2.7e-07, 0.0) == "2.7e-07 ± 0"
    assert mean_and_sd(5.8e-05, 1.2e-06) == "5.8e-05 ± 1.2e-06"
    assert mean_and_sd(0.5, None) == "0.500"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "-"),
        (math.nan, "-"),
        (-5.0, "0 ms"),
        (0.0153, "15 ms"),
        (0.9996, "1.0 s"),
        (1.84, "1.8 s"),
        (59.96, "1:00"),
        (200.0, "3:20"),
        (7400.0, "2:03:20"),
        (450_000.0, "5.2 d"),
    ],
)
def test_times(seconds: float | None, written: str) -> None:
    assert duration(seconds) == written


@given(st.floats(0, 1e9))
def test_any_time_fits_its_column(seconds: float) -> None:
    assert len(duration(seconds)) <= 8


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (3400, "3.4 kB"),
        (999_960, "1.0 MB"),
        (120_000_000, "120.0 MB"),
        (5_600_000_000, "5.6 GB"),
    ],
)
def test_sizes(count: int, written: str) -> None:
    assert size(count) == written


def test_every_state_has_a_role_and_words() -> None:
    for status in get_args(Status):
        assert status_role(status) in ("muted", "active", "good", "warning", "bad")
    assert status_role("finished") == "good"
    assert {status_role(status) for status in ("failed", "diverged", "interrupted")} == {"bad"}
    for state in get_args(TrainerState):
        assert trainer_words(state)
        assert trainer_role(state) in ("active", "good", "warning")


def test_scores_that_three_decimals_cannot_say_stand_beside_the_tutorials_line() -> None:
    small = scores_words(Scores(3.8e-07, 3.8e-07, 4.0e-07, 4.1e-07), "mse", "184 ms")
    assert small == "Train: 0.000, Test: 0.000 (loss 3.8e-07, 4.0e-07; mse 3.8e-07, 4.1e-07; 184 ms)"
    assert scores_words(Scores(0.391, 0.82, 0.441, 0.81), "accuracy") == (
        "Train: 0.391, Test: 0.441 (accuracy 0.820, 0.810)"
    )
    assert scores_words(Scores(0.0, 1.0, 0.0, 1.0), "accuracy") == "Train: 0.000, Test: 0.000 (accuracy 1.000, 1.000)"
