"""Charts as cells: series and a view in, a frame of characters and inks out. Knows no app, no store and no colours."""

from .band import mean_and_band
from .frame import Frame, changed_spans
from .glyphs import marker
from .painter import Painter, paint
from .series import Plot, Series, View

__all__ = ["Frame", "Painter", "Plot", "Series", "View", "changed_spans", "marker", "mean_and_band", "paint"]
