"""Charts as cells: series and a view in, a frame of characters and inks out. Knows no app, no store and no colours."""

from lossterm.chart.frame import Frame, changed_spans
from lossterm.chart.glyphs import marker
from lossterm.chart.painter import Painter, paint
from lossterm.chart.series import Plot, Series, View

__all__ = ["Frame", "Painter", "Plot", "Series", "View", "changed_spans", "marker", "paint"]
