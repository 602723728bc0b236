"""Numbers as people type them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.parsing import real_number, whole_number

NO_NUMBER = [
    "",
    " ",
    "_1",
    "1_",
    "1__2",
    "1_000",
    "５",
    "١",
    "+5",
    " 5",
    "5 ",
    "5\n",
    "0x10",
    "five",
    "--5",
    "-",
    "1,000",
]


@pytest.mark.parametrize("text", [*NO_NUMBER, "1e2", "5.0", "1.", "nan", "9" * 41])
def test_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        whole_number(text)


@pytest.mark.parametrize("text", [*NO_NUMBER, "nan", "inf", "-inf", "infinity", ".", "e5", "1e", "1e+", "1.2.3", "1٫5"])
def test_no_real_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        real_number(text)


@given(st.integers(-(10**30), 10**30), st.integers(0, 60))
def test_whole_numbers(number: int, zeros: int) -> None:
    sign = "-" if number < 0 else ""
    assert whole_number(f"{sign}{'0' * zeros}{abs(number)}") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_real_numbers_as_python_writes_them(number: float) -> None:
    assert real_number(repr(number)) == number


@pytest.mark.parametrize(("text", "number"), [("5.", 5), (".5", 0.5), ("1E-3", 0.001), ("1e+2", 100), ("-0", 0)])
def test_real_numbers_as_people_write_them(text: str, number: float) -> None:
    assert real_number(text) == number


def test_too_large_for_a_float_is_infinite() -> None:
    assert math.isinf(real_number("1e999"))
    assert math.isinf(real_number("9" * 5000))
