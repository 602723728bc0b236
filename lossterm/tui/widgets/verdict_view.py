"""Shows what a comparison says, in the room that there is or whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.style import Style

from ...experiments.progress import ComparisonProgress
from ..verdict_lines import overview, whole
from .lines import Line, Lines
from .palette import sixteen_colors, slot_style


@dataclass(frozen=True)
class VerdictContent:
    """What is shown of a comparison.

    Attributes:
        title: What the comparison is called.
        progress: Where it stands; None while it is being read.
        slots: The colour and glyph of each loss.
    """

    title: str
    progress: ComparisonProgress | None
    slots: Mapping[str, int] = field(default_factory=dict)


class VerdictView(Lines):
    """The verdict of a comparison, in lines."""

    def __init__(self, ascii_only: bool, is_whole: bool = False, id: str = "verdict") -> None:  # noqa: A002
        """`is_whole`: everything that there is, as high as it takes; else what fits."""
        super().__init__(id=id)
        self._ascii, self._whole = ascii_only, is_whole
        self._content: VerdictContent | None = None

    def show_verdict(self, content: VerdictContent) -> None:
        """Show this from now on."""
        if content == self._content:
            return
        self._content = content
        self._fit()
        self.relayout()

    def on_resize(self) -> None:
        """Compose for the new size."""
        self._fit()
        super().on_resize()

    def compose_lines(self, width: int, height: int) -> Sequence[Line]:
        """The lines at this size."""
        content = self._content
        if content is None or not width:
            return []
        if content.progress is None:
            return [[("muted", " working the statistics out …")]]
        if self._whole:
            return whole(content.progress, content.slots, width, self._ascii)
        return overview(content.progress, content.slots, width, height, self._ascii)

    def role_style(self, role: str) -> Style:
        """The style of a role; "slot 3" is that of a loss."""
        kind, _, number = role.partition(" ")
        if kind != "slot":
            return super().role_style(role)
        return slot_style(int(number), self.background_colors[1], ansi=sixteen_colors(self.app))

    def _fit(self) -> None:
        """Take as many lines as everything needs."""
        if self._whole and self.size.width:
            height = max(len(self.compose_lines(self.size.width, 0)), 1)
            if self.styles.height is None or self.styles.height.value != height:
                self.styles.height = height
