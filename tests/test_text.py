"""Text that any terminal can show, whatever it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lossterm.text import one_line, printable, to_ascii, wrap

ANY = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("plain", "plain"),
        ("Größe, 損失, ± 0.1", "Größe, 損失, ± 0.1"),
        ("\x1b]0;PWNED\x07", "?]0;PWNED?"),
        ("\x1b[31mred\x1b[0m", "?[31mred?[0m"),
        ("c1 \x9b2J \x90dcs\x9c", "c1 ?2J ?dcs?"),
        ("two\nlines\ttab\r", "two?lines?tab?"),
        ("right \u202eto left\u2066", "right ?to left?"),
        ("zero\u200bwidth\ufeff", "zero?width?"),
        ("no\u00a0break", "no break"),
        ("half \ud800", "half ?"),
        ("line\u2028separator", "line?separator"),
        ("del\x7f", "del?"),
    ],
)
def test_what_a_terminal_would_obey_is_shown_as_a_stand_in(given_text: str, shown: str) -> None:
    assert printable(given_text) == shown


@given(ANY)
def test_any_text_is_harmless_and_as_long_as_before(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) == len(text)
    assert printable(shown) == shown
    shown.encode("utf-8")


@given(ANY)
def test_any_text_fits_one_line(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert line == line.strip()
    assert "  " not in line.replace("\u00a0", "")


def test_words_are_kept_whole_where_they_fit() -> None:
    assert wrap("a loss that is not convex", 9) == ["a loss", "that is", "not", "convex"]
    assert wrap("", 5) == [""]
    assert wrap("損失関数 mse", 8) == ["損失関数", "mse"]
    assert wrap("abcdefghij k", 4) == ["abcd", "efgh", "ij k"]
    assert wrap("a\x1b[2J b", 80) == ["a?[2J b"]


def test_pieces_are_kept_whole_where_they_fit() -> None:
    assert wrap("mse 0.1  mae 0.2  msle 0.3", 17, "  ") == ["mse 0.1  mae 0.2", "msle 0.3"]
    assert wrap("every step is clear  mae 0.2", 10, "  ") == ["every step", "is clear", "mae 0.2"]


@given(ANY, st.integers(2, 30), st.sampled_from([" ", "  "]))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(text: str, width: int, separator: str) -> None:
    lines = wrap(text, width, separator)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(printable(text).split())


@pytest.mark.parametrize(
    ("text", "kept", "free"),
    [
        ("0.837 ± 0.003", "0.837 +-0.003", "0.837 +- 0.003"),
        ("± 1 sd", "+-1 sd", "+- 1 sd"),
        ("±", "~", "+-"),
        ("loss ≤ 0", "loss < 0", "loss <= 0"),
        ("loading …", "loading .", "loading ..."),
        ("2 × 3", "2 x 3", "2 x 3"),
        ("R²", "R2", "R2"),
        ("−1 – 2", "-1 - 2", "-1 - 2"),
        ("┌─┐▌█", "+-+##", "+-+##"),
        ("é ö", "e o", "e o"),
        ("損", "??", "??"),
        ("e\u0301", "e", "e"),
        ("−∞", "-?", "-inf"),
        ("no\u00a0break", "no break", "no break"),
        ("\x1b[2J", "?[2J", "?[2J"),
    ],
)
def test_ascii_looks_alike(text: str, kept: str, free: str) -> None:
    assert to_ascii(text) == kept
    assert to_ascii(text, keep_width=False) == free


@given(ANY)
def test_ascii_keeps_the_width(text: str) -> None:
    shown = to_ascii(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) == sum(max(cell_len(c), not c.isprintable()) for c in text)


def test_a_plus_minus_sign_never_reads_as_plus() -> None:
    for text in ("1 ± 2", "1± 2", "1 ±2", "1±2", "±"):
        shown = to_ascii(text)
        assert "+-" in shown or "~" in shown
