"""The app that bench_wire.py runs in a pseudo-terminal: one chart, fed like a live run.

Usage: wire_app.py CASE SECONDS REPORT_FD [--peer]. Writes "start" and then one JSON line of figures to REPORT_FD.
With --peer it needs textual-plotext instead of lossterm.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget

CASE, SECONDS, REPORT = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
PEER = "--peer" in sys.argv
EVERY = 0.1
NAMES = ("mse", "mae", "msle", "bce", "hinge", "cce", "kld")
COUNT = 7 if CASE.startswith("seven") else 2
STEP = {"long": 500, "idle": 0}.get(CASE, 2)
PLANNED = 100_000 if CASE == "long" else 300


def value(curve: int, epoch: int, chance: random.Random) -> float:
    """A curve that falls and settles, with some noise."""
    return 0.3 + 0.02 * curve + 0.4 * math.exp(-8 * epoch / PLANNED) + chance.gauss(0, 0.004)


class Bench(App[None]):
    """Feeds the chart ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self.xs: list[list[float]] = [[] for _ in range(COUNT)]
        self.ys: list[list[float]] = [[] for _ in range(COUNT)]
        self.chance = random.Random(1)
        self.started = 0.0
        self.cpu = 0.0

    def compose(self) -> ComposeResult:
        """One chart, as large as the terminal."""
        yield chart()

    def on_mount(self) -> None:
        """Let the first screen reach the terminal before counting starts."""
        for curve in range(COUNT):
            self.grow(curve, PLANNED if self.is_done(curve) else max(STEP, 2))
        self.show()
        self.set_timer(1.0, self.begin)

    def is_done(self, curve: int) -> bool:
        """Whether a curve belongs to a run that has ended already."""
        return CASE == "seven" and curve < COUNT - 1

    def grow(self, curve: int, epochs: int) -> None:
        """Append epochs to a curve."""
        xs, ys = self.xs[curve], self.ys[curve]
        for epoch in range(len(xs) + 1, min(len(xs) + epochs, PLANNED) + 1):
            xs.append(epoch)
            ys.append(value(curve, epoch, self.chance))

    def begin(self) -> None:
        """Start counting."""
        self.started, self.cpu = time.monotonic(), time.process_time()
        os.write(REPORT, b"start\n")
        self.set_interval(EVERY, self.tick)
        self.set_timer(SECONDS, self.finish)

    def tick(self) -> None:
        """One update."""
        for curve in range(COUNT):
            if not self.is_done(curve):
                self.grow(curve, STEP)
        self.show()

    def finish(self) -> None:
        """Report and leave."""
        figures = {"wall": time.monotonic() - self.started, "cpu": time.process_time() - self.cpu}
        os.write(REPORT, json.dumps(figures).encode() + b"\n")
        self.set_timer(0.5, self.exit)

    def show(self) -> None:
        """Draw what there is."""
        show(self.query_one("#chart"), self.xs, self.ys)


if PEER:
    from textual_plotext import PlotextPlot

    def chart() -> Widget:
        """The peer's widget."""
        return PlotextPlot(id="chart")

    def show(widget: Any, xs: list[list[float]], ys: list[list[float]]) -> None:
        """The same curves, in the peer's way."""
        plot = widget.plt
        plot.clear_figure()
        plot.xlim(1, PLANNED)
        for curve in range(COUNT):
            plot.plot(xs[curve], ys[curve], marker="braille", label=NAMES[curve])
        widget.refresh()

else:
    from lossterm.chart import Series, ViewState
    from lossterm.tui.widgets.loss_chart import LossChart

    def chart() -> Widget:
        """Our widget."""
        return LossChart(id="chart")

    def show(widget: Any, xs: list[list[float]], ys: list[list[float]]) -> None:
        """The curves, in our way."""
        two = COUNT == 2
        widget.show(
            [
                Series(
                    ("train", "test")[curve] if two else NAMES[curve],
                    xs[curve],
                    ys[curve],
                    slot=0 if two else curve,
                    line_style="dotted" if two and curve == 0 else "solid",
                    best=ys[curve].index(min(ys[curve])) if curve or not two else None,
                )
                for curve in range(COUNT)
            ],
            x_range=(1, PLANNED),
            y_label="binary cross-entropy",
            floor=0.0,
        )
        if CASE == "two-smooth":
            widget.set_view(ViewState(log=True, smoothing=0.6))


if __name__ == "__main__":
    Bench().run()
