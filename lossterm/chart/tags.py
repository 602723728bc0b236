"""Labels at the curves' ends, where there is room beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .area import Area
from .curve import Curve
from .frame import Canvas, is_free
from .glyphs import Glyphs, plain
from .ink import SLOTS
from .legend import several
from .ticks import short_text

_LEAST_WIDTH = 50
_VALUES_FROM = 80
_FURTHEST = 6
_FEW = 3


@dataclass(frozen=True)
class _Tag:
    """A text for the end of a curve, which is in cell (column, row) at `height` rows of dots from the top."""

    column: int
    row: int
    height: float
    text: str
    ink: int


def texts(curves: Sequence[Curve], glyphs: Glyphs, width: int, end: float, values: bool = True) -> list[str]:
    """What stands at each curve's end in a chart of `width` cells: glyph, name and, in a wide one, the last value.

    end: the last epoch shown. Among many curves, those still on their way to it go without their value, which would be
    sent anew at each epoch.
    """
    if width < _LEAST_WIDTH:
        return ["" for _ in curves]
    mark, valued = several(curves), values and width >= _VALUES_FROM
    few = len(curves) <= _FEW
    return [_text(each, glyphs, mark=mark, value=valued and (few or _reaches(each, end))) for each in curves]


def _reaches(curve: Curve, end: float) -> bool:
    return len(curve.points.xs) > 0 and float(curve.points.xs[-1]) >= end


def _text(curve: Curve, glyphs: Glyphs, *, mark: bool, value: bool) -> str:
    series = curve.series
    parts = [plain(series.tag or series.label, not glyphs.braille)]
    if mark:
        parts.insert(0, glyphs.markers[series.slot % SLOTS])
    _, ys = curve.track.values(series)
    if value and len(ys):
        parts.append(short_text(float(ys[-1])))
    return " ".join(parts)


def draw_tags(canvas: Canvas, area: Area, curves: Sequence[Curve], names: Sequence[str]) -> None:
    """Write each curve's text right of its end, on the nearest row where it covers nothing; else leave it out."""
    tags = [tag for each, name in zip(curves, names, strict=True) if name and (tag := _tag(each, name, area))]
    for tag in _spread(tags):
        for row in sorted(range(-_FURTHEST, _FURTHEST + 1), key=abs):
            x, y = area.left + tag.column + 2, area.top + tag.row + row
            if area.top <= y < area.top + area.height and is_free(canvas, x - 1, y, len(tag.text) + 1):
                canvas.put(x - 1, y, " " + tag.text, tag.ink)
                break


def _tag(curve: Curve, name: str, area: Area) -> _Tag | None:
    xs, ys = curve.fitted("line", area)
    shown = np.flatnonzero(np.isfinite(ys))
    if not len(shown) or not len(curve.points.xs) or curve.points.xs[-1] > area.high:
        return None
    x, y = float(xs[shown[-1]]), float(ys[shown[-1]])
    column, row = area.cell(x, y)
    return _Tag(column, row, float(area.rows(np.array([y]))[0]), name, curve.ink)


def _spread(tags: Sequence[_Tag]) -> list[_Tag]:
    """Rows of their own for tags that end in the same column, as near to their curves as their order allows."""
    spread: list[_Tag] = []
    for column in {tag.column for tag in tags}:
        group = sorted((tag for tag in tags if tag.column == column), key=lambda tag: tag.height)
        rows = _apart([tag.row for tag in group])
        spread.extend(replace(tag, row=row) for tag, row in zip(group, rows, strict=True))
    return sorted(spread, key=lambda tag: (tag.column, tag.row))


def _apart(rows: Sequence[int]) -> list[int]:
    """Distinct rows in the same order, moved as little as possible: pools of neighbours, each centred on its mean."""
    pools: list[tuple[float, int]] = []
    for row in rows:
        pools.append((float(row), 1))
        while len(pools) > 1 and _end(pools[-2]) > pools[-1][0] - (pools[-1][1] - 1) / 2:
            (centre, size), (last_centre, last_size) = pools[-2:]
            pools[-2:] = [((centre * size + last_centre * last_size) / (size + last_size), size + last_size)]
    return [round(centre - (size - 1) / 2 + 1e-6) + number for centre, size in pools for number in range(size)]


def _end(pool: tuple[float, int]) -> float:
    return pool[0] + (pool[1] + 1) / 2
