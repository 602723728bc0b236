"""Charts as cells: a plot and a view in, a frame of characters and style ids out. Knows no app, store or colours."""

from .frame import Frame, changed_spans
from .glyphs import marker
from .painter import Painter, paint
from .series import LineStyle, Plot, Series
from .transforms import mean_and_band
from .view_state import ViewState

__all__ = [
    "Frame",
    "LineStyle",
    "Painter",
    "Plot",
    "Series",
    "ViewState",
    "changed_spans",
    "marker",
    "mean_and_band",
    "paint",
]
