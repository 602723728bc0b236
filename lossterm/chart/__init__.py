"""Charts as cells: series and a view in, a frame of characters and inks out. Knows no app, no store and no colours."""

from .frame import Frame, changed_spans
from .glyphs import marker
from .painter import Painter, paint
from .series import Plot, Series, View

__all__ = ["Frame", "Painter", "Plot", "Series", "View", "changed_spans", "marker", "paint"]
