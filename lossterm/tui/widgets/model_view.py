"""The model view: what the network does, as a picture of cells, a few times a second while it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import ClassVar

from rich.style import Style

from ...chart import Frame
from ...model_view import Panel, decision_boundary_frame, errors_frame, loss_shape_frame, predicted_vs_true_frame
from ...model_view.styles import class_and_level, halves_of, point_of
from ..run_data import ModelViewKind
from .frame_view import FrameView
from .palette import sixteen_colors, slot_color, slot_style

_TOWARDS_BACKGROUND = (0.90, 0.80, 0.68, 0.55)
"""How much of a class's colour gives way to the background, at each level of confidence."""


class ModelView(FrameView):
    """Shows the decision boundary or the fit of one or several runs, their losses as functions, or their errors."""

    LEAST_SECONDS: ClassVar[float] = 0.25
    SECONDS_A_CELL: ClassVar[float] = 1 / 1000

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:  # noqa: A002
        """ascii: draw with nothing but ASCII."""
        super().__init__(id=id)
        self._ascii = ascii
        self._kind: ModelViewKind = "model"
        self._panels: tuple[Panel, ...] = ()

    @property
    def panels(self) -> tuple[Panel, ...]:
        """What is shown."""
        return self._panels

    def show(self, kind: ModelViewKind, panels: Sequence[Panel], at_once: bool) -> None:
        """Show these panels from now on; what is live may wait a little, what a person asked for is drawn `at_once`."""
        self._kind, self._panels = kind, tuple(panels)
        if at_once:
            self.draw()
        else:
            self.draw_soon()

    def paint_frame(self) -> Frame:
        """The panels as they are at present."""
        width, height = self.content_size
        if self._kind == "loss":
            return loss_shape_frame(self._panels, width, height, self._ascii)
        if self._kind == "errors":
            return errors_frame(self._panels, width, height, self._ascii)
        if self._panels and self._panels[0].config.task.picture == "predicted_vs_true":
            return predicted_vs_true_frame(self._panels, width, height, self._ascii)
        return decision_boundary_frame(self._panels, width, height, self._ascii, textured=self._textured)

    @property
    def _textured(self) -> bool:
        """Whether classes have to be told apart without mixed colours."""
        return bool(self.app.no_color) or sixteen_colors(self.app)

    def cell_styles(self) -> Mapping[int, Style]:
        """The styles of the chart, and those of the plane: half blocks in the colours of two shades, rows on them."""
        background = self.background_colors[1]
        ansi = sixteen_colors(self.app)
        flat = self._ascii or self._textured

        @cache
        def shade(number: int) -> Style:
            which, level = class_and_level(number)
            color = slot_color(which, background).blend(background, _TOWARDS_BACKGROUND[level])
            return Style(color=color.rich_color, bgcolor=color.rich_color)

        def make(style_id: int) -> Style:
            halves, point = halves_of(style_id), point_of(style_id)
            if flat:
                which = class_and_level(halves[0])[0] if halves else point[0] if point else 0
                return slot_style(which, background, ansi=ansi)
            if halves:
                upper, lower = (shade(half).bgcolor for half in halves)
                return Style(color=None if upper == lower else upper, bgcolor=lower)
            if point:
                return Style(color=slot_color(point[0], background).rich_color, bgcolor=shade(point[1]).bgcolor)
            raise KeyError(style_id)

        return _Made(super().cell_styles(), make)


class _Made(dict[int, Style]):
    """Styles that are made when they are first asked for: of several thousand a picture shows a few dozen."""

    def __init__(self, known: Mapping[int, Style], make: Callable[[int], Style]) -> None:
        super().__init__(known)
        self._make = make

    def __missing__(self, style_id: int) -> Style:
        style = self[style_id] = self._make(style_id)
        return style
