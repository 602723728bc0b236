"""Figures of a comparison as SVG, drawn by matplotlib, which is imported inside: no command needs it but a report."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .verdict import Verdict

_MUTED = "#888888"
_WORSE, _BETTER = "#d1495b", "#2a9d8f"


def difference_plot(verdict: Verdict) -> str:
    """Draw the mean difference of every loss to the baseline, or to the best, with its 95 % interval.

    Lines and text take the colour of the page around them, light or dark.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    first = verdict.reference
    pairs = verdict.pairs_with(first)
    figure = Figure(figsize=(7, 0.9 + 0.35 * len(pairs)))
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    axes.axvline(0, color=_MUTED, linewidth=1)
    colours = {"a": _WORSE, "b": _BETTER}
    for place, pair in enumerate(reversed(pairs)):
        colour = colours.get(pair.verdict, _MUTED)
        axes.plot([-pair.interval[1], -pair.interval[0]], [place, place], color=colour, linewidth=2)
        axes.plot([-pair.difference], [place], "o", color=colour)
    axes.set_yticks(range(len(pairs)), [pair.b for pair in reversed(pairs)])
    axes.set_ylim(-0.6, len(pairs) - 0.4)
    axes.set_xlabel(f"test {verdict.plan.metric}, difference to {first} (95 % interval)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return re.sub(r"#000000", "currentColor", svg[svg.index("<svg") :])
