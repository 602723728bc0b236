"""Figures of a comparison as SVG, drawn by matplotlib, which is imported inside: no command needs it but a report."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .verdict import Verdict

_MUTED = "#888888"
_WORSE, _BETTER, _OPEN = "#d1495b", "#2a9d8f", "#888888"


def difference_plot(verdict: Verdict) -> str:
    """Draw the mean difference of every loss to the baseline, or to the best, with its 95 % interval.

    Lines and text take the colour of the page around them, light or dark.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    first = verdict.reference
    rows = []
    for pair in verdict.pairs:
        if first == pair.b:
            rows.append((pair.a, pair.difference, pair.interval, {"a": _BETTER, "b": _WORSE}))
        elif first == pair.a:
            turned = (-pair.interval[1], -pair.interval[0])
            rows.append((pair.b, -pair.difference, turned, {"a": _WORSE, "b": _BETTER}))
    outcomes = {
        pair.a if first == pair.b else pair.b: pair.verdict for pair in verdict.pairs if first in (pair.a, pair.b)
    }
    figure = Figure(figsize=(7, 0.9 + 0.35 * len(rows)))
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    axes.axvline(0, color=_MUTED, linewidth=1)
    for place, (loss, difference, (low, high), colours) in enumerate(reversed(rows)):
        colour = colours.get(outcomes[loss], _OPEN)
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot([difference], [place], "o", color=colour)
    axes.set_yticks(range(len(rows)), [loss for loss, *_ in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(f"test {verdict.plan.metric}, difference to {first} (95 % interval)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    return re.sub(r"#000000", "currentColor", svg[svg.index("<svg") :])
