"""What changed between two frames."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lossterm.chart.frame import Canvas, Frame, changed_spans


@st.composite
def frames(draw: st.DrawFn, width: int = 20, height: int = 3) -> Frame:
    canvas = Canvas(width, height)
    for _ in range(draw(st.integers(0, 6))):
        text = draw(st.text("ab ", max_size=8))
        canvas.put(draw(st.integers(-4, width)), draw(st.integers(-1, height)), text, draw(st.integers(1, 3)))
    return canvas.frame()


@given(frames(), frames(), st.integers(0, 6))
def test_painting_the_changed_spans_gives_the_new_frame(old: Frame, new: Frame, gap: int) -> None:
    rows = [list(zip(text, style_ids, strict=True)) for text, style_ids in zip(old.rows, old.style_rows, strict=True)]
    spans = changed_spans(old, new, gap)
    for y, first, last in spans:
        rows[y][first:last] = list(zip(new.rows[y], new.style_rows[y], strict=True))[first:last]
    assert rows == [
        list(zip(text, style_ids, strict=True)) for text, style_ids in zip(new.rows, new.style_rows, strict=True)
    ]


@given(frames(), frames(), st.integers(0, 6))
def test_spans_begin_and_end_with_a_change_and_lie_apart(old: Frame, new: Frame, gap: int) -> None:
    def differs(y: int, x: int) -> bool:
        return (old.rows[y][x], old.style_rows[y][x]) != (new.rows[y][x], new.style_rows[y][x])

    spans = changed_spans(old, new, gap)
    assert all(differs(y, first) and differs(y, last - 1) for y, first, last in spans)
    for (y, _, end), (next_y, start, _) in pairwise(spans):
        assert next_y > y or start - end > gap


@given(frames())
def test_the_same_frame_has_no_changes(frame: Frame) -> None:
    assert changed_spans(frame, frame) == []


def test_another_size_changes_everything() -> None:
    assert changed_spans(Canvas(3, 1).frame(), Canvas(4, 2).frame()) == [(0, 0, 4), (1, 0, 4)]


def test_blanks_have_no_style() -> None:
    canvas = Canvas(4, 1)
    canvas.put(0, 0, "a b", 7)
    assert [list(row) for row in canvas.frame().style_rows] == [[7, 0, 7, 0]]


def test_a_canvas_ignores_what_lies_outside() -> None:
    canvas = Canvas(3, 1)
    canvas.put(-2, 0, "abcdefg", 1)
    canvas.put(0, 5, "no", 1)
    assert canvas.frame().rows == ("cde",)
