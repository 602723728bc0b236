"""What a view is drawn from: one run at one of its epochs."""

from __future__ import annotations

from dataclasses import dataclass

from ..experiment import Experiment
from ..snapshots import Sample, Weights


@dataclass(frozen=True, eq=False)
class Panel:
    """One run in a view; several are drawn side by side, or over one another.

    title: names the run ("#12 bce"). slot: its colour, as in the chart. epoch: after which the weights are; 0 is
    before the first. weights, sample: None while they are not there yet; words: why, in a few words.
    """

    title: str
    experiment: Experiment
    slot: int = 0
    epoch: int | None = None
    weights: Weights | None = None
    sample: Sample | None = None
    words: str = ""
