"""What a comparison says, laid out at any size: the conclusion first, and every score in the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lossterm.tui.comparison import Comparison, ComparisonRow
from lossterm.tui.widgets.comparison_view import Room, layout, whole_text

pytestmark = pytest.mark.unit

NAMES = ("mse", "mae", "hinge", "bce", "cce", "kld", "msle")
CONCLUSION = "mse ~ mae ~ hinge ~ bce ~ cce ~ kld: no clear difference over 5 seeds; msle is clearly behind"
ROWS = tuple(
    ComparisonRow(name, at, 0, f"0.8{at}0 ± 0.003", f"−0.0{at}0" if at else "best", f"ep {at + 4}")
    for at, name in enumerate(NAMES)
)
COMPARISON = Comparison(CONCLUSION, ROWS, "test accuracy", "≥0.795", "hinge decides at 0, not 0.5")


def text(comparison: Comparison, width: int, most: int) -> str:
    lines = ["".join(words for _, words in line) for line in layout(comparison, Room(width, most, most)).lines]
    assert all(len(line) <= width for line in lines)
    assert len(lines) <= most
    return "\n".join(lines)


@pytest.mark.parametrize(("width", "most"), [(52, 9), (65, 11), (79, 16), (105, 13), (139, 20)])
def test_the_conclusion_is_whole_and_first_and_every_score_is_there(width: int, most: int) -> None:
    shown = text(COMPARISON, width, most)
    assert " ".join(shown.split()).startswith(CONCLUSION)
    for at, name in enumerate(NAMES):
        assert f" {name} " in shown
        assert f"0.8{at}0" in shown


def test_all_columns_are_there_where_there_is_room() -> None:
    shown = text(COMPARISON, 105, 13)
    assert "● mse   0.800 ± 0.003    best   ep 4  ▼ cce" in shown
    assert shown.split("\n")[1].split() == ["test", "accuracy", "to", "best", "≥0.795"] * 2
    assert "hinge decides at 0" in shown


def test_what_does_not_fit_is_said_to_be_there() -> None:
    assert "… 5 more, w: all of it" in text(COMPARISON, 30, 4)
    longer = replace(COMPARISON, conclusion=" ".join([CONCLUSION] * 4))
    assert text(longer, 52, 9).count("… w: all of it") == 1


def test_all_of_it_can_be_read() -> None:
    words = whole_text(COMPARISON, ascii_only=False)
    assert words.startswith(CONCLUSION)
    assert all(row.figures in words and row.reached in words for row in ROWS)
    assert words.endswith("hinge decides at 0, not 0.5")


def test_a_click_finds_the_row_under_it() -> None:
    laid_out = layout(COMPARISON, Room(65, 11, 11))
    for y, line in enumerate("".join(words for _, words in line) for line in laid_out.lines):
        for name in NAMES:
            at = line.find(f" {name} ")
            if at > 0 and y > 1:
                assert laid_out.label_at(at + 1, y) == name
    assert laid_out.label_at(1, 0) is None


def test_variants_have_a_digit_and_other_losses_none() -> None:
    rows = (ComparisonRow("huber delta 1", 3, 1, "0.1"), ComparisonRow("huber delta 2", 3, 2, "0.2"), ROWS[0])
    shown = text(Comparison(rows=rows), 60, 9)
    assert "◆1 huber delta 1" in shown
    assert "◆2 huber delta 2" in shown
    assert "● mse" in shown


def test_a_long_conclusion_leaves_the_chart_its_rows_and_says_that_there_is_more() -> None:
    """At 80x24 the chart had three rows."""
    longer = replace(COMPARISON, conclusion=" ".join([CONCLUSION] * 3))
    cut = layout(longer, Room(52, 9, 7))
    lines = ["".join(words for _, words in line) for line in cut.lines]
    assert len(lines) == 7
    assert not cut.is_whole
    assert lines[3].endswith("… w: all of it")
    assert all(any(f" {name} " in line for line in lines) for name in NAMES)
    assert layout(longer, Room(52, 13, 13)).is_whole
    assert not layout(replace(longer, notes="a note of many words " * 9), Room(52, 13, 13)).is_whole


def test_every_score_is_there_before_the_chart_has_its_rows() -> None:
    long_names = tuple(replace(row, label=f"{row.label} with a long name") for row in ROWS)
    lines = layout(Comparison(CONCLUSION, long_names), Room(52, 9, 7)).lines
    assert len(lines) == 9
    assert sum("with a long name" in "".join(words for _, words in line) for line in lines) == len(NAMES)
