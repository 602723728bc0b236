"""The model view: what the network does, as a picture of cells, a few times a second while it trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from rich.style import Style

from ...chart import Frame
from ...chart.styles import STYLE_COUNT as CHART_STYLES
from ...sight import Panel, boundary_frame, fit_frame, loss_frame
from ...sight.ink import INKS, LEVELS, class_and_shade, shades_of
from .frame_view import FrameView
from .palette import sixteen_colors, slot_color, slot_style

Sight = Literal["model", "loss"]

_TOWARDS_BACKGROUND = (0.90, 0.80, 0.68, 0.55)
"""How much of a class's colour gives way to the background, at each level of confidence."""


class ModelView(FrameView):
    """Shows the decision boundary or the fit of one or several runs, or their losses as functions."""

    LEAST_SECONDS: ClassVar[float] = 0.25
    SECONDS_A_CELL: ClassVar[float] = 1 / 1000

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:  # noqa: A002
        """ascii: draw with nothing but ASCII."""
        super().__init__(id=id)
        self._ascii = ascii
        self._sight: Sight = "model"
        self._panels: tuple[Panel, ...] = ()

    @property
    def panels(self) -> tuple[Panel, ...]:
        """What is shown."""
        return self._panels

    def show(self, sight: Sight, panels: Sequence[Panel], at_once: bool) -> None:
        """Show these panels from now on; what is live may wait a little, what a person asked for is drawn `at_once`."""
        self._sight, self._panels = sight, tuple(panels)
        if at_once:
            self.draw()
        else:
            self.draw_soon()

    def paint_frame(self) -> Frame:
        """The panels as they are at present."""
        width, height = self.content_size
        if self._sight == "loss":
            return loss_frame(self._panels, width, height, self._ascii)
        if self._panels and self._panels[0].experiment.dataset_entry.task == "regression":
            return fit_frame(self._panels, width, height, self._ascii)
        return boundary_frame(self._panels, width, height, self._ascii, textured=self._textured)

    @property
    def _textured(self) -> bool:
        """Whether classes have to be told apart without mixed colours."""
        return bool(self.app.no_color) or sixteen_colors(self.app)

    def ink_styles(self) -> Sequence[Style]:
        """The chart's inks, and those of the plane: half blocks in the colours of two shades, rows of data on them."""
        background = self.background_colors[1]
        ansi = sixteen_colors(self.app)
        flat = self._ascii or self._textured

        def shade(number: int) -> Style:
            which, level = divmod(number, LEVELS)
            color = slot_color(which, background).blend(background, _TOWARDS_BACKGROUND[level])
            return Style(color=color.rich_color, bgcolor=color.rich_color)

        styles = list(super().ink_styles())
        for ink in range(CHART_STYLES, INKS):
            halves, row = shades_of(ink), class_and_shade(ink)
            if flat:
                which = halves[0] // LEVELS if halves else row[0] if row else 0
                styles.append(slot_style(which, background, ansi=ansi))
            elif halves:
                upper, lower = (shade(half).bgcolor for half in halves)
                styles.append(Style(color=None if upper == lower else upper, bgcolor=lower))
            elif row:
                styles.append(Style(color=slot_color(row[0], background).rich_color, bgcolor=shade(row[1]).bgcolor))
        return styles
